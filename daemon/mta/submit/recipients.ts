/**
 * Who a submitted message goes to: recipients on this machine are resolved here and never leave it, all others are remote.
 */

import type { Mailbox } from '../../wire/address/mailbox.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from '../receive/context.ts';
import { fullReply } from '../receive/mailbox-full.ts';
import type { RecipientAnswer, RecipientNotice } from '../receive/profile.ts';

const UNKNOWN = reply(550, '1.1', 'There is no such address here');
const SUSPENDED = reply(550, '2.1', 'This mailbox does not take mail at the moment');
const TEMPORARY = reply(451, '3.0', 'The address cannot be looked up at the moment, try again later');
// RFC 5321 §4.1.3: literals bypass the DNS; no mail of this machine's customers needs them.
const LITERAL = reply(550, '1.2', 'Write the address with a domain name');

export type RecipientContext = Pick<ReceiverContext, 'directory' | 'now'>;

/** Answers one recipient of a submission. */
export function resolveRecipient(context: RecipientContext, mailbox: Mailbox, notice: RecipientNotice): RecipientAnswer {
  const { address, domain } = mailbox;
  if (domain === undefined) return refuse(LITERAL, false);
  const resolution = context.directory.resolve(address);
  switch (resolution.kind) {
    case 'not-ours':
      // A suspended domain of ours is not another server's.
      if (context.directory.isLocalDomain(domain)) return refuse(SUSPENDED, false);
      return { kind: 'accepted', recipient: { address, destinations: undefined, customer: null, ...notice } };
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

function refuse(said: Reply, isGuess: boolean): RecipientAnswer {
  return { kind: 'refused', reply: said, isGuess };
}
