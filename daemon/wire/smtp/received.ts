/**
 * The trace fields that we put on top of a message.
 *
 * 1. What a peer said of itself never breaks out of its place: a HELO that is no domain or literal goes into a
 *    comment, stripped to safe characters.
 * 2. `for` is written only when the caller gives it, which it does for a single recipient (RFC 5321 §7.2).
 * Specifications: RFC 5321 §4.4, RFC 3848 and RFC 6531 §3.7.3 (with), RFC 8314 §7.4 (tls).
 */
import { isIPv6 } from 'node:net';
import { parseDomain } from '../address/domain.ts';
import type { Address } from '../ids.ts';
import { formatDate } from '../mime/date.ts';

export interface Hop {
  /** As the client said it. */
  readonly helo: string;
  /** The client's IP address, or undefined when its origin is kept back (submission). */
  readonly remoteAddress: string | undefined;
  /** The client's name as DNS confirms it. */
  readonly remoteName?: string | undefined;
  readonly by: string;
  readonly isExtended: boolean;
  readonly isAuthenticated: boolean;
  readonly isUtf8: boolean;
  /** Version and cipher as Node names them; undefined without TLS. */
  readonly tls?: { readonly version: string; readonly cipher: string } | undefined;
  readonly id: string;
  readonly for?: Address | undefined;
  readonly timeMs: number;
  readonly zoneMinutes?: number;
}

const LINE_CHARS = 78;

/** A complete Received field, folded, with CRLF. */
export function receivedHeader(hop: Hop): string {
  const clauses = [`from ${fromClause(hop)}`, `by ${hop.by}`, `with ${protocolOf(hop)}`];
  // RFC 8314 §7.4 asks for a tls clause; the comment is what other programs read and write.
  if (hop.tls !== undefined) clauses.push(`(${safe(hop.tls.version)} ${safe(hop.tls.cipher)})`);
  clauses.push(`id ${safe(hop.id)}`);
  if (hop.for !== undefined) clauses.push(`for <${hop.for}>`);
  clauses[clauses.length - 1] += ';';
  clauses.push(formatDate(hop.timeMs, hop.zoneMinutes));
  return foldClauses('Received:', clauses);
}

/** RFC 5321 §4.4: the envelope sender, put on at final delivery; '' is the null path. */
export function returnPathHeader(sender: Address | ''): string {
  return `Return-Path: <${sender}>\r\n`;
}

/** Joins clauses with spaces, and with a fold where a line would pass 78 characters. */
export function foldClauses(name: string, clauses: readonly string[]): string {
  let text = name;
  let column = name.length;
  for (const clause of clauses) {
    const needsFold = column + 1 + clause.length > LINE_CHARS && column > name.length;
    text += needsFold ? `\r\n\t${clause}` : ` ${clause}`;
    column = needsFold ? 8 + clause.length : column + 1 + clause.length;
  }
  return `${text}\r\n`;
}

/** RFC 3848: the parts that an ESMTP session adds to its name. */
export function protocolOf(session: Pick<Hop, 'isExtended' | 'isAuthenticated' | 'isUtf8' | 'tls'>): string {
  const suffix = `${session.tls === undefined ? '' : 'S'}${session.isAuthenticated ? 'A' : ''}`;
  if (session.isUtf8) return `UTF8SMTP${suffix}`;
  return session.isExtended || suffix !== '' ? `ESMTP${suffix}` : 'SMTP';
}

function fromClause({ helo, remoteAddress, remoteName }: Hop): string {
  const literal = remoteAddress === undefined ? undefined : isIPv6(remoteAddress) ? `[IPv6:${remoteAddress}]` : `[${safe(remoteAddress)}]`;
  const domain = parseDomain(helo);
  const isPlain = domain !== undefined || /^\[[0-9A-Za-z:.]+\]$/.test(helo);
  const said = domain ?? (isPlain ? helo : (literal ?? 'unknown'));
  const name = remoteName === undefined ? undefined : parseDomain(remoteName);
  const details = [isPlain ? '' : `helo=${safe(helo)}`, name ?? '', literal ?? ''].filter((detail) => detail !== '');
  return details.length === 0 ? said : `${said} (${details.join(' ')})`;
}

/** Characters that mean nothing in a header field. */
function safe(text: string): string {
  return text.slice(0, 200).replace(/[^A-Za-z0-9._:@=+/-]/g, '?');
}
