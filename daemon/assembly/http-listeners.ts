/**
 * Main's own listening sockets: HTTP and HTTPS on every address, over the two apps of http/.
 *
 * 1. A listener that cannot be bound leaves the others running; its reason is told.
 * 2. `close` ends idle connections at once and the others at the deadline.
 */
import type { Server } from 'node:http';
import type { SecureContexts } from '../certificates/secure-contexts.ts';
import { LISTENERS } from '../config/listeners.ts';
import type { HttpContext } from '../http/context.ts';
import { createHttpApp } from '../http/create-http-app.ts';
import { createPlainServer, createSecureServer } from '../http/http-servers.ts';

export interface HttpListeners {
  /** Listener name to `ok` or the reason why it is not. */
  readonly states: Readonly<Record<string, string>>;
  close(deadlineMs: number): Promise<void>;
}

export interface HttpPlace {
  readonly addresses: readonly string[];
  readonly portOffset: number;
}

export async function listenHttp(context: HttpContext, secureContexts: SecureContexts, place: HttpPlace): Promise<HttpListeners> {
  const app = await createHttpApp(context);
  const limits = { exemptLoopback: context.facts.trial };
  const servers: Server[] = [];
  const states: Record<string, string> = { http: 'ok', https: 'ok' };
  const plans = [
    { name: 'https', make: () => createSecureServer(app.secure, secureContexts, limits) as unknown as Server },
    { name: 'http', make: () => createPlainServer(app.plain, limits) },
  ] as const;
  for (const { name, make } of plans) {
    for (const address of place.addresses) {
      try {
        servers.push(await listen(make(), address, LISTENERS[name].port + place.portOffset));
      } catch (error) {
        states[name] = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return {
    states,
    async close(deadlineMs) {
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      await Promise.all([app.secure.close(), app.plain.close()]);
      for (const server of servers) server.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const server of servers) server.closeAllConnections();
      }, deadlineMs);
      await Promise.all(closed);
      clearTimeout(timer);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}
