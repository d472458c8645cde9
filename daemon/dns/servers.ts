/**
 * Which name servers are asked: read from a setting (`127.0.0.1:53, [::1]:5353`) or from resolv.conf.
 *
 * Invariants: 1. a server is an address, never a name; 2. at most eight are kept, in the order given.
 */
import { isIP } from 'node:net';
import { isLoopback } from '../lib/ip-address.ts';
import { normalAddress } from './names.ts';

export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

const MAX_SERVERS = 8;

/**
 * Reads a comma or space separated list of `addr`, `addr:port` and `[v6]:port`.
 * @throws {RangeError} naming the entry that is no address and port.
 */
export function parseServers(text: string): ServerAddress[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.slice(0, MAX_SERVERS).map(parseServer);
}

function parseServer(entry: string): ServerAddress {
  const close = entry.indexOf(']');
  let address = entry;
  let port = '53';
  if (entry.startsWith('[') && close > 0) {
    address = entry.slice(1, close);
    if (entry.length > close + 1) port = entry[close + 1] === ':' ? entry.slice(close + 2) : '';
  } else if (entry.split(':').length === 2) {
    [address = '', port = ''] = entry.split(':');
  }
  const number = Number(port);
  if (isIP(address) === 0 || !Number.isInteger(number) || number < 1 || number > 65535) {
    throw new RangeError(`"${entry}" is no name server: write address:port, IPv6 as [address]:port`);
  }
  return { address, port: number };
}

/** The name servers of a resolv.conf; the loopback resolver when it names none, as resolv.conf(5) has it. */
export function serversFromResolvConf(text: string): ServerAddress[] {
  const servers: ServerAddress[] = [];
  for (const line of text.split('\n')) {
    const [word, address = ''] = line.trim().split(/\s+/);
    if (word === 'nameserver' && isIP(address) !== 0 && servers.length < MAX_SERVERS) servers.push({ address, port: 53 });
  }
  return servers.length > 0 ? servers : [{ address: '127.0.0.1', port: 53 }];
}

/** The configured servers, or those of the system when none are configured. */
export function chooseServers(configured: readonly string[], readResolvConf: () => string): ServerAddress[] {
  return configured.length > 0 ? parseServers(configured.join(' ')) : serversFromResolvConf(readResolvConf());
}

/** `address:port`, IPv6 in brackets: how a server is named in findings and logs. */
export function serverText(server: ServerAddress): string {
  return server.address.includes(':') ? `[${server.address}]:${server.port}` : `${server.address}:${server.port}`;
}

/** True for a server on this machine: only its AD bit crosses no network (RFC 4035 §4.9.3). */
export function isLoopbackServer(server: ServerAddress): boolean {
  return isLoopback(normalAddress(server.address));
}
