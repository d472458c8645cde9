/**
 * The POP3 server of one protocol thread: takes sockets, counts sessions, ends them in order.
 */
import type { Socket } from 'node:net';
import { isLoopback } from '../../lib/ip-address.ts';
import { turnAway } from '../../lib/turn-away.ts';
import { ConnectionCounts } from '../../limits/connection-counts.ts';
import type { AccountId } from '../../wire/ids.ts';
import { Pop3Connection } from './connection.ts';
import type { Pop3Context } from './context.ts';

export interface Pop3Server {
  handle(socket: Socket, options: { readonly implicitTls: boolean }): void;
  /** Ends all sessions; resolves when they are gone or after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
  sessions(): number;
}

export function createPop3Server(context: Pop3Context): Pop3Server {
  const { limits } = context;
  const connections = new Set<Pop3Connection>();
  const perAddress = new ConnectionCounts((address) => limits.exemptLoopback && isLoopback(address));
  let closing = false;
  let onEmpty: (() => void) | undefined;

  const mayEnter = (address: string): boolean =>
    !closing && connections.size < limits.sessions && perAddress.enter(address, limits.sessionsPerAddress);

  context.authenticator.onRevoked((account: AccountId) => {
    for (const connection of connections) {
      if (connection.account === account) connection.shutDown('The password has changed, log in again');
    }
  });

  return {
    handle(socket, { implicitTls }) {
      const address = socket.remoteAddress ?? '';
      if (!mayEnter(address)) {
        turnAway(socket, implicitTls ? '' : '-ERR [SYS/TEMP] Too many sessions, try again later\r\n');
        return;
      }
      const connection = new Pop3Connection(context, socket, () => {
        connections.delete(connection);
        perAddress.leave(address);
        if (connections.size === 0) onEmpty?.();
      });
      connections.add(connection);
      connection.start(implicitTls);
    },
    async close(deadlineMs) {
      closing = true;
      for (const connection of connections) connection.shutDown('The server stops');
      if (connections.size === 0) return;
      const timer = setTimeout(() => onEmpty?.(), deadlineMs);
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
      });
      clearTimeout(timer);
    },
    sessions: () => connections.size,
  };
}
