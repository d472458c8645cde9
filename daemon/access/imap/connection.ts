/**
 * One client's socket: reads commands one after another, runs each, writes what it answers. The only place that touches the socket.
 *
 * 1. A command is read only when the one before has been answered: pipelining costs the client nothing, and memory is bounded by the
 *    unread octets ({@link READ_AHEAD_BYTES}), beyond which the socket is paused.
 * 2. Answers of pipelined commands go out together; no more than {@link WRITE_BEHIND_BYTES} are held before a flush, and a flush waits for
 *    the client to take them.
 * 3. Whatever fails in a command becomes one tagged answer; nothing that a client sends ends the process.
 * 4. Octets that came before TLS are never obeyed after it.
 * Specifications: RFC 9051 §2.2, §5.4, §5.5, §6.2.1, §7.1 (BYE).
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isLoopback } from '../../lib/ip-address.ts';
import type { AccountId } from '../../wire/ids.ts';
import type { Command } from '../../wire/imap/command.ts';
import {
  CommandReader,
  type LiteralRefusal,
  type LiteralRequest,
  type ReaderEvent,
  type ReaderLimits,
} from '../../wire/imap/command-reader.ts';
import { parseCommand } from '../../wire/imap/parse-command.ts';
import { ResponseWriter } from '../../wire/imap/response-writer.ts';
import { capabilityText } from './capabilities.ts';
import { specOf } from './command-table.ts';
import type { ImapContext } from './context.ts';
import type { LiteralMemory } from './literal-memory.ts';
import { bad, no, type Reply, replyOfError } from './reply.ts';
import { Session, type SessionIo } from './session.ts';
import type { SharedFolders } from './shared-folders.ts';

const READ_AHEAD_BYTES = 256 * 1024;
const WRITE_BEHIND_BYTES = 64 * 1024;
/** Octets that the kernel has not taken yet and that a flush does not wait for. */
const IN_FLIGHT_BYTES = 384 * 1024;
/** Commands in a row that are refused before the connection ends: before log-in, and after. */
const MAX_BAD_BEFORE_LOGIN = 10;
const MAX_BAD = 100;
const LOGGED_OUT_LITERAL_BYTES = 8 * 1024;
const ARGUMENT_LITERAL_BYTES = 256 * 1024;
const READER_LIMITS: ReaderLimits = { lineBytes: 64 * 1024, droppedBytes: 64 * 1024 * 1024, literals: 1000 };
const LOGGED_OUT_READER_LIMITS: ReaderLimits = { lineBytes: 16 * 1024, droppedBytes: 128 * 1024, literals: 8 };

export interface ConnectionHooks {
  /** May this account have one more session? Called once, at log-in. */
  loggedIn(connection: Connection, account: AccountId): boolean;
  closed(connection: Connection): void;
}

interface ConnectionParts {
  readonly shared: SharedFolders;
  readonly memory: LiteralMemory;
  readonly origin: string;
}

type Ending = 'none' | 'after-flush' | 'closed';

export class Connection implements SessionIo {
  readonly #context: ImapContext;
  readonly #hooks: ConnectionHooks;
  readonly #reader: CommandReader;
  readonly #startedAt = Date.now();
  readonly writer = new ResponseWriter();
  readonly session: Session;
  readonly remoteAddress: string;
  readonly isLoopback: boolean;
  #socket: Socket;
  #isSecure = false;
  #isPaused = false;
  #ending: Ending = 'none';
  #wantsTls = false;
  #badInRow = 0;
  #waiter: (() => void) | null = null;
  #isWoken = false;
  #drained: (() => void) | null = null;
  #hasInputEnded = false;
  #loginTimer: NodeJS.Timeout | null;
  #account: AccountId | null = null;
  readonly #memory: LiteralMemory;
  /** Octets of the present command's literals that count in `#memory`. */
  #held = 0;

