/**
 * The IMAP server of one protocol thread: takes accepted sockets, counts sessions, ends them. Listening is the thread entry's work.
 * 1. Every socket given to handle() is closed in the end, whatever happens.
 * 2. Loopback is exempt from the counts per address and account only where the composition says so (the trial).
 */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { isLoopback } from '../../lib/ip-address.ts';
import { turnAway } from '../../lib/turn-away.ts';
import { ConnectionCounts } from '../../limits/connection-counts.ts';
import type { AccountId } from '../../wire/ids.ts';
import { Connection, type ConnectionHooks } from './connection.ts';
import type { ImapContext } from './context.ts';
import { LiteralMemory } from './literal-memory.ts';
import { SharedFolders } from './shared-folders.ts';

export interface ImapServer {
  /** Serves one accepted connection. */
  handle(socket: Socket, options: { implicitTls: boolean }): void;
  /** Says BYE to all, lets running commands end for at most `deadlineMs`, then cuts. */
  close(deadlineMs: number): Promise<void>;
  sessions(): number;
}

export function createImapServer(context: ImapContext): ImapServer {
  return new Server(context);
}

class Server implements ImapServer {
  readonly #context: ImapContext;
  readonly #connections = new Map<Connection, AccountId | null>();
  readonly #perAddress: ConnectionCounts;
  readonly #perAccount = new Map<AccountId, Set<Connection>>();
  readonly #shared = new SharedFolders();
  readonly #memory: LiteralMemory;
  readonly #hooks: ConnectionHooks = {
    loggedIn: (connection, account) => this.#enter(connection, account),
    closed: (connection) => this.#forget(connection),
  };
  #origins = 0;
  #isClosing = false;
  #onEmpty: (() => void) | null = null;

  constructor(context: ImapContext) {
    this.#context = context;
    this.#memory = new LiteralMemory(context.limits.uploadBytes, context.limits.uploadBytesPerAccount);
    this.#perAddress = new ConnectionCounts((address) => this.#isExempt(address));
    context.authenticator.onRevoked((account) => {
      for (const connection of this.#perAccount.get(account) ?? []) connection.session.bye('Your log-in is no longer valid');
    });
  }

  sessions(): number {
    return this.#connections.size;
  }

  handle(socket: Socket, { implicitTls }: { implicitTls: boolean }): void {
    const address = socket.remoteAddress ?? '';
    const refusal = this.#refusalOf(address);
    if (refusal !== null) {
      // Under implicit TLS a clear-text BYE would only confuse the client.
      turnAway(socket, implicitTls ? '' : `* BYE ${refusal}\r\n`);
      return;
    }
    // Unique among all threads, for the mailstore tells it to all of them.
    const connection = new Connection(this.#context, socket, this.#hooks, {
      shared: this.#shared,
      memory: this.#memory,
      origin: `imap-${threadId}-${++this.#origins}`,
    });
    this.#connections.set(connection, null);
    void connection.run(implicitTls);
  }

  async close(deadlineMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#connections.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    for (const connection of [...this.#connections.keys()]) connection.session.bye('Shutting down');
    const timer = new AbortController();
    await Promise.race([emptied, delay(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    for (const connection of [...this.#connections.keys()]) connection.abort();
  }

  #isExempt(address: string): boolean {
    return this.#context.limits.exemptLoopback && isLoopback(address);
  }

  /** Null: the connection is counted, until it is forgotten. */
  #refusalOf(address: string): string | null {
    const { limits } = this.#context;
    if (this.#isClosing) return 'Shutting down';
    if (this.#connections.size >= limits.sessions) return 'Too many connections';
    return this.#perAddress.enter(address, limits.sessionsPerAddress) ? null : 'Too many connections from your address';
  }

  #enter(connection: Connection, account: AccountId): boolean {
    const sessions = this.#perAccount.get(account) ?? new Set();
    if (!this.#isExempt(connection.remoteAddress) && sessions.size >= this.#context.limits.sessionsPerAccount) return false;
    sessions.add(connection);
    this.#perAccount.set(account, sessions);
    this.#connections.set(connection, account);
    return true;
  }

  #forget(connection: Connection): void {
    const account = this.#connections.get(connection);
    if (account === undefined) return;
    this.#connections.delete(connection);
    this.#perAddress.leave(connection.remoteAddress);
    if (account !== null) {
      const sessions = this.#perAccount.get(account);
      sessions?.delete(connection);
      if (sessions?.size === 0) this.#perAccount.delete(account);
    }
    if (this.#connections.size === 0) this.#onEmpty?.();
  }
}
