/**
 * The IMAP server of one protocol thread: takes accepted sockets, counts sessions, ends them. Listening is the thread entry's work.
 * 1. Every socket given to handle() is closed in the end, whatever happens.
 * 2. Loopback is exempt from the counts per address and account only where the composition says so (the trial).
 */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccountId } from '../../wire/ids.ts';
import { Connection, isLoopback } from './connection.ts';
import type { ImapContext } from './context.ts';
import { SharedFolders } from './shared-folders.ts';

export interface ImapServer {
  /** Serves one accepted connection. */
  handle(socket: Socket, options: { implicitTls: boolean }): void;
  /** Says BYE to all, lets running commands end for at most `deadlineMs`, then cuts. */
  close(deadlineMs: number): Promise<void>;
  sessions(): number;
}

export function createImapServer(context: ImapContext): ImapServer {
  const connections = new Map<Connection, AccountId | null>();
  const perAddress = new Map<string, number>();
  const perAccount = new Map<AccountId, Set<Connection>>();
  const shared = new SharedFolders();
  let origins = 0;
  let isClosing = false;
  let onEmpty: (() => void) | null = null;

  const isExempt = (address: string): boolean => context.limits.exemptLoopback && isLoopback(address);

  function admit(address: string): string | null {
    if (isClosing) return 'Shutting down';
    if (connections.size >= context.limits.sessions) return 'Too many connections';
    if (!isExempt(address) && (perAddress.get(address) ?? 0) >= context.limits.sessionsPerAddress) return 'Too many connections from your address';
    return null;
  }

  const hooks = {
    loggedIn(connection: Connection, account: AccountId): boolean {
      const sessions = perAccount.get(account) ?? new Set();
      if (!isExempt(connection.remoteAddress) && sessions.size >= context.limits.sessionsPerAccount) return false;
      sessions.add(connection);
      perAccount.set(account, sessions);
      connections.set(connection, account);
      return true;
    },
    closed(connection: Connection): void {
      const account = connections.get(connection);
      if (account === undefined) return;
      connections.delete(connection);
      const left = (perAddress.get(connection.remoteAddress) ?? 1) - 1;
      if (left === 0) perAddress.delete(connection.remoteAddress);
      else perAddress.set(connection.remoteAddress, left);
      if (account !== null) {
        const sessions = perAccount.get(account);
        sessions?.delete(connection);
        if (sessions?.size === 0) perAccount.delete(account);
      }
      if (connections.size === 0) onEmpty?.();
    },
  };

  context.authenticator.onRevoked((account) => {
    for (const connection of perAccount.get(account) ?? []) connection.session.bye('Your log-in is no longer valid');
  });

  return {
    handle(socket, { implicitTls }) {
      const address = socket.remoteAddress ?? '';
      const refusal = admit(address);
      if (refusal !== null) {
        socket.on('error', () => socket.destroy());
        // Under implicit TLS a clear-text BYE would only confuse the client.
        if (implicitTls) socket.destroy();
        else socket.end(`* BYE ${refusal}\r\n`);
        return;
      }
      const connection = new Connection(context, socket, hooks, { shared, origin: `imap-${++origins}` });
      connections.set(connection, null);
      perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
      void connection.run(implicitTls);
    },
    async close(deadlineMs) {
      isClosing = true;
      if (connections.size === 0) return;
      const emptied = new Promise<void>((resolve) => {
        onEmpty = resolve;
      });
      for (const connection of [...connections.keys()]) connection.session.bye('Shutting down');
      const timer = new AbortController();
      await Promise.race([emptied, delay(deadlineMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      for (const connection of [...connections.keys()]) connection.abort();
    },
    sessions: () => connections.size,
  };
}
