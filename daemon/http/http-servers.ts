/**
 * Node's servers in front of the apps: TLS, time and size limits. Main calls these once for each address to listen on.
 *
 * 1. A connection that sends its header slowly, idles or breaks HTTP's grammar is closed without a word about us.
 * 2. One client network holds CONNECTIONS_EACH_MAX connections at most (loopback in the trial as many as there are).
 * 3. New certificates and ticket keys are used by the next handshake.
 */
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { SecureContexts } from '../certificates/secure-contexts.ts';
import { isLoopback } from '../lib/ip-address.ts';
import { ConnectionCounts } from '../limits/connection-counts.ts';

const LIMITS: ServerOptions = {
  maxHeaderSize: 16_384,
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
const CONNECTIONS_MAX = 4_000;
const CONNECTIONS_EACH_MAX = 400;

export interface ServerLimits {
  /** The trial. */
  readonly exemptLoopback: boolean;
}

/** The app must be `ready()`. */
export function createSecureServer(app: FastifyInstance, contexts: SecureContexts, limits: ServerLimits): TlsServer {
  const server = createTlsServer({ ...LIMITS, ...contexts.serverOptions(), handshakeTimeout: 15_000 }, app.routing);
  contexts.onReplaced(() => {
    const { SNICallback: _sni, ...options } = contexts.serverOptions();
    server.setSecureContext(options);
    if (options.ticketKeys !== undefined) server.setTicketKeys(options.ticketKeys);
  });
  return bounded(server, limits);
}

/** The app must be `ready()`. */
export function createPlainServer(app: FastifyInstance, limits: ServerLimits): Server {
  return bounded(createServer(LIMITS, app.routing), limits);
}

function bounded<S extends Server | TlsServer>(server: S, { exemptLoopback }: ServerLimits): S {
  server.maxConnections = CONNECTIONS_MAX;
  const counts = new ConnectionCounts((address) => exemptLoopback && isLoopback(address));
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (!counts.enter(address, CONNECTIONS_EACH_MAX)) socket.destroy();
    else socket.once('close', () => counts.leave(address));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A browser opens connections ahead of need: an answer on one that waited too long would be taken for that of its first request.
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') socket.destroy();
    else if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}
