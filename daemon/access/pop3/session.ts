/**
 * What a POP3 command may use of its connection. One object a session; commands live in commands.ts and sasl.ts.
 */
import type { Maildrop } from './maildrop.ts';

/** RFC 2449 §8 and RFC 3206 response codes. */
export type ResponseCode = 'IN-USE' | 'LOGIN-DELAY' | 'SYS/TEMP' | 'SYS/PERM' | 'AUTH';

export interface Pop3Session {
  readonly hostname: string;
  readonly version: string;
  readonly isSecure: boolean;
  /** TLS, or both ends on loopback: a password may be said here. */
  readonly mayLogIn: boolean;
  readonly canStartTls: boolean;
  /** Undefined before log-in (AUTHORIZATION state). */
  maildrop: Maildrop | undefined;
  user: string | undefined;
  ok(text: string): void;
  err(text: string, code?: ResponseCode): void;
  /** Lines of a multi-line answer after `ok`; dot-stuffing is not needed for ours. */
  lines(lines: Iterable<string>): void;
  /** Raw bytes; resolves when the peer's backlog allows more. */
  write(pieces: readonly Buffer[]): Promise<void>;
  startTls(): void;
  /** Asks the client for one more line (SASL); undefined when it went away. */
  challenge(text: string): Promise<string | undefined>;
  /** Checks the credentials, takes the maildrop's lock and opens it; answers the client. */
  logIn(login: string, password: string): Promise<void>;
  end(): void;
}
