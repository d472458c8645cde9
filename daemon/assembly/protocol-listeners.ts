/**
 * The listening sockets of one protocol thread: each port on each address, shared with the other threads by SO_REUSEPORT.
 *
 * 1. A listener that cannot be bound leaves the others running; its reason is told.
 * 2. `close` stops accepting at once; open connections belong to their servers.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { LISTENERS, type ListenerName } from '../config/listeners.ts';

export type Acceptor = (socket: Socket) => void;

export interface ListenerPlan {
  readonly name: ListenerName;
  readonly accept: Acceptor;
}

export interface OpenListeners {
  /** Listener name to `ok` or the reason why it is not. */
  readonly states: Readonly<Record<string, string>>;
  close(): void;
}

const BACKLOG = 1024;

export async function openListeners(
  plans: readonly ListenerPlan[],
  where: { readonly addresses: readonly string[]; readonly portOffset: number },
): Promise<OpenListeners> {
  const servers: Server[] = [];
  const states: Record<string, string> = {};
  for (const plan of plans) {
    const port = LISTENERS[plan.name].port + where.portOffset;
    states[plan.name] = 'ok';
    for (const address of where.addresses) {
      try {
        servers.push(await listen(plan.accept, address, port));
      } catch (error) {
        states[plan.name] = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return {
    states,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

function listen(accept: Acceptor, host: string, port: number): Promise<Server> {
  const server = createServer({ noDelay: true, allowHalfOpen: true, pauseOnConnect: false }, accept);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG, reusePort: true }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
