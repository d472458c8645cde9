/**
 * Node's servers in front of the apps: TLS, time and size limits. Main calls these once for each address to listen on.
 *
 * 1. A connection that sends its header slowly, idles or breaks HTTP's grammar is closed without a word about us.
 * 2. New certificates and ticket keys are used by the next handshake.
 */
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { SecureContexts } from '../certificates/secure-contexts.ts';

const LIMITS: ServerOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
const CONNECTIONS_MAX = 4_000;

/** The app must be `ready()`. */
export function createSecureServer(app: FastifyInstance, contexts: SecureContexts): TlsServer {
  const server = createTlsServer({ ...LIMITS, ...contexts.serverOptions(), handshakeTimeout: 15_000 }, app.routing);
  contexts.onReplaced(() => {
    const { SNICallback: _sni, ...options } = contexts.serverOptions();
    server.setSecureContext(options);
    if (options.ticketKeys !== undefined) server.setTicketKeys(options.ticketKeys);
  });
  return bounded(server);
}

/** The app must be `ready()`. */
export function createPlainServer(app: FastifyInstance): Server {
  return bounded(createServer(LIMITS, app.routing));
}

function bounded<S extends Server | TlsServer>(server: S): S {
  server.maxConnections = CONNECTIONS_MAX;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}
