/**
 * What the POP3 server is given by the composition: other owners' capabilities, and its limits. It reaches nothing else.
 */
import type { SecureContext } from 'node:tls';
import type { Authenticator } from '../../directory/login.ts';
import type { Mailstore } from '../../mailstore/mailstore.ts';
import type { AccountId } from '../../wire/ids.ts';

/** The part of pino that is used: data first, constant event name second. */
export interface Pop3Log {
  info(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface Pop3Limits {
  readonly sessions: number;
  readonly sessionsPerAddress: number;
  readonly exemptLoopback: boolean;
  /** Time for TLS and log-in together. */
  readonly loginMs: number;
  /** RFC 1939 §3: at least 10 minutes. */
  readonly idleMs: number;
}

export const DEFAULT_POP3_LIMITS: Pop3Limits = {
  sessions: 10_000,
  sessionsPerAddress: 100,
  exemptLoopback: false,
  loginMs: 120_000,
  idleMs: 601_000,
};

/** The exclusive lock of a maildrop over all threads. */
export interface MaildropLock {
  take(account: AccountId): Promise<boolean>;
  release(account: AccountId): void;
}

export interface Pop3Context {
  readonly mailstore: Mailstore;
  readonly authenticator: Authenticator;
  readonly lock: MaildropLock;
  readonly hostname: string;
  readonly version: string;
  /** The certificate for a name that the client asked for (null: none asked); null when there is no certificate at all. */
  readonly secureContext: (servername: string | null) => SecureContext | null;
  readonly log: Pop3Log;
  readonly limits: Pop3Limits;
}
