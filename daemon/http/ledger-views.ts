/**
 * Queue and tracking as the API shows them, and what of them each actor may see.
 *
 * 1. The host sees all; others what belongs to their customers. The ledger filters lists, single objects are checked here.
 * 2. Who got a copy of somebody else's message is not told, nor found by a search: of mail from outside, recipients in one's
 *    own domains only.
 */
import { type Actor, isHost, mayManage } from '../admin/actor.ts';
import type { ControlDatabase } from '../directory/control.ts';
import { domainByName } from '../directory/records/domains.ts';
import { Rejected } from '../lib/errors.ts';
import type { QueueSummary as LedgerSummary, QueueEntry } from '../queue/queue.ts';
import type { TrackingEntry, TrackingEvent, TrackingEventKind } from '../tracking/tracking.ts';
import type { CustomerId } from '../wire/ids.ts';
import type { QueueMessage, QueueSummary, TrackedMessage } from './contract/api.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** The filter of the ledger's lists for this actor. */
export function ledgerScope(actor: Actor): { readonly customer?: CustomerId } {
  if (isHost(actor)) return {};
  if (actor.customer === null) throw new Rejected('You may not see this');
  return { customer: actor.customer };
}

/** May the actor see what belongs to `customer`? What belongs to nobody is the host's. */
export function maySee(db: ControlDatabase, actor: Actor, customer: number | null): boolean {
  return isHost(actor) || (customer !== null && mayManage(db, actor, customer));
}

export function queueMessage(entry: QueueEntry): QueueMessage {
  return {
    id: entry.id,
    sender: entry.sender,
    subject: entry.subject,
    sizeBytes: entry.sizeBytes,
    origin: entry.origin,
    receivedAt: iso(entry.receivedAtMs),
    held: entry.held,
    recipients: entry.recipients.map(({ number, address, state, attempts, nextAttemptMs, lastReply, reason }) => ({
      number,
      address,
      state,
      attempts,
      nextAttemptAt: iso(nextAttemptMs),
      lastReply,
      reason,
    })),
  };
}

export function queueSummary(summary: LedgerSummary): QueueSummary {
  return {
    messages: summary.messages,
    recipients: summary.recipients,
    held: summary.held,
    oldestAt: summary.oldestMs === null ? null : iso(summary.oldestMs),
    byReason: summary.byReason.map(({ reason, count, oldestMs }) => ({ reason, count, oldestAt: iso(oldestMs) })),
  };
}

/** Answers whether an address lies in a domain of the actor's; remembers for one request. */
export function ownAddresses(db: ControlDatabase, actor: Actor): (address: string) => boolean {
  const known = new Map<string, boolean>();
  return (address) => {
    if (isHost(actor)) return true;
    const name = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
    let isOwn = known.get(name);
    if (isOwn === undefined) {
      const domain = domainByName(db, name);
      isOwn = domain !== undefined && mayManage(db, actor, domain.customerId);
      known.set(name, isOwn);
    }
    return isOwn;
  };
}

export function trackedMessage(entry: TrackingEntry, isOwn: (address: string) => boolean): TrackedMessage {
  const isSentByThem = entry.direction !== 'in' && isOwn(entry.sender);
  return {
    id: entry.message,
    direction: entry.direction,
    sender: entry.sender,
    recipients: isSentByThem ? [...entry.recipients] : entry.recipients.filter(isOwn),
    subject: entry.subject,
    sizeBytes: entry.sizeBytes,
    firstAt: iso(entry.firstMs),
    lastAt: iso(entry.lastMs),
    state: entry.state,
  };
}

/**
 * Was an entry found by a recipient that is not shown? Such a hit would tell who else got the message, so it is left out.
 */
export function isFoundByHidden(entry: TrackingEntry, shown: TrackedMessage, q: string): boolean {
  const hidden = entry.recipients.filter((recipient) => !shown.recipients.includes(recipient)).map((recipient) => recipient.toLowerCase());
  if (hidden.length === 0) return false;
  const visible = [shown.id, shown.sender, shown.subject, ...shown.recipients].join(' ').toLowerCase();
  const words = q.toLowerCase().split(/\s+/);
  return words.some((word) => word !== '' && !visible.includes(word) && hidden.some((recipient) => recipient.includes(word)));
}

const FINAL_FAILURES: ReadonlySet<TrackingEventKind> = new Set(['bounced', 'failed']);

/** A message as its visible events (oldest first, at least one) tell it. */
export function messageOfEvents(events: readonly TrackingEvent[]): TrackedMessage {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error('a message without events');
  const recipients = new Set<string>();
  let state = first.kind;
  for (const { kind, recipient } of events) {
    if (recipient !== '') recipients.add(recipient);
    if (!FINAL_FAILURES.has(state) || FINAL_FAILURES.has(kind)) state = kind;
  }
  return {
    id: first.message,
    direction: first.direction,
    sender: first.sender,
    recipients: [...recipients],
    subject: first.subject,
    sizeBytes: first.sizeBytes,
    firstAt: iso(first.atMs),
    lastAt: iso(last.atMs),
    state,
  };
}
