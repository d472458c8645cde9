/**
 * Domain names as the resolver keys and sends them, and the names under which addresses are looked up backwards.
 *
 * Invariant: a normal name is ASCII, lower case, without the final dot, its labels 1-63 octets, at most 253 in all
 * (RFC 1035 §2.3.4); underscores and other printable characters are allowed, DNS itself does not mind them.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { domainToASCII } from 'node:url';

/** The normal form of a name, or undefined when DNS cannot hold such a name. Non-ASCII names become A-labels. */
export function normalName(name: string): string | undefined {
  let plain = name;
  if (!isPrintableAscii(plain)) {
    plain = domainToASCII(plain);
    // The URL rules turn `0x7f.1` and its kin into addresses: a name never becomes one.
    if (plain === '' || isIPv4(plain) || !isPrintableAscii(plain)) return undefined;
  }
  if (plain.charCodeAt(plain.length - 1) === 0x2e) plain = plain.slice(0, -1);
  if (plain.length === 0 || plain.length > 253) return undefined;
  let label = 0;
  for (let i = 0; i <= plain.length; i++) {
    if (i < plain.length && plain.charCodeAt(i) !== 0x2e) {
      label++;
      continue;
    }
    if (label === 0 || label > 63) return undefined;
    label = 0;
  }
  return plain.toLowerCase();
}

function isPrintableAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return true;
}

/** The name for a backward look-up (RFC 1035 §3.5, RFC 3596 §2.5), or undefined when the text is no address. */
export function reverseName(address: string): string | undefined {
  const plain = normalAddress(address);
  if (plain === undefined) return undefined;
  if (isIPv4(plain)) return `${plain.split('.').reverse().join('.')}.in-addr.arpa`;
  const [left = '', right] = plain.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  const nibbles = groups.map((group) => group.padStart(4, '0')).join('');
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`;
}

/**
 * One spelling for each address: IPv6 as RFC 5952 has it, an IPv4-mapped one as IPv4, no zone.
 * Undefined when the text is no address.
 */
export function normalAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  if (!isIPv6(bare)) return undefined;
  const plain = new SocketAddress({ address: bare, family: 'ipv6' }).address.toLowerCase();
  const mapped = plain.startsWith('::ffff:') ? plain.slice(7) : '';
  return isIPv4(mapped) ? mapped : plain;
}
