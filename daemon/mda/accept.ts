/**
 * Takes an accepted message: into the mailbox, or into the queue, before it resolves (design rule 1).
 *
 * 1. Everything that is queued for one message leaves in one turn of the event loop, which the ledger commits as one group; only
 *    where the copies of a large message would take more than COPIES_BYTES_MAX do they go one batch after another.
 * 2. What reaches tracking is true already: events are recorded after the commit they tell of.
 * 3. Mail from outside for several customers is an entry for each: none sees, holds or drops what is another's.
 * 4. Rejects with Unavailable when a commit failed; nothing was promised then, and delivering again is harmless.
 */
import type { NewQueueMessage, QueueId, QueueRecipient } from '../queue/queue.ts';
import type { TrackingEvent } from '../tracking/tracking.ts';
import type { Address, CustomerId } from '../wire/ids.ts';
import type { AcceptedMail, HandOverOutcome } from './accepted-mail.ts';
import type { MdaContext } from './context.ts';
import { deliveryFields, forwardFields } from './delivery-fields.ts';
import { type AccountTarget, type DeliveryPlan, type ForwardGroup, planDelivery } from './plan.ts';

const COPIES_BYTES_MAX = 256 * 1024 * 1024;

/** Delivers or queues one message. */
export async function acceptMail(context: MdaContext, mail: AcceptedMail): Promise<HandOverOutcome> {
  const plan = planDelivery(mail);
  if (plan.loopAt !== undefined) return { kind: 'loop', address: plan.loopAt };
  if (plan.direct !== undefined) return deliverDirectly(context, mail, plan.direct, plan);
  if (plan.queued.length === 0 && plan.forwards.length === 0) {
    if (plan.discardedBy.length === 0 && plan.heldBack.length > 0) return { kind: 'junk-not-forwarded' };
    record(context, mail, [receivedEvent(mail), ...sideEvents(mail, plan)]);
    return { kind: 'discarded' };
  }
  const { puts, events } = queueEntries(context, mail, plan);
  const together = Math.max(1, Math.floor(COPIES_BYTES_MAX / mail.message.size));
  for (let from = 0; from < puts.length; from += together)
    await Promise.all(puts.slice(from, from + together).map((make) => context.queue.put(make())));
  record(context, mail, [...events, ...sideEvents(mail, plan)]);
  return { kind: 'queued' };
}

async function deliverDirectly(
  context: MdaContext,
  mail: AcceptedMail,
  target: AccountTarget,
  plan: DeliveryPlan,
): Promise<HandOverOutcome> {
  const { account } = target;
  const sizeBytes = mail.message.size;
  const outcome = await context.mailstore.deliver({
    account: account.id,
    folder: { role: mail.junk ? 'junk' : 'inbox' },
    deliveryId: `${mail.id}:0`,
    receivedAtMs: mail.receivedAtMs,
    raw: mail.message.finish(deliveryFields(mail.sender, account.address)),
    quotaBytes: account.quotaBytes,
    vouched: false,
  });
  if (outcome.kind === 'over-quota') return { kind: 'over-quota', sinceMs: account.fullSinceMs };
  const delivered: EventParts = {
    kind: mail.junk ? 'junked' : 'delivered',
    recipient: target.recipient.address,
    account: account.id,
    customer: account.customer,
    detail: mail.detail,
  };
  // The delivery's event says how the message was received: a second one would cost as much as the look-up.
  record(context, mail, [{ ...eventOf(mail, delivered), sizeBytes, remote: mail.remote }, ...sideEvents(mail, plan)]);
  return { kind: 'stored' };
}

interface QueueWork {
  /** Each makes its own copy of the message: when it is put, not before. */
  readonly puts: readonly (() => NewQueueMessage)[];
  readonly events: readonly TrackingEvent[];
}

/** An entry for the message's own recipients, and one for each forwarder: they differ in sender and in Delivered-To. */
function queueEntries(context: MdaContext, mail: AcceptedMail, plan: DeliveryPlan): QueueWork {
  const puts: (() => NewQueueMessage)[] = [];
  const events: TrackingEvent[] = [];
  const nextId = (): QueueId => (puts.length === 0 ? mail.id : context.nextId(mail.receivedAtMs));
  for (const [customer, recipients] of byCustomer(mail, plan.queued)) {
    const id = nextId();
    puts.push(() => entry(mail, id, { sender: mail.sender, customer, fields: '', recipients }));
    events.push({ ...receivedEvent(mail), message: id, customer });
  }
  if (puts.length === 0) events.push(receivedEvent(mail));
  for (const group of plan.forwards) {
    const id = nextId();
    const recipient = group.recipients[0]?.original ?? group.forwarder;
    const customer = mail.origin === 'mx' ? customerOf(mail, recipient) : mail.customer;
    const sender = forwardSender(context, mail, group);
    const fields = forwardFields(group.forwarder);
    puts.push(() => ({
      ...entry(mail, id, { sender, customer, fields, recipients: group.recipients }),
      origin: mail.origin === 'mx' ? 'forward' : mail.origin,
    }));
    for (const { address } of group.recipients) {
      const detail = { to: address, forwarder: group.forwarder, queue: id };
      events.push(eventOf(mail, { kind: 'forwarded', recipient, account: mail.account, customer: customerOf(mail, recipient), detail }));
    }
  }
  return { puts, events };
}

