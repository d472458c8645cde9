/**
 * One open SMTP connection to one address of a next hop, and the transactions on it. Opening is open-session.ts.
 *
 * 1. Every transaction ends by a deadline, whatever the peer does; nothing here throws for a peer's doing.
 * 2. A transaction answers every recipient. `lost` says that the session is of no further use.
 * 3. After a refused envelope the session is reset before it is used again.
 *
 * Specifications: RFC 5321 §3.3, §4.5.3.2; RFC 6152 §3; RFC 6531 §3.2; RFC 1870 §6.1.
 */
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { oneLine, wordsOf } from './failure-words.ts';
import type { ClientError, SmtpClient } from './smtp-client.ts';

export interface Hop {
  /** The MX name, or the address itself for a literal. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface SessionLimits {
  readonly connectMs: number;
  /** From the TCP connection to the end of EHLO and STARTTLS. */
  readonly setupMs: number;
  readonly commandMs: number;
  readonly finalMs: number;
  /** For a whole transaction; a big message gets more. */
  readonly transactionMs: number;
}

export const DEFAULT_LIMITS: SessionLimits = {
  connectMs: 30_000,
  setupMs: 300_000,
  commandMs: 300_000,
  finalMs: 600_000,
  transactionMs: 1_200_000,
};

const SLOWEST_BYTES_PER_MS = 8;

export interface Transaction {
  readonly from: string;
  readonly recipients: readonly { readonly address: string; readonly dsnArguments: string }[];
  readonly sizeBytes: number;
  readonly eightBit: boolean;
  readonly needsUtf8: boolean;
  readonly dsn: { readonly ret?: string; readonly envid?: string } | undefined;
  /** The message; asked for once. */
  readonly body: () => Buffer | Readable;
}

export interface TransactionResult {
  /** One reply a recipient, in order: theirs, or ours in their form. */
  readonly replies: readonly string[];
  readonly lost: boolean;
  /** The connection broke before anything was decided: another host may be asked. */
  readonly undecided: boolean;
}

export class SmtpSession {
  readonly hop: Hop;
  /** What tracking tells about the connection. */
  readonly detail: Readonly<Record<string, string>>;
  readonly #client: SmtpClient;
  readonly #limits: SessionLimits;
  #ended = false;
  #onError: ((error: ClientError) => void) | undefined;
  messages = 0;

  constructor(hop: Hop, client: SmtpClient, options: { limits: SessionLimits; whyClear: string | undefined }) {
    this.hop = hop;
    this.#client = client;
    this.#limits = options.limits;
    this.detail = tlsDetail(client, options.whyClear);
    client.on('error', (error: ClientError) => {
      this.#ended = true;
      this.#onError?.(error);
    });
    client.on('end', () => {
      this.#ended = true;
    });
  }

  get isUsable(): boolean {
    const socket = this.#client._socket;
    return !this.#ended && !this.#client._destroyed && !!socket && !socket.destroyed && socket.writable;
  }

  has(extension: 'SMTPUTF8' | '8BITMIME' | 'DSN' | 'PIPELINING'): boolean {
    return this.#client._supportedExtensions.includes(extension);
  }

