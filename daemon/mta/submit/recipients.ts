/**
 * Who a submitted message goes to: recipients on this machine are resolved here and never leave it, all others are remote.
 */

import type { Mailbox } from '../../wire/address/mailbox.ts';
import { reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from '../receive/context.ts';
import type { RecipientAnswer, RecipientNotice } from '../receive/profile.ts';
import { answerRecipient, refuse, SUSPENDED } from '../receive/recipient-answers.ts';

// RFC 5321 §4.1.3: literals bypass the DNS; no mail of this machine's customers needs them.
const LITERAL = reply(550, '1.2', 'Write the address with a domain name');

export type RecipientContext = Pick<ReceiverContext, 'directory' | 'now'>;

/** Answers one recipient of a submission. */
export function resolveRecipient(context: RecipientContext, mailbox: Mailbox, notice: RecipientNotice): RecipientAnswer {
  const { address, domain } = mailbox;
  if (domain === undefined) return refuse(LITERAL, false);
  const resolution = context.directory.resolve(address);
  if (resolution.kind !== 'not-ours') return answerRecipient(context, { address, resolution, notice });
  // A suspended domain of ours is not another server's.
  if (context.directory.isLocalDomain(domain)) return refuse(SUSPENDED, false);
  return { kind: 'accepted', recipient: { address, destinations: undefined, customer: null, ...notice } };
}
