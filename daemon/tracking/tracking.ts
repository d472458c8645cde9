/**
 * The tracking contract: what happened to each message, one row an event, told to people as a story.
 * tracking.db belongs to the ledger thread; events are posted without waiting and committed in groups within 250 ms.
 *
 * 1. Losing the last quarter second of events in a crash is accepted; mail is never lost with it.
 * 2. Never bodies, never credentials. Subjects are kept (200 characters) unless the setting says no.
 * 3. Kept 30 days by default, then swept in slices.
 */
import type { AccountId, CustomerId } from '../wire/ids.ts';

export type TrackingEventKind =
  | 'received' //    accepted from a foreign server: `detail` says how it was checked
  | 'submitted' //   accepted from one of our accounts
  | 'refused' //     turned away before or after DATA, with the reply given
  | 'delivered' //   in a mailbox here (`remote` empty) or accepted by the next server
  | 'junked' //      in the mailbox's Junk
  | 'forwarded' //   sent on to another address
  | 'deferred' //    will be tried again at `nextAttemptMs`
  | 'bounced' //     failed for good, sender told
  | 'failed' //      failed for good, sender not told (rule 2)
  | 'delayed' //     the sender was told that it takes longer
  | 'discarded'
  | 'held'
  | 'released'
  | 'dropped';

export interface TrackingEvent {
  /** The message's id: its queue id, or the receiving transaction's when it never was queued. */
  readonly message: string;
  readonly atMs: number;
  readonly kind: TrackingEventKind;
  readonly direction: 'in' | 'out' | 'local';
  readonly sender: string;
  /** '' for events about the whole message. */
  readonly recipient: string;
  /** The local accounts/customer this event belongs to (who may see it). */
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly subject: string;
  readonly messageId: string;
  readonly sizeBytes: number;
  /** The other machine: `host [address]:port`, '' when there is none. */
  readonly remote: string;
  /** Its reply or ours, raw. */
  readonly reply: string;
  /** Facts for people and for grep: e.g. `{spf:'pass', dkim:'pass', dmarc:'none', tls:'TLSv1.3'}`. */
  readonly detail: Readonly<Record<string, string>>;
  readonly nextAttemptMs?: number;
}

/** One message in a list: its latest state. */
export interface TrackingEntry {
  readonly message: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly direction: 'in' | 'out' | 'local';
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly sizeBytes: number;
  readonly state: TrackingEventKind;
}

export interface TrackingFilter {
  /** Address, domain, message id, subject words. */
  readonly text?: string;
  readonly kinds?: readonly TrackingEventKind[];
  readonly direction?: 'in' | 'out' | 'local';
  readonly customer?: CustomerId;
  readonly account?: AccountId;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Exclusive cursor: `firstMs:message` of the last row seen. */
  readonly before?: string;
  readonly limit: number;
}

export interface Counters {
  /** Start of the bucket, Unix ms. */
  readonly startMs: number;
  readonly delivered: number;
  readonly turnedAway: number;
  readonly sent: number;
  readonly cameBack: number;
}

/** What happened within the last quarter second, for live pages. `left` events more happened than are shown. */
export interface TrackingPulse {
  readonly events: readonly TrackingEvent[];
  readonly left: number;
  /** Added to the host's counters by these events. */
  readonly counted: Omit<Counters, 'startMs'>;
}

export interface Tracking {
  /** Never waits, never throws. */
  record(event: TrackingEvent): void;
  list(filter: TrackingFilter): Promise<readonly TrackingEntry[]>;
  /** All events of one message, oldest first; empty when unknown. `customer`/`account` limit to what they may see. */
  story(message: string, scope: { readonly customer?: CustomerId; readonly account?: AccountId }): Promise<readonly TrackingEvent[]>;
  counters(range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly bucketMs: number;
    readonly customer?: CustomerId;
  }): Promise<readonly Counters[]>;
  /** What happens from now on; a slow reader misses events, never counts. Ends with the loop. */
  watch(): AsyncIterable<TrackingPulse>;
}