  /** Sends one message to some recipients. */
  async send(transaction: Transaction): Promise<TransactionResult> {
    const refusal = this.#unfit(transaction);
    if (refusal !== undefined) return { replies: transaction.recipients.map(() => refusal), lost: false, undecided: false };
    this.messages += 1;
    const client = this.#client;
    client.begin({
      recipientArguments: this.has('DSN') ? transaction.recipients.map(({ dsnArguments }) => dsnArguments) : [],
      needsUtf8: transaction.needsUtf8,
      finalTimeoutMs: this.#limits.finalMs,
    });
    const outcome = await this.#transact(transaction);
    if (outcome.error === undefined) {
      if (this.isUsable && client._socket) client._socket.setTimeout(this.#limits.commandMs);
      const replies = client.recipientReplies.map((reply) => (isPositive(reply) ? oneLine(outcome.reply) : oneLine(reply)));
      return { replies, lost: !this.isUsable, undecided: false };
    }
    return this.#afterFailure(transaction, outcome.error);
  }

  /** QUIT without waiting for long. */
  close(): void {
    if (this.isUsable) this.#client.quit();
    setTimeout(() => this.#client.close(), 2_000).unref();
  }

  destroy(): void {
    this.#client.close();
    const socket = this.#client._socket;
    if (socket) socket.destroy();
  }

  /** What the peer does not offer and the message needs. */
  #unfit({ needsUtf8, eightBit, sizeBytes }: Transaction): string | undefined {
    // RFC 6531 §3.2: without the extension such mail is not sent; there is no other way to write the addresses.
    if (needsUtf8 && !this.has('SMTPUTF8')) return '553 5.6.7 The next server does not take internationalized addresses (no SMTPUTF8)';
    // RFC 6152 §3: eight-bit content is converted or returned.
    if (eightBit && !this.has('8BITMIME')) return '554 5.6.3 The next server does not take 8-bit content (no 8BITMIME)';
    const limit = this.#client._maxAllowedSize;
    // RFC 1870 §6.1: what is above the limit that was told need not be tried.
    if (limit > 0 && sizeBytes > limit) return `552 5.3.4 The next server takes messages of at most ${limit} bytes`;
    return undefined;
  }

  #transact(transaction: Transaction): Promise<{ readonly reply: string; readonly error?: ClientError }> {
    const { from, recipients, sizeBytes, eightBit, dsn } = transaction;
    return new Promise((resolve) => {
      const totalMs = this.#limits.transactionMs + sizeBytes / SLOWEST_BYTES_PER_MS;
      const deadline = setTimeout(() => {
        finish({ reply: '', error: new Error('the transaction took too long') });
        this.destroy();
      }, totalMs);
      const finish = (result: { reply: string; error?: ClientError }): void => {
        clearTimeout(deadline);
        this.#onError = undefined;
        resolve(result);
      };
      this.#onError = (error) => finish({ reply: '', error });
      const to = recipients.map(({ address }) => address);
      const envelope = { from, to, size: sizeBytes, use8BitMime: eightBit, ...(dsn === undefined ? {} : { dsn }) };
      this.#client.send(envelope, transaction.body(), (error, info) => {
        if (error === null) finish({ reply: info?.response ?? '250' });
        else finish({ reply: '', error });
      });
    });
  }

  async #afterFailure({ recipients }: Transaction, error: ClientError): Promise<TransactionResult> {
    const { recipientReplies, dotSent } = this.#client;
    const answered = error.response !== undefined && /^[45]\d\d/.test(error.response);
    if (answered) {
      const common = oneLine(error.response ?? '');
      // A refused sender decides for all; otherwise each has its own reply, and the accepted ones share that to DATA.
      const replies = recipients.map((_, n) => {
        const own = recipientReplies[n];
        if (error.command === 'MAIL FROM' || own === undefined) return common;
        return isPositive(own) ? common : oneLine(own);
      });
      const lost = !(await this.#reset());
      return { replies, lost, undecided: false };
    }
    this.destroy();
    const stage = dotSent ? 'after the message was sent' : 'in the middle of the transaction';
    const words = `451 4.4.2 Connection lost ${stage}: ${wordsOf(error)}`;
    const replies = recipients.map((_, n) => {
      const own = recipientReplies[n];
      return own !== undefined && /^5/.test(own) ? oneLine(own) : words;
    });
    return { replies, lost: true, undecided: !dotSent };
  }

  #reset(): Promise<boolean> {
    if (!this.isUsable) return Promise.resolve(false);
    return new Promise((resolve) => {
      const deadline = setTimeout(() => finish(false), 30_000);
      const finish = (isFit: boolean): void => {
        clearTimeout(deadline);
        this.#onError = undefined;
        if (!isFit) this.destroy();
        resolve(isFit);
      };
      this.#onError = () => finish(false);
      this.#client.reset((error) => finish(error === null));
    });
  }
}

function tlsDetail(client: SmtpClient, whyClear: string | undefined): Record<string, string> {
  if (!client.secure || !client._socket) return { tls: 'none', ...(whyClear === undefined ? {} : { 'tls-failure': whyClear }) };
  const socket = client._socket as TLSSocket;
  const reason = socket.authorizationError as Error | string | null;
  return {
    tls: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName ?? socket.getCipher().name,
    verified: socket.authorized
      ? 'yes'
      : `no (${typeof reason === 'string' ? reason : ((reason as NodeJS.ErrnoException | null)?.code ?? 'unknown')})`,
  };
}

function isPositive(reply: string): boolean {
  return reply.startsWith('2');
}
