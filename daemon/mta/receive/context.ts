/**
 * What a receiver is given by its thread: every dependency by name, nothing global.
 */
import type { SecureContext } from 'node:tls';
import type { Analyzer } from '../../authentication/analyze.ts';
import type { MessageBytes } from '../../authentication/message-bytes.ts';
import type { DkimSigner } from '../../authentication/dkim-sign.ts';
import type { Destination, Directory } from '../../directory/directory.ts';
import type { Authenticator } from '../../directory/login.ts';
import type { QueueId } from '../../queue/queue.ts';
import type { Tracking } from '../../tracking/tracking.ts';
import type { AccountId, Address, CustomerId } from '../../wire/ids.ts';
import type { ConnectionCounts } from './connection-counts.ts';
import type { MemoryBudget } from './memory-budget.ts';

/** Certificates of this machine as TLS contexts (TLS 1.2 or newer); the present ones at every call. */
export interface TlsProvider {
  /** For the name that the client asked for, or the default one. */
  contextFor(servername: string | undefined): SecureContext;
}

/** The part of a log that is used here (pino's order of arguments). */
export interface ReceiverLog {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface AcceptedRecipient {
  /** RCPT TO in normal form. */
  readonly address: Address;
  /** Where it leads here; undefined: another server's. */
  readonly destinations: readonly Destination[] | undefined;
  readonly customer: CustomerId | null;
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[];
  readonly orcpt?: string;
}

/** A message that passed every check, with its trace fields, to be delivered or queued. */
export interface AcceptedMail {
  readonly id: QueueId;
  readonly origin: 'mx' | 'submission';
  readonly sender: Address | '';
  readonly account: AccountId | null;
  readonly customer: CustomerId | null;
  readonly recipients: readonly AcceptedRecipient[];
  readonly message: MessageBytes;
  readonly junk: boolean;
  readonly vouched: boolean;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly envid?: string;
  readonly ret?: 'FULL' | 'HDRS';
  readonly hold?: string;
  readonly receivedAtMs: number;
  readonly subject: string;
  readonly messageId: string;
  /** The peer, for tracking: `helo [address]:port`. */
  readonly remote: string;
  /** How it was checked and judged, for tracking. */
  readonly detail: Readonly<Record<string, string>>;
}

export type HandOverOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'queued' }
  /** Every recipient discards. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'over-quota'; readonly sinceMs: number | null }
  /** The message came round: it was delivered to this address before. */
  | { readonly kind: 'loop'; readonly address: Address };

/** Delivers or queues before it resolves (design rule 1); rejects with Unavailable for our own trouble. */
export type HandOver = (mail: AcceptedMail) => Promise<HandOverOutcome>;

export interface ReceiverContext {
  /** The name in greeting, Received and Authentication-Results. */
  readonly hostname: () => string;
  readonly directory: Directory;
  readonly authenticator: Authenticator;
  readonly analyzer: Analyzer;
  readonly signer: DkimSigner;
  readonly handOver: HandOver;
  readonly tracking: Tracking;
  readonly tls: TlsProvider;
  readonly log: ReceiverLog;
  /** Unix time in ms. */
  readonly now: () => number;
  readonly nextId: (nowMs: number) => QueueId;
  readonly connections: ConnectionCounts;
  readonly memory: MemoryBudget;
  /** Offer DSN (RFC 3461): only when the queue's runner does all of it. */
  readonly offersDsn: boolean;
}
