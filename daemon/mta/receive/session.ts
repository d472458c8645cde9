/**
 * One SMTP connection. smtp-server keeps the socket, STARTTLS and the SASL exchanges; commands, replies
 * (reply-connection.ts) and the mail transaction are ours.
 *
 * 1. An exception anywhere in a command is logged and answered 451 4.3.0.
 * 2. A command that answers later holds the reading of the next one.
 * 3. After STARTTLS nothing is left of what was said before it (RFC 3207 §4.2).
 * 4. The counters here (errors, refused recipients, idle commands) end a session, never a delivery under way.
 * Specifications: RFC 5321, RFC 2920 (pipelining), RFC 3207, RFC 4954.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import { isLoopback } from '../../lib/ip-address.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import { troubleReply } from '../reply.ts';
import { COMMANDS } from './commands.ts';
import type { ReceiverContext } from './context.ts';
import { DataReader } from './data-reader.ts';
import { endData } from './end-data.ts';
import { type LineConsumer, LineParser } from './line-parser.ts';
import type { ReceiverProfile } from './profile.ts';
import type { SmtpListener } from './receiver.ts';
import { ReplyConnection } from './reply-connection.ts';
import type { Peer, SessionAccount, Transaction } from './transaction.ts';

/** RFC 5321 §4.5.3.1.4 asks for 512 octets and more with extensions; AUTH PLAIN needs the most. */
const LINE_LIMIT = 4_096;
const MAX_ERRORS = 20;
const MAX_GUESSES = 50;
const GREETING_WAIT_MS = 100;
export const HANDSHAKE_MS = 30_000;
/** Over the limit this much is read and dropped, so that the peer can hear the 552; then the connection ends. */
const OVERRUN_BYTES = 10 * 1_048_576;

export class SmtpSession extends ReplyConnection implements LineConsumer {
  readonly context: ReceiverContext;
  readonly profile: ReceiverProfile;
  readonly startedAtMs = performance.now();
  helo = '';
  isExtended = false;
  account: SessionAccount | undefined;
  transaction: Transaction | undefined;
  data: DataReader | undefined;
  dataStartedAtMs = 0;
  messages = 0;
  failedLogins = 0;
  guesses = 0;
  idleCommands = 0;
  readonly #listener: SmtpListener;
  #errors = 0;
  #isBusy = false;
  #isCounted = false;
  #hasEnded = false;

  constructor(listener: SmtpListener, socket: Socket | TLSSocket, options: { id: string }) {
    super(listener as SMTPServer, socket, options);
    this.#listener = listener;
    this.context = listener.context;
    this.profile = listener.profile;
    this.name = this.context.hostname();
  }

  /** True between commands and outside a transaction: the session may be ended without harm. */
  get isIdle(): boolean {
    return !this.#isBusy && this.transaction === undefined;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get peer(): Peer {
    const cipher = this.tlsOptions;
    return {
      clientAddress: this.remoteAddress,
      clientPort: this.remotePort,
      helo: this.helo,
      isExtended: this.isExtended,
      isSecure: this.secure,
      tls:
        this.secure && cipher ? { version: (this._socket as TLSSocket).getProtocol() ?? cipher.version, cipher: cipher.name } : undefined,
      account: this.account,
    };
  }

  /** Both ends on this machine's loopback: a log-in needs no TLS then. */
  get isOnLoopback(): boolean {
    return isLoopback(this.remoteAddress) && isLoopback(this.localAddress);
  }

