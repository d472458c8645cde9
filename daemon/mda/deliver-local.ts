/**
 * The runner's hand into our mailboxes: one recipient of a queued message.
 *
 * 1. The delivery id makes repeating harmless; a duplicate counts as delivered.
 * 2. Space was promised at the 250: a full mailbox takes this one message (design rule 2).
 * 3. Never throws for what can be told; the body is only read, the mailbox gets a copy with its own trace fields.
 */
import { scanHeader } from '../authentication/header-fields.ts';
import { MessageBytes } from '../authentication/message-bytes.ts';
import { NotFound, Rejected } from '../lib/errors.ts';
import type { DeliverLocal, LocalDelivery, LocalOutcome } from '../queue/queue.ts';
import { lookupKey } from '../wire/address/mailbox.ts';
import type { MdaContext } from './context.ts';
import { deliveredTo, deliveryFields } from './delivery-fields.ts';

/** `DeliverLocal` over the given mailstore. */
export function localDelivery(context: MdaContext): DeliverLocal {
  return (delivery) => deliver(context, delivery);
}

async function deliver(context: MdaContext, delivery: LocalDelivery): Promise<LocalOutcome> {
  const { destination } = delivery.recipient;
  const account = context.directory.account(destination.account);
  if (account === undefined) return { kind: 'failed', reply: '550 5.1.1 The mailbox is gone' };
  if (account.suspendedIn) return { kind: 'deferred', reason: 'local', reply: '450 4.2.1 The mailbox does not take mail at the moment' };
  const body = Buffer.from(delivery.body.buffer, delivery.body.byteOffset, delivery.body.byteLength);
  if (deliveredTo(scanHeader(body)).includes(lookupKey(account.address))) {
    return { kind: 'failed', reply: '554 5.4.6 The message was delivered to this mailbox before: a mail loop' };
  }
  const message = MessageBytes.fromParts([body], body.length);
  try {
    const outcome = await context.mailstore.deliver({
      account: account.id,
      folder: { role: destination.junk ? 'junk' : 'inbox' },
      deliveryId: delivery.deliveryId,
      receivedAtMs: delivery.receivedAtMs,
      raw: message.finish(deliveryFields(delivery.sender, account.address)),
      quotaBytes: account.quotaBytes,
      vouched: true,
    });
    if (outcome.kind === 'over-quota') return { kind: 'deferred', reason: 'full', reply: '452 4.2.2 The mailbox is full' };
    return { kind: 'delivered', folder: destination.junk ? 'Junk' : 'INBOX', junk: destination.junk };
  } catch (error) {
    if (error instanceof NotFound) return { kind: 'failed', reply: '550 5.1.1 The mailbox is gone' };
    if (error instanceof Rejected) return { kind: 'failed', reply: `554 5.7.1 ${error.message}` };
    context.log.error({ err: error, queue: delivery.queueId, account: account.id }, 'mda.local-delivery');
    return { kind: 'deferred', reason: 'local', reply: '451 4.3.0 The mailbox cannot be reached at the moment' };
  }
}
