/**
 * What a server's reply means for the recipient it was given to: final or not, and which of the queue page's reasons it is.
 * Pure. Enhanced status codes lead; texts are looked at only where servers say the same thing in many ways.
 *
 * Specifications: RFC 5321 §4.2.1 (classes), RFC 3463 and the IANA registry (enhanced codes), RFC 6647 (greylisting).
 */
import type { QueueReason } from '../../queue/queue.ts';

export interface ReplyFacts {
  /** 0 when it is no SMTP reply. */
  readonly code: number;
  /** `x.y.z`, derived from the code when the server gave none. */
  readonly status: string;
}

const REPLY = /^([2-5]\d\d)(?:[ -]|$)(?:([245]\.\d{1,3}\.\d{1,3})(?: |$))?/;

export function readReply(reply: string): ReplyFacts {
  const match = REPLY.exec(reply);
  if (match === null) return { code: 0, status: '4.0.0' };
  const code = Number(match[1]);
  const given = match[2];
  // RFC 2034 §4: the class of the enhanced code has to be that of the reply.
  if (given !== undefined && given[0] === match[1]?.[0]) return { code, status: given };
  return { code, status: `${Math.floor(code / 100)}.0.0` };
}

/** RFC 5321 §4.2.1: only 5yz is final; what is no reply at all is not. */
export function isFinal(reply: string): boolean {
  return readReply(reply).code >= 500;
}

const GREYLISTED =
  /gr[ae]y.?list|try again (?:later|in|after)|come back later|retry (?:later|in|after)|temporarily (?:deferred|rejected)|not yet authorized|please retry/i;
const LIMITED = /rate|too many|throttl|limit|exceed|frequen|quota for (?:this|your) (?:ip|host)|volume/i;
const FULL = /mailbox (?:is )?full|over ?quota|quota exceeded|insufficient (?:system )?storage|out of (?:disk )?space/i;

/** The reason of a 4yz reply. `code` 450 and 451 without more are how most greylisting looks. */
export function deferReason(reply: string): QueueReason {
  const { code, status } = readReply(reply);
  if (status.endsWith('.2.2') || FULL.test(reply)) return 'full';
  if (code === 421 || status === '4.3.2' || status === '4.4.2') return LIMITED.test(reply) ? 'limited' : 'busy';
  if (GREYLISTED.test(reply) && code >= 450 && code <= 451) return 'greylisted';
  if (status === '4.7.28' || status === '4.7.650' || LIMITED.test(reply)) return 'limited';
  if ((code === 450 || code === 451) && status === '4.7.1') return 'greylisted';
  if (code === 452 || status.startsWith('4.3.')) return 'busy';
  return 'other';
}

/** RFC 5321 §4.5.3.1.10: "too many recipients" for this transaction (452, and by old servers 552). */
export function isTooManyRecipients(reply: string): boolean {
  const { code, status } = readReply(reply);
  if (status.endsWith('.5.3')) return true;
  return (code === 452 || code === 552) && !status.endsWith('.2.2') && !FULL.test(reply);
}
