/**
 * Finds out before the threads start whether the listening ports are free: SO_REUSEPORT would share a port with another
 * process of the same user without an error.
 */
import { createServer } from 'node:net';
import { LISTENER_NAMES, LISTENERS } from '../config/listeners.ts';

export interface TakenPort {
  readonly listener: string;
  readonly address: string;
  readonly port: number;
  readonly reason: string;
}

/** The ports that cannot be bound; each is tried alone and released at once. */
export async function findTakenPorts(addresses: readonly string[], portOffset: number): Promise<TakenPort[]> {
  const taken: TakenPort[] = [];
  for (const listener of LISTENER_NAMES) {
    const port = LISTENERS[listener].port + portOffset;
    for (const address of addresses) {
      const reason = await tryPort(address, port);
      if (reason !== undefined) taken.push({ listener, address, port, reason });
    }
  }
  return taken;
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'another program listens there' : error.message),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
