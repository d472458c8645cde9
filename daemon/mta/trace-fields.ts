/**
 * The Received field that this machine adds (RFC 5321 §4.4), and what it says for lists: subject, message id.
 *
 * 1. What the client claimed stands in the field only if it is harmless there; its address is the socket's.
 */
import { isIPv6 } from 'node:net';
import type { HeaderBlock } from '../authentication/header-fields.ts';
import { countFields, firstText } from '../authentication/header-fields.ts';
import { decodeWords } from '../wire/mime/encoded-words.ts';
import type { Peer } from './receive/transaction.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SUBJECT_CHARS = 200;
/** RFC 5321 §6.3 asks for at least 100; 50 is Postfix's hopcount_limit and ends loops sooner. */
const MAX_HOPS = 50;

export interface ReceivedFacts {
  readonly peer: Peer;
  readonly hostname: string;
  readonly id: string;
  readonly smtpUtf8: boolean;
  /** The only recipient, undefined when there are several (RFC 5321 §7.2 keeps blind copies blind). */
  readonly recipient: string | undefined;
  readonly atMs: number;
}

/** The whole field with its CRLF. */
export function receivedField({ peer, hostname, id, smtpUtf8, recipient, atMs }: ReceivedFacts): string {
  const helo = /^[A-Za-z0-9._:[\]-]{1,255}$/.test(peer.helo) ? peer.helo : 'unknown';
  const address = isIPv6(peer.clientAddress) ? `IPv6:${peer.clientAddress}` : peer.clientAddress;
  const tls = peer.tls === '' ? '' : `\r\n\t(${peer.tls})`;
  const authenticated = peer.account === undefined ? '' : ' (authenticated)';
  const whom = recipient === undefined ? '' : `\r\n\tfor <${recipient}>`;
  return `Received: from ${helo} ([${address}])${authenticated}${tls}\r\n\tby ${hostname} with ${transmission(peer, smtpUtf8)} id ${id}${whom};\r\n\t${mailDate(atMs)}\r\n`;
}

/** RFC 3848, RFC 6531 §4.3: how it came. */
function transmission(peer: Peer, smtpUtf8: boolean): string {
  if (!peer.isExtended) return 'SMTP';
  const suffix = `${peer.isSecure ? 'S' : ''}${peer.account === undefined ? '' : 'A'}`;
  return `${smtpUtf8 ? 'UTF8SMTP' : 'ESMTP'}${suffix}`;
}

/** RFC 5322 §3.3 date-time in UTC. */
export function mailDate(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  return `${DAYS[at.getUTCDay()]}, ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} ${clock} +0000`;
}

/** The subject as people read it, for lists. */
export function subjectOf(header: HeaderBlock): string {
  return oneLine(decodeWords(firstText(header, 'subject', 2_000, 'latin1')), SUBJECT_CHARS);
}

export function messageIdOf(header: HeaderBlock): string {
  return oneLine(firstText(header, 'message-id', 1_000), 998);
}

/** RFC 5321 §6.3: a message that came round too often. */
export function isLooping(header: HeaderBlock): boolean {
  return countFields(header, 'received') > MAX_HOPS;
}

function oneLine(text: string, limit: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: lists are told no control characters
  return text.slice(0, limit).replace(/[\x00-\x1f\x7f]/g, ' ');
}
