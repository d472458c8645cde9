/**
 * smtp-server's connection with our way of answering.
 *
 * 1. Every reply leaves through `reply` with a code and an enhanced code of its own, or is one of those that carry none.
 * 2. Replies to one batch of pipelined commands leave in one piece (RFC 2920 §3.2), and none while a handshake runs.
 * 3. A 421 ends the connection.
 * Specifications: RFC 5321 §4.2, RFC 2034, RFC 4954 §4.
 */
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { formatReply, printable, type Reply } from '../../wire/smtp/reply.ts';

export class ReplyConnection extends SMTPConnection {
  #isBatching = false;
  #outgoing = '';

  reply(said: Reply): void {
    this.#write(formatReply(said));
    if (said.code === 421) this.close();
  }

  /** A greeting or the lines of EHLO, which carry no enhanced codes (RFC 2034 §3). */
  replyLines(code: number, lines: readonly string[]): void {
    const last = lines.length - 1;
    this.#write(lines.map((line, index) => `${code}${index < last ? '-' : ' '}${printable(line)}\r\n`).join(''));
  }

  /** smtp-server's own way out, used by its SASL and TLS parts. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const text = Array.isArray(data) ? data.join(' ') : (data ?? '');
    // RFC 4954 §4: a challenge without text is "334 " and carries no enhanced code.
    if (code === 334) return this.#write(`334 ${text}\r\n`);
    const own = /^([245]\.\d{1,3}\.\d{1,3}) (.*)$/.exec(text);
    const enhanced = own?.[1] ?? this._getEnhancedStatusCode(code, context);
    this.reply({ code, enhanced, text: own?.[2] ?? text });
  }

  #write(text: string): void {
    this.#outgoing += text;
    if (!this.#isBatching) this.flush();
  }

  /** Sends what was gathered; nothing may leave while a handshake runs on the same socket. */
  flush(): void {
    const text = this.#outgoing;
    if (text === '') return;
    this.#outgoing = '';
    const socket = this._socket;
    if (!this._upgrading && !socket.destroyed && socket.writable) socket.write(text);
  }

  beginBatch(): void {
    this.#isBatching = true;
  }

  endBatch(): void {
    this.#isBatching = false;
    this.flush();
  }

  override close(): void {
    this.flush();
    super.close();
  }
}
