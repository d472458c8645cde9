/**
 * What passes between the ledger, which owns the queue, and the runner, which empties it.
 *
 * 1. A claim lives in the ledger's memory only: when the ledger or the runner restarts, claimed recipients are due again.
 * 2. A claimed message carries the recipients of one lane (destination domain, '' = our accounts).
 * 3. `settle` is one transaction a group: outcomes and the DSNs they cause are kept together or not at all.
 */
import type { AccountId, Address, CustomerId } from '../wire/ids.ts';
import type { NewQueueMessage, QueueId, QueueOrigin, QueueReason, QueueRecipient } from './queue.ts';

/** Bodies up to this size come with the claim; larger ones are read in slices. */
export const CLAIM_BODY_BYTES = 256 * 1024;

export interface ClaimedMessage {
  readonly seq: number;
  readonly id: QueueId;
  readonly lane: string;
  readonly sender: Address | '';
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly origin: QueueOrigin;
  readonly vouched: boolean;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly envid: string | null;
  readonly ret: 'FULL' | 'HDRS' | null;
  readonly receivedAtMs: number;
  readonly subject: string;
  readonly messageId: string;
  readonly sizeBytes: number;
  readonly body: Uint8Array | null;
  readonly recipients: readonly ClaimedRecipient[];
}

export interface ClaimedRecipient {
  readonly number: number;
  readonly recipient: QueueRecipient;
  readonly attempts: number;
  /** The sender has had its delay notice. */
  readonly delayTold: boolean;
  /** A person asked for this try: hosts that are given a rest are tried all the same. */
  readonly urgent: boolean;
  /** A person gave it up: it goes back to the sender without another try. */
  readonly giveUp: boolean;
}

/** What the runner found out about recipients of one message. */
export interface Settlement {
  readonly seq: number;
  /** Delivered, failed or discarded: these leave the queue. */
  readonly done: readonly number[];
  readonly retry: readonly SettledRetry[];
  /** Keep the whole message back with this reason for people. */
  readonly hold?: string;
}

export interface SettledRetry {
  readonly number: number;
  readonly nextAttemptMs: number;
  readonly reason: QueueReason;
  readonly reply: string;
  readonly delayTold: boolean;
  /** False when no try was made (a rest, a stop): the number of attempts stays. */
  readonly counts: boolean;
}

/** Our own mailboxes, or other servers: claimed separately, so that neither waits for the other. */
export type ClaimScope = 'local' | 'remote';

export interface ClaimLimits {
  readonly scope: ClaimScope;
  readonly recipients: number;
  /** Bodies that come along stay below this, but for the first. */
  readonly bytes: number;
}

/** The runner's side of the queue. */
export interface RunnerQueue {
  /** Ends all earlier claims: the runner starts with nothing in hand. */
  attach(): Promise<void>;
  /** Waits until something of the scope is due, one call a scope; an empty answer means that another runner attached. */
  claim(limits: ClaimLimits): Promise<readonly ClaimedMessage[]>;
  /** After its commit. New messages (DSNs) become part of the same transaction; their bodies are transferred. */
  settle(settlements: readonly Settlement[], puts: readonly NewQueueMessage[]): Promise<void>;
  /** Part `index` (256 KiB) of a body; empty beyond its end. */
  bodyPart(seq: number, index: number): Promise<Uint8Array>;
}
