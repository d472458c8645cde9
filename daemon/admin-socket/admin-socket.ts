/**
 * The admin socket: the way from the command line into a running daemon. One JSON text a line, in both directions:
 * `{name, args}` is answered by `{ok: value}` or `{error: {code, message, field}}`, in the order asked.
 *
 * 1. Who can open it owns the data directory (0600 in a 0700 folder): there is no further log-in.
 * 2. A request has at most REQUEST_BYTES_MAX, a connection one request under way, the socket CONNECTIONS_MAX connections;
 *    a connection that is silent for IDLE_MS ends.
 * 3. Of an unknown error the client only learns that it happened; `onDefect` gets it.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { toErrorRecord } from '../lib/errors.ts';
import { forgetSocketPath, prepareSocketPath } from './admin-socket-path.ts';

const REQUEST_BYTES_MAX = 1_048_576;
const CONNECTIONS_MAX = 64;
const IDLE_MS = 600_000;
const STOP_MS = 5_000;

export type AdminCall = (name: string, args: unknown) => Promise<unknown>;

export interface AdminSocket {
  readonly path: string;
  /** Answers what is under way and closes; after the deadline without the answers. */
  close(deadlineMs?: number): Promise<void>;
}

/** What crosses the socket. */
export interface AdminRequest {
  readonly name: string;
  readonly args: unknown;
}
export type AdminErrorCode = 'invalid' | 'not_found' | 'exists' | 'refused' | 'unavailable' | 'internal';
export interface AdminError {
  readonly code: AdminErrorCode;
  readonly message: string;
  readonly field?: string;
}
export type AdminAnswer = { readonly ok: unknown } | { readonly error: AdminError };

const CODES = {
  invalid: 'invalid',
  'not-found': 'not_found',
  conflict: 'exists',
  rejected: 'refused',
  unavailable: 'unavailable',
  unknown: 'internal',
} as const;

/** Listens for the daemon in `dataDir`, whose lock the caller holds. */
export async function startAdminSocket(
  dataDir: string,
  call: AdminCall,
  onDefect: (error: unknown) => void = () => {},
): Promise<AdminSocket> {
  mkdirSync(join(dataDir, 'run'), { recursive: true, mode: 0o700 });
  chmodSync(join(dataDir, 'run'), 0o700);
  const path = prepareSocketPath(dataDir);
  const connections = new Set<AdminConnection>();
  const server = createServer((socket) => {
    const connection = new AdminConnection(socket, call, onDefect);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, path);
  return {
    path,
    async close(deadlineMs = STOP_MS) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.end();
      const timer = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, deadlineMs);
      await closed;
      clearTimeout(timer);
      forgetSocketPath(dataDir);
    },
  };
}

/** The error as it is told to the other side of an edge. */
export function toAdminError(error: unknown): AdminError {
  const { kind, message, field } = toErrorRecord(error);
  const code = CODES[kind];
  if (code === 'internal') return { code, message: 'This did not work, and the reason is ours. The log of the server has it' };
  return field === undefined ? { code, message } : { code, message, field };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // The folder keeps others out before this line; the mode keeps them out should the folder ever be opened.
      chmodSync(path, 0o600);
      chmodSync(dirname(path), 0o700);
      resolve();
    });
  });
}

class AdminConnection {
  readonly #socket: Socket;
  readonly #call: AdminCall;
  readonly #onDefect: (error: unknown) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #busy = false;
  #ending = false;

  constructor(socket: Socket, call: AdminCall, onDefect: (error: unknown) => void) {
    this.#socket = socket;
    this.#call = call;
    this.#onDefect = onDefect;
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.#take(bytes));
  }

  end(): void {
    this.#ending = true;
    if (!this.#busy) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#busy) {
      // What comes before the answer waits in the kernel.
      this.#socket.pause();
      return;
    }
    if (bytes.includes(0x0a)) this.#next();
    else if (this.#pendingBytes > REQUEST_BYTES_MAX) this.#refuse('The request is too large');
  }

  #next(): void {
    const all = this.#pending.length === 1 ? (this.#pending[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#pending);
    const end = all.indexOf(0x0a);
    if (end === -1) return;
    const rest = all.subarray(end + 1);
    this.#pending = rest.length === 0 ? [] : [rest];
    this.#pendingBytes = rest.length;
    if (end > REQUEST_BYTES_MAX) return this.#refuse('The request is too large');
    const request = parseRequest(all.toString('utf8', 0, end));
    if (request === undefined) return this.#refuse('The request cannot be read');
    this.#busy = true;
    void this.#answer(request);
  }

  async #answer(request: AdminRequest): Promise<void> {
    let answer: AdminAnswer;
    try {
      answer = { ok: (await this.#call(request.name, request.args)) ?? null };
    } catch (error) {
      const told = toAdminError(error);
      if (told.code === 'internal') this.#onDefect(error);
      answer = { error: told };
    }
    this.#busy = false;
    if (!this.#socket.writable) return;
    this.#socket.write(`${JSON.stringify(answer)}\n`);
    if (this.#ending) this.#socket.end();
    else {
      this.#socket.resume();
      this.#next();
    }
  }

  #refuse(message: string): void {
    const answer = `${JSON.stringify({ error: { code: 'invalid', message } } satisfies AdminAnswer)}\n`;
    this.#pending = [];
    this.#socket.pause();
    // The rest of what was sent is not read: the connection is gone as soon as the answer is on its way.
    this.#socket.end(answer, () => this.#socket.destroy());
  }
}

function parseRequest(text: string): AdminRequest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, args } = value as { name?: unknown; args?: unknown };
    return typeof name === 'string' ? { name, args: args ?? {} } : undefined;
  } catch {
    return undefined;
  }
}