  constructor(context: ImapContext, socket: Socket, hooks: ConnectionHooks, parts: ConnectionParts) {
    this.#context = context;
    this.#hooks = hooks;
    this.#memory = parts.memory;
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.isLoopback = isLoopback(socket.remoteAddress) && isLoopback(socket.localAddress);
    this.#reader = new CommandReader(LOGGED_OUT_READER_LIMITS, (request) => this.#admit(request));
    this.session = new Session(context, this, parts.shared, parts.origin);
    this.#loginTimer = setTimeout(() => this.#expire('Too slow to log in'), context.limits.loginMs);
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 120_000);
    socket.on('error', () => this.#close());
    socket.on('close', () => this.#close());
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  get isClosed(): boolean {
    return this.#ending !== 'none';
  }

  /** Serves the client until it leaves. Never rejects. */
  async run(implicitTls: boolean): Promise<void> {
    try {
      if (implicitTls) await this.#secure();
      else this.#listen(this.#socket);
      if (this.#ending === 'closed') return;
      this.writer.status('*', 'OK', `CAPABILITY ${capabilityText(this.session)}`, `${this.#context.hostname} Mailstead ready`);
      while (this.#ending === 'none') await this.#step();
      await this.flush();
    } catch (error) {
      this.#context.log.error({ err: error, remote: this.remoteAddress }, 'imap_connection_failed');
    } finally {
      this.session.unselect();
      this.#socket.end();
      // A client that does not close its side is not waited for.
      if (this.#ending !== 'closed') setTimeout(() => this.#socket.destroy(), 2000).unref();
      this.#close();
    }
  }

  /** Reads and answers one event; sends what was answered when there is nothing more to read. */
  async #step(): Promise<void> {
    const event = this.#reader.next();
    if (event === null) {
      await this.flush();
      if (this.#wantsTls) return this.#upgrade();
      return this.wait();
    }
    if (event.type === 'continue') this.writer.ascii('+ OK\r\n');
    else if (event.type === 'frame') {
      const parsed = parseCommand(event.frame);
      if (parsed.ok) await this.#execute(parsed.tag, parsed.command);
      else this.#refuse(parsed.tag, parsed);
    } else if (event.type === 'refused') {
      this.#refuse(event.tag, event);
      if (event.fatal) this.session.bye('This is too much');
    }
    if (event.type !== 'continue') this.#giveBack();
    if (this.#wantsTls) {
      await this.flush();
      await this.#upgrade();
    } else if (this.writer.pendingBytes > WRITE_BEHIND_BYTES) await this.flush();
  }

  async #execute(tag: string, command: Command): Promise<void> {
    const spec = specOf(command);
    if (!spec.states.includes(this.session.state)) {
      this.#refuse(tag, bad(`${command.name} is not allowed now`));
      return;
    }
    this.session.tag = tag;
    let reply: Reply;
    try {
      reply = await spec.run(this.session, command);
      await this.session.announce(spec.holdsExpunge?.(command) !== true, 'uid' in command && command.uid);
    } catch (error) {
      const known = replyOfError(error, spec.rejectedCode);
      if (known === null) this.#context.log.error({ err: error, command: command.name, remote: this.remoteAddress }, 'imap_command_failed');
      reply = known ?? no('SERVERBUG', 'Internal error');
    }
    if (reply.status === 'BAD') this.#refuse(tag, reply);
    else {
      this.#badInRow = 0;
      this.writer.status(tag, reply.status, reply.code, reply.text);
    }
  }

  #refuse(tag: string | null, reply: Reply | LiteralRefusal): void {
    this.writer.status(tag ?? '*', reply.status, reply.code, reply.text);
    this.#badInRow++;
    if (this.#badInRow >= (this.session.login === null ? MAX_BAD_BEFORE_LOGIN : MAX_BAD)) this.session.bye('Too many bad commands');
  }

  /** RFC 9051 §4.3: a literal is refused before room is made for it. */
  #admit({ verb, sizeBytes, earlierBytes, isSynchronizing }: LiteralRequest): LiteralRefusal | null {
    const total = sizeBytes + earlierBytes;
    if (this.session.login === null) {
      return total <= LOGGED_OUT_LITERAL_BYTES ? null : { status: 'BAD', code: 'TOOBIG', text: 'The literal is too big' };
    }
    if (verb === 'APPEND') {
      // RFC 7889 §4: told before the client sends it.
      const isFull = isSynchronizing && sizeBytes > this.#context.limits.messageBytes;
      if (isFull || total > this.#context.limits.messageBytes + MAX_NAME_BYTES)
        return { status: 'NO', code: 'TOOBIG', text: 'The message is too big' };
      return this.#hold(sizeBytes) ? null : { status: 'NO', code: 'LIMIT', text: 'Too many large messages at once, try again' };
    }
    return total <= ARGUMENT_LITERAL_BYTES ? null : { status: 'BAD', code: 'TOOBIG', text: 'The literal is too big' };
  }

  /** Counts a large literal; a small one is bounded by the number of sessions. */
  #hold(sizeBytes: number): boolean {
    if (sizeBytes <= ARGUMENT_LITERAL_BYTES) return true;
    if (this.#account === null || !this.#memory.take(this.#account, sizeBytes)) return false;
    this.#held += sizeBytes;
    return true;
  }

  #giveBack(): void {
    if (this.#held > 0 && this.#account !== null) this.#memory.give(this.#account, this.#held);
    this.#held = 0;
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      if (this.#reader.bufferedBytes > READ_AHEAD_BYTES && this.#waiter === null) {
        this.#isPaused = true;
        socket.pause();
      }
      this.wake();
    });
    socket.on('drain', () => this.#drained?.());
    // What a client sent before it closed its side is still answered.
    socket.on('end', () => {
      this.#hasInputEnded = true;
      this.wake();
    });
    socket.setTimeout(this.#context.limits.idleMs, () => this.#expire('Idle for too long'));
  }

  #expire(reason: string): void {
    this.session.bye(reason);
    this.wake();
    // A command that runs, or a client that takes nothing, must not keep the connection.
    setTimeout(() => this.#socket.destroy(), 5000).unref();
  }

  nextLine(): ReaderEvent | null {
    return this.#reader.nextLine();
  }

  wake(): void {
    this.#isWoken = true;
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.();
  }

  async wait(): Promise<void> {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#socket.resume();
    }
    if (this.#hasInputEnded) return this.end();
    if (!this.#isWoken && this.#ending === 'none') {
      this.writer.rest();
      await new Promise<void>((resolve) => {
        this.#waiter = resolve;
      });
    }
    this.#isWoken = false;
  }

  async flush(): Promise<void> {
    if (this.writer.pendingBytes === 0) return;
    const chunks = this.writer.take();
    if (this.#ending === 'closed') return;
    const socket = this.#socket;
    socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    socket.uncork();
    if (!socket.writableNeedDrain || socket.writableLength < IN_FLIGHT_BYTES) return;
    const stalled = setTimeout(() => socket.destroy(), this.#context.limits.writeStallMs);
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (socket.destroyed) resolve();
    });
    this.#drained = null;
    clearTimeout(stalled);
  }

  startTls(): void {
    this.#wantsTls = true;
  }

  end(): void {
    if (this.#ending === 'none') this.#ending = 'after-flush';
    this.wake();
  }

  enter(account: AccountId): boolean {
    if (!this.#hooks.loggedIn(this, account)) return false;
    if (this.#loginTimer !== null) clearTimeout(this.#loginTimer);
    this.#loginTimer = null;
    this.#account = account;
    this.#reader.limits = READER_LIMITS;
    return true;
  }

  async #upgrade(): Promise<void> {
    this.#wantsTls = false;
    // RFC 9051 §6.2.1 and §11.1: what an attacker may have injected in clear text is forgotten.
    this.#reader.discard();
    await this.#secure();
  }

  /** Puts TLS on the socket and waits for the handshake. */
  async #secure(): Promise<void> {
    const plain = this.#socket;
    const secureContext = this.#context.secureContext(null);
    if (secureContext === null) return this.#close();
    plain.removeAllListeners('data');
    plain.removeAllListeners('end');
    plain.setTimeout(0);
    const secured = new TLSSocket(plain, {
      isServer: true,
      secureContext,
      SNICallback: (name, done) => done(null, this.#context.secureContext(name) ?? secureContext),
    });
    this.#socket = secured;
    secured.allowHalfOpen = true;
    secured.on('error', () => this.#close());
    secured.on('close', () => this.#close());
    await new Promise<void>((resolve) => {
      secured.once('secure', resolve);
      secured.once('close', resolve);
      secured.once('error', () => {
        secured.destroy();
        resolve();
      });
      // A client that leaves during the handshake is not waited for.
      secured.once('end', () => {
        if (!this.#isSecure) secured.destroy();
      });
      // A failed handshake of a server-side socket is told here only.
      secured.once('_tlsError', () => {
        secured.destroy();
        resolve();
      });
    });
    if (secured.destroyed) return this.#close();
    this.#isSecure = true;
    this.#listen(secured);
  }

  abort(): void {
    this.#socket.destroy();
    this.#close();
  }

  #close(): void {
    if (this.#ending === 'closed') return;
    this.#ending = 'closed';
    this.#giveBack();
    if (this.#loginTimer !== null) clearTimeout(this.#loginTimer);
    this.#context.log.info(
      {
        remote: this.remoteAddress,
        tls: this.#isSecure,
        account: this.#account,
        seconds: Math.round((Date.now() - this.#startedAt) / 1000),
      },
      'imap_session',
    );
    this.#hooks.closed(this);
    this.#drained?.();
    this.wake();
  }
}

const MAX_NAME_BYTES = 4096;
