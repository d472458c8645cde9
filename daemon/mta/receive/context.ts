/**
 * What a receiver is given by its thread: every dependency by name, nothing global.
 */
import type { SecureContext } from 'node:tls';
import type { Analyzer } from '../../authentication/analyze.ts';
import type { DkimSigner } from '../../authentication/dkim-sign.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Authenticator } from '../../directory/login.ts';
import type { ConnectionCounts } from '../../limits/connection-counts.ts';
import type { AcceptedMail, HandOverOutcome } from '../../mda/accepted-mail.ts';
import type { SenderRewriting } from '../../mda/sender-rewriting.ts';
import type { QueueId } from '../../queue/queue.ts';
import type { Tracking } from '../../tracking/tracking.ts';
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
  readonly srs: SenderRewriting;
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
