/**
 * Answers to RCPT that both listeners give in the same words: what the directory's resolution of an address means.
 */
import type { Resolution } from '../../directory/directory.ts';
import type { Address } from '../../wire/ids.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from './context.ts';
import { fullReply } from './mailbox-full.ts';
import type { RecipientAnswer, RecipientNotice } from './profile.ts';

export const UNKNOWN = reply(550, '1.1', 'There is no such address here');
export const SUSPENDED = reply(550, '2.1', 'This mailbox does not take mail at the moment');
const TEMPORARY = reply(451, '3.0', 'The address cannot be looked up at the moment, try again later');

export interface ResolvedRecipient {
  readonly address: Address;
  /** What is not ours is the listener's own business. */
  readonly resolution: Exclude<Resolution, { kind: 'not-ours' }>;
  readonly notice: RecipientNotice;
}

export function answerRecipient(
  context: Pick<ReceiverContext, 'directory' | 'now'>,
  { address, resolution, notice }: ResolvedRecipient,
): RecipientAnswer {
  switch (resolution.kind) {
    case 'unknown':
      return refuse(UNKNOWN, true);
    case 'refused':
      return refuse(reply(550, '7.1', resolution.text), false);
    case 'suspended':
      return refuse(SUSPENDED, false);
    case 'temporary':
      return refuse(TEMPORARY, false);
    case 'deliverable': {
      const full = fullReply(context, resolution.destinations);
      if (full !== undefined) return refuse(full, false);
      return { kind: 'accepted', recipient: { address, destinations: resolution.destinations, customer: resolution.customer, ...notice } };
    }
  }
}

/** `isGuess`: no such address, or relaying: too many of them end the session. */
export function refuse(said: Reply, isGuess: boolean): RecipientAnswer {
  return { kind: 'refused', reply: said, isGuess };
}
