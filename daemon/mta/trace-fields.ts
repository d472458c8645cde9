/**
 * What a message says of its way and of itself: the Received field that this machine adds (RFC 5321 §4.4), subject and
 * message id for lists, and whether it goes in circles.
 */
import type { HeaderBlock } from '../authentication/header-fields.ts';
import { countFields, firstText } from '../authentication/header-fields.ts';
import type { Address } from '../wire/ids.ts';
import { decodeWords } from '../wire/mime/encoded-words.ts';
import { receivedHeader } from '../wire/smtp/received.ts';
import { printable } from '../wire/smtp/reply.ts';
import type { Peer } from './receive/transaction.ts';

const SUBJECT_CHARS = 200;
/** RFC 5321 §6.3 asks for at least 100; 50 is Postfix's hopcount_limit and ends loops sooner. */
const MAX_HOPS = 50;

export interface ReceivedFacts {
  readonly peer: Peer;
  readonly by: string;
  readonly id: string;
  readonly isUtf8: boolean;
  /** The only recipient, undefined when there are several (RFC 5321 §7.2 keeps blind copies blind). */
  readonly recipient: Address | undefined;
  readonly atMs: number;
}

/** The whole field with its CRLF. Where our own account's mail comes from stays between it and us (tracking knows). */
export function receivedField({ peer, by, id, isUtf8, recipient, atMs }: ReceivedFacts): string {
  const isAuthenticated = peer.account !== undefined;
  const remoteAddress = isAuthenticated ? undefined : peer.clientAddress;
  const { helo, isExtended, tls } = peer;
  return receivedHeader({ helo, remoteAddress, by, isExtended, isAuthenticated, isUtf8, tls, id, for: recipient, timeMs: atMs });
}

/** The subject as people read it, for lists. */
export function subjectOf(header: HeaderBlock): string {
  return printable(decodeWords(firstText(header, 'subject', 2_000, 'latin1')).slice(0, SUBJECT_CHARS));
}

export function messageIdOf(header: HeaderBlock): string {
  return printable(firstText(header, 'message-id', 1_000));
}

/** RFC 5321 §6.3: a message that came round too often. */
export function isLooping(header: HeaderBlock): boolean {
  return countFields(header, 'received') > MAX_HOPS;
}
