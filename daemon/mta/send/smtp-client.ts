/**
 * nodemailer's SMTPConnection with what a relay needs beyond a client: it is subclassed at one place, here, and loaded with
 * the first connection. The members used are private there: the version is pinned and test/mta/send/smtp-client.test.ts
 * tells when they change.
 *
 * 1. Each recipient has its own NOTIFY and ORCPT (the library knows one value for all).
 * 2. The replies to RCPT are kept in the order of the recipients, accepted ones too.
 * 3. `dotSent` is true from the moment the final dot is written: a connection lost later may have delivered.
 * 4. SMTPUTF8 is said when the message needs it, not only when an address does (RFC 6531 §3.4).
 *
 * Specifications: RFC 5321 §4.5.3.2 (timeouts), RFC 3461 §4 (DSN parameters).
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface ClientError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly connection: Socket;
  readonly connectionTimeout: number;
  readonly greetingTimeout: number;
  readonly socketTimeout: number;
  readonly socketCloseTimeout: number;
  readonly maxResponseSize: number;
  readonly ignoreTLS: boolean;
  readonly opportunisticTLS: boolean;
  readonly tls: object;
}

export interface ClientEnvelope {
  readonly from: string;
  readonly to: readonly string[];
  readonly size: number;
  readonly use8BitMime: boolean;
  readonly dsn?: { readonly ret?: string; readonly envid?: string };
}

/** What is set before each `send`. */
export interface TransactionExtras {
  /** For each recipient ` NOTIFY=... ORCPT=...` or ''. */
  readonly recipientArguments: readonly string[];
  readonly needsUtf8: boolean;
  /** How long the answer to the final dot may take. */
  readonly finalTimeoutMs: number;
}

/** The parts of the library's connection that are used, private ones included. */
interface LibraryConnection extends EventEmitter {
  readonly secure: boolean;
  readonly _destroyed: boolean;
  readonly _socket: Socket | TLSSocket | false | null;
  readonly _supportedExtensions: readonly string[];
  readonly _maxAllowedSize: number;
  readonly options: { readonly socketTimeout: number };
  connect(done: (error?: ClientError) => void): void;
  send(
    envelope: ClientEnvelope,
    message: Buffer | Readable,
    done: (error: ClientError | null, info?: { readonly response: string }) => void,
  ): void;
  reset(done: (error: ClientError | null) => void): void;
  quit(): void;
  close(): void;
  _sendCommand(command: string, logged?: string): void;
  _getDsnRcptToArgs(): string;
  _actionRCPT(reply: string, done: unknown): void;
  _createSendStream(done: unknown): Readable;
}

export interface SmtpClient extends LibraryConnection {
  readonly recipientReplies: readonly string[];
  readonly dotSent: boolean;
  begin(extras: TransactionExtras): void;
}

export type SmtpClientClass = new (options: ClientOptions) => SmtpClient;

/** The class; the library comes in with the first call. */
export function loadSmtpClient(): SmtpClientClass {
  const library: unknown = createRequire(import.meta.url)('nodemailer/lib/smtp-connection');
  const Base = ((library as { default?: unknown }).default ?? library) as new (options: ClientOptions) => LibraryConnection;

  return class extends Base implements SmtpClient {
    recipientReplies: string[] = [];
    dotSent = false;
    #extras: TransactionExtras = { recipientArguments: [], needsUtf8: false, finalTimeoutMs: 600_000 };
    #asked = 0;

    begin(extras: TransactionExtras): void {
      this.#extras = extras;
      this.#asked = 0;
      this.recipientReplies = [];
      this.dotSent = false;
    }

    override _sendCommand(command: string, logged?: string): void {
      const addsUtf8 = this.#extras.needsUtf8 && command.startsWith('MAIL FROM:') && !command.includes(' SMTPUTF8');
      super._sendCommand(addsUtf8 ? `${command} SMTPUTF8` : command, logged);
    }

    override _getDsnRcptToArgs(): string {
      return this.#extras.recipientArguments[this.#asked++] ?? '';
    }

    override _actionRCPT(reply: string, done: unknown): void {
      this.recipientReplies.push(reply);
      super._actionRCPT(reply, done);
    }

    override _createSendStream(done: unknown): Readable {
      const stream = super._createSendStream(done);
      stream.once('end', () => {
        this.dotSent = true;
        // RFC 5321 §4.5.3.2.6: the answer to the dot may take 10 minutes, longer than any other.
        if (this._socket) this._socket.setTimeout(this.#extras.finalTimeoutMs);
      });
      return stream;
    }
  };
}