/** What an account sent is its customer's, whoever it goes to. */
function byCustomer(mail: AcceptedMail, queued: readonly QueueRecipient[]): Map<CustomerId | null, QueueRecipient[]> {
  const groups = new Map<CustomerId | null, QueueRecipient[]>();
  for (const recipient of queued) {
    const owner = mail.recipients.find(({ address }) => address === recipient.original);
    const customer = mail.origin === 'mx' && owner !== undefined ? owner.customer : mail.customer;
    const group = groups.get(customer);
    if (group === undefined) groups.set(customer, [recipient]);
    else group.push(recipient);
  }
  return groups;
}

/** SRS, so that the next server's SPF check finds the forwarding domain; the null sender stays null. */
function forwardSender(context: MdaContext, mail: AcceptedMail, group: ForwardGroup): Address | '' {
  return mail.sender === '' ? '' : context.srs.forward(mail.sender, group.domain);
}

function entry(
  mail: AcceptedMail,
  id: string,
  own: { sender: Address | ''; customer: CustomerId | null; fields: string; recipients: readonly QueueRecipient[] },
): NewQueueMessage {
  return {
    id,
    sender: own.sender,
    account: mail.account,
    customer: own.customer,
    origin: mail.origin,
    vouched: mail.vouched,
    smtpUtf8: mail.smtpUtf8,
    eightBit: mail.eightBit,
    ...(mail.envid === undefined ? {} : { envid: mail.envid }),
    ...(mail.ret === undefined ? {} : { ret: mail.ret }),
    receivedAtMs: mail.receivedAtMs,
    subject: mail.subject,
    messageId: mail.messageId,
    body: mail.message.finish(own.fields),
    recipients: own.recipients,
    ...(mail.hold === undefined ? {} : { hold: mail.hold }),
  };
}

interface EventParts {
  readonly kind: TrackingEvent['kind'];
  readonly recipient: string;
  readonly account: TrackingEvent['account'];
  readonly customer: CustomerId | null;
  readonly detail: Readonly<Record<string, string>>;
}

function eventOf(mail: AcceptedMail, parts: EventParts): TrackingEvent {
  const direction = mail.origin === 'mx' ? 'in' : 'out';
  const { id: message, receivedAtMs: atMs, sender, subject, messageId } = mail;
  return { message, atMs, direction, sender, subject, messageId, sizeBytes: mail.message.size, remote: '', reply: '', ...parts };
}

function receivedEvent(mail: AcceptedMail): TrackingEvent {
  const kind = mail.origin === 'mx' ? 'received' : 'submitted';
  const recipient = mail.recipients.length === 1 ? (mail.recipients[0]?.address ?? '') : '';
  const detail = mail.hold === undefined ? mail.detail : { ...mail.detail, held: mail.hold };
  return { ...eventOf(mail, { kind, recipient, account: mail.account, customer: mail.customer, detail }), remote: mail.remote };
}

function sideEvents(mail: AcceptedMail, plan: DeliveryPlan): TrackingEvent[] {
  const gone = (address: Address, why: string): TrackingEvent =>
    eventOf(mail, { kind: 'discarded', recipient: address, account: null, customer: customerOf(mail, address), detail: { why } });
  return [
    ...plan.discardedBy.map((address) => gone(address, 'the address discards its mail')),
    ...plan.heldBack.map((address) => gone(address, 'junk is not forwarded')),
  ];
}

function customerOf(mail: AcceptedMail, address: Address): CustomerId | null {
  return mail.recipients.find((recipient) => recipient.address === address)?.customer ?? mail.customer;
}

function record(context: MdaContext, mail: AcceptedMail, events: readonly TrackingEvent[]): void {
  const keepsSubjects = context.directory.setting<boolean>('records.keepSubjects');
  for (const event of events) context.tracking.record(keepsSubjects || mail.subject === '' ? event : { ...event, subject: '' });
}
