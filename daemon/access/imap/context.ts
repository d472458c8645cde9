/**
 * What the IMAP server is given by the composition: other owners' capabilities, and its limits. It reaches nothing else.
 */
import type { SecureContext } from 'node:tls';
import type { Authenticator } from '../../directory/login.ts';
import type { Mailstore } from '../../mailstore/mailstore.ts';
import type { AccountId } from '../../wire/ids.ts';

/** The part of pino that is used: constant event name second, data first. */
export interface ImapLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface ImapLimits {
  /** Sessions of this thread; one more gets BYE. */
  readonly sessions: number;
  readonly sessionsPerAddress: number;
  readonly sessionsPerAccount: number;
  /** The trial: loopback clients are exempt from the limits per address and per account. */
  readonly exemptLoopback: boolean;
  /** Octets of a message given to APPEND. */
  readonly messageBytes: number;
  /** Octets of messages that are being uploaded: in this thread, and of one account. */
  readonly uploadBytes: number;
  readonly uploadBytesPerAccount: number;
  /** Time for TLS and log-in together. */
  readonly loginMs: number;
  /** RFC 9051 §5.4: at least 30 minutes. */
  readonly idleMs: number;
  /** A client that takes nothing for so long is dropped. */
  readonly writeStallMs: number;
}

export const DEFAULT_LIMITS: ImapLimits = {
  sessions: 20_000,
  sessionsPerAddress: 500,
  sessionsPerAccount: 200,
  exemptLoopback: false,
  messageBytes: 50 * 1024 * 1024,
  uploadBytes: 512 * 1024 * 1024,
  uploadBytesPerAccount: 160 * 1024 * 1024,
  loginMs: 2 * 60_000,
  idleMs: 31 * 60_000,
  writeStallMs: 5 * 60_000,
};

export interface ImapContext {
  readonly mailstore: Mailstore;
  readonly authenticator: Authenticator;
  readonly hostname: string;
  readonly version: string;
  /** The certificate for a name that the client asked for (null: none asked); null when there is no certificate at all. */
  readonly secureContext: (servername: string | null) => SecureContext | null;
  /** The present quota in bytes; null = unlimited. */
  readonly quotaBytes: (account: AccountId) => number | null;
  readonly log: ImapLog;
  readonly limits: ImapLimits;
}
