/**
 * Which addresses no foreign mail server can have: loopback, private, link-local, multicast and the rest that the
 * Internet does not route (RFC 6890 §2.2). The documentation networks are not among them.
 */
import { BlockList, isIPv4 } from 'node:net';
import { normalAddress } from './names.ts';

const UNROUTED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];
const UNROUTED_V6: readonly (readonly [string, number])[] = [
  ['::', 127],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

const UNROUTED = new BlockList();
for (const [network, prefix] of UNROUTED_V4) UNROUTED.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of UNROUTED_V6) UNROUTED.addSubnet(network, prefix, 'ipv6');

/** True for an address that only machines near this one can have, and for text that is no address. */
export function isUnroutedAddress(address: string): boolean {
  const plain = normalAddress(address);
  return plain === undefined || UNROUTED.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