  override init(): void {
    this._setListeners(() => {
      const limit = this.context.directory.setting<number>('mailIn.connectionsPerAddress');
      this.#isCounted = this.context.connections.enter(this.remoteAddress, limit);
      if (!this.#isCounted) return this.reply(reply(421, '7.0', 'Too many connections from your address'));
      // RFC 5321 §3.1: the client waits for the greeting. Two turns of the event loop show what a client on loopback has
      // sent before it; a foreign one is given a little longer to be impatient.
      if (isLoopback(this.remoteAddress)) setImmediate(() => setImmediate(() => this.#greet()));
      else setTimeout(() => this.#greet(), GREETING_WAIT_MS).unref();
    });
  }

  #greet(): void {
    if (this._closing || this._closed) return;
    this._ready = true;
    const text = this.context.directory.setting<string>('mailIn.greeting');
    this.replyLines(220, [`${this.name} ESMTP${text === '' ? '' : ` ${text}`}`]);
  }

  override _createParser(): LineParser {
    const parser = new LineParser(this, LINE_LIMIT);
    parser.on('error', (error: Error) => this.fail(error, 'parser'));
    parser.on('finish', () => this.#onEnd(parser));
    return parser;
  }

  /** The client closed its side; answers under way still reach it. */
  #onEnd(parser: LineParser): void {
    if (parser !== this._parser) return;
    this.#hasEnded = true;
    if (!this.#isBusy) this.close();
  }

  override _resetSession(): void {
    this.transaction = undefined;
    this.data?.release();
    this.data = undefined;
  }

  /** smtp-server arms the TLS socket of a STARTTLS here before its handshake: a client that leaves during it is let go. */
  override _armTimeout(socket: Socket | TLSSocket = this._socket): void {
    super._armTimeout(socket);
    if (socket === this._socket) return;
    const end = (): void => {
      if (this._upgrading) socket.destroy();
    };
    const timer = setTimeout(end, HANDSHAKE_MS).unref();
    socket
      .once('end', end)
      .once('close', () => clearTimeout(timer))
      .once('secure', () => clearTimeout(timer));
    if (this._socket.readableEnded) end();
  }

  override _onTimeout(): void {
    if (this._closing) this._socket.destroy();
    else if (this.#isBusy) this._armTimeout();
    else this.reply(reply(421, '4.2', 'Nothing was heard for too long'));
  }

  override _onClose(): void {
    if (!this._closed) {
      this.#listener.forget(this);
      if (this.#isCounted) this.context.connections.leave(this.remoteAddress);
      if (!this.#isBusy) this._resetSession();
      const seconds = Math.round(performance.now() - this.startedAtMs) / 1_000;
      this.context.log.info(
        { peer: this.remoteAddress, helo: this.helo, messages: this.messages, seconds },
        `${this.profile.name}.disconnected`,
      );
    }
    super._onClose();
  }

  onLine(line: Buffer, done: () => void): void {
    if (this._upgrading) return done();
    if (!this._ready) {
      this.context.log.info({ peer: this.remoteAddress }, 'smtp.early-talker');
      return this.reply(reply(421, '7.0', 'You talk before you are greeted'));
    }
    if (this.#listener.isStopping) return this.reply(reply(421, '3.2', 'Going down, come back in a moment'));
    this.#run(line, done);
  }

  #run(line: Buffer, done: () => void): void {
    const text = line.toString('utf8');
    const space = text.indexOf(' ');
    const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase();
    this.#guard(() => {
      const next = this._nextHandler;
      if (next) {
        // A line of a SASL exchange.
        this._nextHandler = false;
        return next.call(this, line, done);
      }
      const command = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
      if (command === undefined) this.#unknownCommand(text);
      else {
        const result = command(this, space < 0 ? '' : text.slice(space + 1), done);
        if (result === 'later') return;
      }
      done();
    }, done);
  }

  /** A browser that was made to speak to us is sent away at once: its request's body could be commands. */
  #unknownCommand(text: string): void {
    if (/ HTTP\/\d/.test(text)) this.reply(reply(421, '7.0', 'This is no web server'));
    else this.reject(reply(500, '5.2', 'Command not recognized'));
  }

  onBadLine(problem: 'bare-line-end' | 'nul' | 'too-long', done: () => void): void {
    if (this._upgrading) return done();
    if (problem === 'too-long') return this.reply(reply(421, '7.0', 'The line is too long'));
    const text = problem === 'nul' ? 'The line holds a NUL' : 'Lines end with CR LF, and hold neither CR nor LF alone';
    this.reject(reply(500, '5.2', text));
    done();
  }

  onDataProgress(): void {
    const data = this.data;
    if (data !== undefined && data.size > this.sizeLimit + OVERRUN_BYTES) {
      this.reply(reply(552, '3.4', `The message is larger than ${this.sizeLimit} octets`));
      this.close();
    }
  }

  onDataEnd(done: () => void): void {
    this.finishLater(endData(this), done);
  }

  /** Sends the reply that a promise leads to; the next command waits for it. */
  finishLater(work: Promise<Reply>, done: () => void): void {
    this.#isBusy = true;
    work
      .catch((error: unknown) => {
        this.fail(error, 'command');
        return troubleReply(error);
      })
      .then((answer) => {
        this.#isBusy = false;
        this.reply(answer);
        done();
        if (this.#hasEnded) this.close();
      })
      .catch((error: unknown) => this.fail(error, 'reply'));
  }

  #guard(work: () => void, done: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error, 'command');
      this._resetSession();
      this.reply(troubleReply(error));
      done();
    }
  }

  /** The account's credentials changed: what was verified before counts no more. */
  revoke(): void {
    this.account = undefined;
    if (!this.#isBusy) this.reply(reply(421, '7.0', 'The log-in of this mailbox has changed, log in anew'));
  }

  fail(error: unknown, where: string): void {
    this.context.log.error({ err: error, peer: this.remoteAddress, where }, 'smtp.defect');
  }

  get sizeLimit(): number {
    return this.context.directory.setting<number>('mailIn.maxBytes');
  }

  /** A message was taken: the client knows what it does. */
  settle(): void {
    this.messages += 1;
    this.idleCommands = 0;
    this.#errors = 0;
  }

  /** A 4xx or 5xx for something the client did wrong; too many of them end the session. */
  reject(refusal: Reply): void {
    this.#errors += 1;
    if (this.#errors >= MAX_ERRORS) this.reply(reply(421, '7.0', 'Too many errors'));
    else this.reply(refusal);
  }

  /** Guessing recipients is ended before it tells much. */
  rejectGuess(refusal: Reply): void {
    this.guesses += 1;
    if (this.guesses >= MAX_GUESSES) this.reply(reply(421, '7.0', 'Too many recipients that do not exist here'));
    else this.reply(refusal);
  }

  override close(): void {
    if (!this.#isBusy) this._resetSession();
    super.close();
  }

  /** Data mode: what follows is content. */
  readData(): void {
    const reader = new DataReader(this.sizeLimit, this.context.memory);
    this.data = reader;
    this.dataStartedAtMs = performance.now();
    if (this._parser) (this._parser as LineParser).readData(reader);
  }

  /** When the unfinished line began, 0 without one. */
  get partialLineSinceMs(): number {
    return this._parser ? (this._parser as LineParser).partialSinceMs : 0;
  }

  get isReadingData(): boolean {
    return this._parser ? (this._parser as LineParser).isReadingData : false;
  }
}
