/**
 * One POP3 connection: lines in, answers out, TLS, log-in, time limits.
 *
 * 1. Commands run one after another in the order they came; pipelined ones wait in a bounded queue (RFC 2449 §6.6).
 * 2. Nothing that was read before TLS counts afterwards.
 * 3. However the connection ends, the maildrop's lock is released and nothing is removed without QUIT.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LoginVerdict } from '../../directory/login.ts';
import { isKnownError } from '../../lib/errors.ts';
import { isLoopback } from '../../lib/ip-address.ts';
import type { AccountId } from '../../wire/ids.ts';
import { AUTHORIZATION, TRANSACTION } from './commands.ts';
import type { Pop3Context } from './context.ts';
import { LineReader } from './line-reader.ts';
import { Maildrop } from './maildrop.ts';
import type { Pop3Session, ResponseCode } from './session.ts';

const WAITING_LINES = 100;
const BAD_COMMANDS = 10;

export class Pop3Connection implements Pop3Session {
  readonly #context: Pop3Context;
  readonly #reader = new LineReader();
  readonly #waiting: string[] = [];
  readonly #remoteAddress: string;
  readonly #loopback: boolean;
  #socket: Socket;
  #busy = false;
  #ended = false;
  #bad = 0;
  #locked: AccountId | undefined;
  #onLine: ((line: string | undefined) => void) | undefined;
  #loginTimer: NodeJS.Timeout;
  isSecure = false;
  maildrop: Maildrop | undefined;
  user: string | undefined;

  constructor(context: Pop3Context, socket: Socket, onClosed: () => void) {
    this.#context = context;
    this.#socket = socket;
    this.#remoteAddress = socket.remoteAddress ?? '';
    this.#loopback = isLoopback(this.#remoteAddress) && isLoopback(socket.localAddress);
    this.#loginTimer = setTimeout(() => this.end(), context.limits.loginMs);
    socket.once('close', () => {
      this.#release();
      onClosed();
    });
  }

  get hostname(): string {
    return this.#context.hostname;
  }
  get version(): string {
    return this.#context.version;
  }
  get mayLogIn(): boolean {
    return this.isSecure || this.#loopback;
  }
  get canStartTls(): boolean {
    return this.#context.secureContext(null) !== null;
  }
  get account(): AccountId | undefined {
    return this.#locked;
  }

  start(implicitTls: boolean): void {
    if (implicitTls) this.#secure(() => this.#greet());
    else {
      this.#listen();
      this.#greet();
    }
  }

  #greet(): void {
    this.ok(`${this.hostname} POP3 ready`);
  }

  ok(text: string): void {
    this.#send(text === '' ? '+OK\r\n' : `+OK ${text}\r\n`);
  }

  err(text: string, code?: ResponseCode): void {
    this.#send(code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`);
  }

  lines(lines: Iterable<string>): void {
    let block = '';
    for (const line of lines) {
      block += `${line}\r\n`;
      if (block.length > 65_536) {
        this.#send(block);
        block = '';
      }
    }
    this.#send(`${block}.\r\n`);
  }

  async write(pieces: readonly Buffer[]): Promise<void> {
    if (this.#ended) return;
    this.#socket.cork();
    let room = true;
    for (const piece of pieces) room = this.#socket.write(piece);
    this.#socket.uncork();
    if (room || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }

  startTls(): void {
    this.#waiting.length = 0;
    this.#reader.clear();
    this.#secure(() => undefined);
  }

  challenge(text: string): Promise<string | undefined> {
    this.#send(`+ ${text}\r\n`);
    return new Promise((resolve) => {
      this.#onLine = resolve;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#answerChallenge(next);
    });
  }

  async logIn(login: string, password: string): Promise<void> {
    const remoteAddress = this.#remoteAddress;
    const request = { login, password, protocol: 'pop3', remoteAddress, tls: this.isSecure } as const;
    const verdict = await this.#context.authenticator.login(request);
    if (verdict.kind === 'account') return this.#open(verdict.account, verdict.address);
    this.#context.log.info({ remote: remoteAddress, login: login.slice(0, 100), verdict: verdict.kind }, 'pop3_login_refused');
    this.#refuse(verdict);
  }

  #refuse(verdict: Exclude<LoginVerdict, { kind: 'account' }>): void {
    if (verdict.kind === 'refused') this.err('Address and password do not match', 'AUTH');
    else if (verdict.kind === 'suspended') this.err('This mailbox may not log in at present', 'AUTH');
    // RFC 2449 §8.1.1: LOGIN-DELAY says that the same will work later.
    else if (verdict.kind === 'throttled') this.err(`Too many tries, come back in ${verdict.retryAfterS} seconds`, 'LOGIN-DELAY');
    else this.err('The mailbox cannot be opened at present', 'SYS/TEMP');
  }

  async #open(account: AccountId, address: string): Promise<void> {
    // RFC 1939 §4: the lock is taken before the maildrop is opened, and kept to the end of the session.
    if (!(await this.#context.lock.take(account))) return this.err('The mailbox is open in another POP3 session', 'IN-USE');
    this.#locked = account;
    try {
      this.maildrop = await Maildrop.open(this.#context.mailstore, account);
    } catch (error) {
      this.#release();
      throw error;
    }
    clearTimeout(this.#loginTimer);
    this.#context.log.info({ remote: this.#remoteAddress, address, tls: this.isSecure }, 'pop3_login');
    const { count, bytes } = this.maildrop.totals();
    this.ok(`${count} messages, ${bytes} octets`);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#loginTimer);
    this.#socket.end();
    this.#socket.setTimeout(5000, () => this.#socket.destroy());
  }

  /** Ends the session from outside (stop, revoked credentials). */
  shutDown(reason: string): void {
    if (!this.#ended) this.err(reason, 'SYS/TEMP');
    this.end();
  }

  #release(): void {
    clearTimeout(this.#loginTimer);
    this.#onLine?.(undefined);
    if (this.#locked !== undefined) this.#context.lock.release(this.#locked);
    this.#locked = undefined;
    this.#ended = true;
  }

  #send(text: string): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(text);
  }

  #secure(onSecure: () => void): void {
    const plain = this.#socket;
    const fallback = this.#context.secureContext(null);
    if (fallback === null) {
      plain.destroy();
      return;
    }
    plain.removeAllListeners('data');
    const secure = new TLSSocket(plain, {
      isServer: true,
      secureContext: fallback,
      SNICallback: (name, done) => done(null, this.#context.secureContext(name) ?? fallback),
    });
    secure.once('secure', () => {
      this.isSecure = true;
      onSecure();
    });
    this.#socket = secure;
    secure.once('close', () => plain.destroy());
    this.#listen();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.setTimeout(this.#context.limits.idleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#take(this.#reader.push(chunk)));
    socket.on('end', () => this.end());
  }

  #take(lines: readonly (string | null)[]): void {
    for (const line of lines) {
      if (line === null || this.#waiting.length >= WAITING_LINES) {
        this.err('Line too long');
        this.end();
        return;
      }
      if (this.#onLine === undefined) this.#waiting.push(line);
      else this.#answerChallenge(line);
    }
    void this.#run();
  }

  #answerChallenge(line: string): void {
    const take = this.#onLine;
    this.#onLine = undefined;
    take?.(line);
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#socket.pause();
    for (let line = this.#waiting.shift(); line !== undefined && !this.#ended; line = this.#waiting.shift()) {
      // A SASL exchange reads its own lines.
      if (/^AUTH\b/i.test(line)) this.#socket.resume();
      await this.#execute(line);
    }
    this.#busy = false;
    this.#socket.resume();
  }

  async #execute(line: string): Promise<void> {
    const space = line.indexOf(' ');
    const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
    // PASS takes everything after one space, spaces included (RFC 1939 §7).
    const args = space < 0 ? '' : verb === 'PASS' ? line.slice(space + 1) : line.slice(space + 1).trim();
    try {
      const { maildrop } = this;
      const known = maildrop === undefined ? AUTHORIZATION[verb]?.(this, args) : TRANSACTION[verb]?.(this, maildrop, args);
      if (known === undefined && !(verb in (maildrop === undefined ? AUTHORIZATION : TRANSACTION))) return this.#unknown(verb);
      await known;
    } catch (error) {
      if (!isKnownError(error)) this.#context.log.error({ err: error, verb }, 'pop3_defect');
      this.err('The mailbox is not available at present', 'SYS/TEMP');
    }
  }

  #unknown(verb: string): void {
    this.#bad += 1;
    const legalElsewhere = verb in AUTHORIZATION || verb in TRANSACTION;
    this.err(legalElsewhere ? 'Not now' : 'This command is not known');
    if (this.#bad >= BAD_COMMANDS) this.end();
  }
}
