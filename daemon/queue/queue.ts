/**
 * The queue's contract: messages that this machine has vouched for (250 was or will be said) and still owes to recipients.
 * queue.db belongs to the ledger thread; everyone else calls through a port.
 *
 * 1. `put` resolves after its commit (group commit): only then may 250 be said.
 * 2. One transaction holds the body and all destinations (rule 1 of the design).
 * 3. A delivery id is `<queue id>:<recipient number>`; delivering it twice into an account is harmless, remote peers may see
 *    a duplicate only when the connection broke between their dot and our record of it.
 * 4. A recipient leaves the queue only by an outcome: delivered, failed (DSN by rule 2), expired, dropped by a person.
 */
import type { AccountId, Address, CustomerId } from '../wire/ids.ts';

export type QueueId = string;

/** Where a message came from: decides about DSNs, limits and what the panel says. */
export type QueueOrigin = 'mx' | 'submission' | 'forward' | 'dsn' | 'auto-reply' | 'system';

export interface QueueRecipient {
  /** RCPT TO as it is to be used on the wire. */
  readonly address: Address;
  /** The address that was written to before aliases (ORCPT for the DSN, tracking). */
  readonly original: Address;
  readonly destination:
    | { readonly kind: 'account'; readonly account: AccountId; readonly subaddress: string | null; readonly junk: boolean }
    | { readonly kind: 'remote' };
  /** RFC 3461 NOTIFY; undefined = FAILURE,DELAY by default. */
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[];
  readonly orcpt?: string;
}

export interface NewQueueMessage {
  readonly id?: QueueId;
  /** Envelope sender; '' = null path. */
  readonly sender: Address | '';
  /** Who submitted it, when somebody did. */
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly origin: QueueOrigin;
  /** A DSN may go to the sender: it authenticated, or SPF/DMARC passed (rule 2). */
  readonly vouched: boolean;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly envid?: string;
  readonly ret?: 'FULL' | 'HDRS';
  readonly receivedAtMs: number;
  /** Header `Subject` decoded and cut to 200 characters, for lists; '' when absent. */
  readonly subject: string;
  readonly messageId: string;
  /** The finished message (trace fields, signatures). Transferred. */
  readonly body: Uint8Array;
  readonly recipients: readonly QueueRecipient[];
  /** Held at once (limits, suspension) with a reason for people. */
  readonly hold?: string;
}

/** One message in a list, with its recipients' states. */
export interface QueueEntry {
  readonly id: QueueId;
  readonly sender: string;
  readonly origin: QueueOrigin;
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly receivedAtMs: number;
  readonly held: string | null;
  readonly recipients: readonly QueueEntryRecipient[];
}

export interface QueueEntryRecipient {
  readonly number: number;
  readonly address: string;
  readonly state: 'waiting' | 'sending' | 'held';
  readonly attempts: number;
  readonly nextAttemptMs: number;
  /** What the last try came to: reply or reason in words, '' before the first. */
  readonly lastReply: string;
  /** Groups the queue page: see `QueueReason`. */
  readonly reason: QueueReason;
}

/** Why recipients wait. A reason's number in queue.db is its place here: only append. */
export const QUEUE_REASONS = [
  'new',
  'greylisted',
  'busy',
  'unreachable',
  'dns',
  'tls',
  'full',
  'limited',
  'held',
  'local',
  'other',
] as const;
export type QueueReason = (typeof QUEUE_REASONS)[number];

export interface QueueFilter {
  readonly text?: string;
  readonly reason?: QueueReason;
  readonly customer?: CustomerId;
  readonly account?: AccountId;
  /** Exclusive: entries before this id in the order newest first. */
  readonly before?: QueueId;
  readonly limit: number;
}

export interface QueueSummary {
  readonly messages: number;
  readonly recipients: number;
  readonly held: number;
  readonly oldestMs: number | null;
  readonly byReason: readonly { readonly reason: QueueReason; readonly count: number; readonly oldestMs: number }[];
}

export interface Queue {
  /** A message whose `id` is queued already is left as it is: repeating a put is harmless. Unavailable on a full disk. */
  put(message: NewQueueMessage): Promise<QueueId>;
  list(filter: QueueFilter): Promise<{ readonly entries: readonly QueueEntry[]; readonly total: number }>;
  show(id: QueueId): Promise<QueueEntry & { readonly header: string }>;
  summary(customer?: CustomerId): Promise<QueueSummary>;
  /** Each answers how many recipients it touched; ids not in the queue are left out. */
  retry(ids: readonly QueueId[]): Promise<number>;
  hold(ids: readonly QueueId[], reason: string): Promise<number>;
  release(ids: readonly QueueId[]): Promise<number>;
  /** Removes; with `bounce` the sender gets a DSN (if vouched). */
  drop(ids: readonly QueueId[], options: { readonly bounce: boolean }): Promise<number>;
  /** Changes of the summary from now on, at most one a second; ends with the loop. */
  watch(): AsyncIterable<QueueSummary>;
}

/** One recipient of ours whom the runner hands to the MDA (`daemon/mda`). */
export interface LocalDelivery {
  readonly queueId: QueueId;
  /** `<queue id>:<recipient number>`: Delivery.deliveryId of the mailstore; ids of auto-replies and redirects derive from it. */
  readonly deliveryId: string;
  readonly sender: Address | '';
  readonly origin: QueueOrigin;
  readonly vouched: boolean;
  readonly recipient: QueueRecipient & { readonly destination: { readonly kind: 'account' } };
  readonly receivedAtMs: number;
  readonly subject: string;
  readonly messageId: string;
  readonly customer: CustomerId | null;
  /** The queued message. Shared by the recipients of the message: it is read, never transferred or changed. */
  readonly body: Uint8Array;
}

/** What became of it. The runner tracks, retries and reports; the MDA queues its own replies and redirects. */
export type LocalOutcome =
  /** `folder` is where it lies, for tracking; a repeated delivery is `delivered` as well. */
  | { readonly kind: 'delivered'; readonly folder: string; readonly junk: boolean }
  /** Thrown away by a rule of the owner: done, nobody is told. */
  | { readonly kind: 'discarded'; readonly detail: string }
  /** Tried again later: `reply` as an SMTP server would say it (`452 4.2.2 Mailbox full`). */
  | { readonly kind: 'deferred'; readonly reason: QueueReason; readonly reply: string }
  /** `550 5.1.1 ...`, `552 5.2.2 ...`: a DSN by rule 2. */
  | { readonly kind: 'failed'; readonly reply: string };

/** Implemented by daemon/mda. Rejections count as `deferred` for reason `local`. */
export type DeliverLocal = (delivery: LocalDelivery) => Promise<LocalOutcome>;
