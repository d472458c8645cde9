/**
 * Recipients of ours in the queue: handed to the MDA, or, when their domain came to us only after the message was queued,
 * put again for the mailboxes they lead to.
 */
import type { Directory } from '../../directory/directory.ts';
import type { ClaimedMessage, ClaimedRecipient } from '../../queue/claim.ts';
import type { DeliverLocal, LocalDelivery, NewQueueMessage, QueueRecipient } from '../../queue/queue.ts';
import { destinationsOf } from './addressees.ts';
import type { Batch, RecipientOutcome } from './outcome.ts';

/** One delivery into a mailbox. Never rejects: what throws is put off. */
export async function deliverHere(
  message: ClaimedMessage,
  recipient: ClaimedRecipient,
  body: Uint8Array,
  deliver: DeliverLocal,
): Promise<RecipientOutcome> {
  const told = { recipient, remote: '', detail: {} };
  try {
    const outcome = await deliver(toDelivery(message, recipient, body));
    switch (outcome.kind) {
      case 'delivered':
        return {
          ...told,
          kind: 'delivered',
          reply: '250 2.0.0 Delivered',
          detail: { folder: outcome.folder },
          noticesPassedOn: false,
          isLocal: true,
          junk: outcome.junk,
        };
      case 'discarded':
        return { ...told, kind: 'discarded', reply: outcome.detail };
      case 'failed':
        return { ...told, kind: 'failed', reply: outcome.reply };
      case 'deferred':
        return { ...told, kind: 'deferred', reply: outcome.reply, reason: outcome.reason, notBeforeMs: 0, counts: true };
    }
  } catch {
    // The MDA logs its defects; here it is a store thread that restarts.
    return {
      ...told,
      kind: 'deferred',
      reply: '451 4.3.0 The mailbox cannot be reached at the moment',
      reason: 'local',
      notBeforeMs: 0,
      counts: true,
    };
  }
}

function toDelivery(message: ClaimedMessage, { number, recipient }: ClaimedRecipient, body: Uint8Array): LocalDelivery {
  const { id, sender, origin, vouched, receivedAtMs, subject, messageId, customer } = message;
  const local = recipient as LocalDelivery['recipient'];
  return {
    queueId: id,
    deliveryId: `${id}:${number}`,
    sender,
    origin,
    vouched,
    recipient: local,
    receivedAtMs,
    subject,
    messageId,
    customer,
    body,
  };
}

/** Outcomes for recipients whose domain is ours by now, and the message that goes on to their mailboxes. */
export function rerouteHere(
  { message, recipients }: Batch,
  body: Uint8Array,
  directory: Pick<Directory, 'resolve'>,
): { readonly outcomes: readonly RecipientOutcome[]; readonly message: NewQueueMessage | undefined } {
  const onward: QueueRecipient[] = [];
  const outcomes = recipients.map((recipient): RecipientOutcome => {
    const { address, original, notify, orcpt } = recipient.recipient;
    const told = { recipient, remote: '', detail: {} };
    const resolution = directory.resolve(address);
    switch (resolution.kind) {
      case 'deliverable':
        for (const destination of destinationsOf(resolution, address)) {
          onward.push({ ...destination, original, ...(notify === undefined ? {} : { notify }), ...(orcpt === undefined ? {} : { orcpt }) });
        }
        return { ...told, kind: 'discarded', reply: 'The domain is hosted here now; the message goes on to the mailbox' };
      case 'unknown':
        return { ...told, kind: 'failed', reply: '550 5.1.1 There is no such address' };
      case 'refused':
        return { ...told, kind: 'failed', reply: `550 5.7.1 ${resolution.text}` };
      default:
        return {
          ...told,
          kind: 'deferred',
          reply: '450 4.2.1 The domain takes no mail at the moment',
          reason: 'local',
          notBeforeMs: 0,
          counts: true,
        };
    }
  });
  const { sender, account, customer, origin, vouched, smtpUtf8, eightBit, envid, ret, receivedAtMs, subject, messageId } = message;
  const first = recipients[0]?.number ?? 0;
  const next: NewQueueMessage = {
    id: `${message.id}.here${first}`,
    sender,
    account,
    customer,
    origin,
    vouched,
    smtpUtf8,
    eightBit,
    receivedAtMs,
    subject,
    messageId,
    recipients: onward,
    body: body.slice(),
    ...(envid === null ? {} : { envid }),
    ...(ret === null ? {} : { ret }),
  };
  return { outcomes, message: onward.length === 0 ? undefined : next };
}
