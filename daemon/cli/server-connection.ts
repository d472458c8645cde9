/**
 * The server that a command talks to: the daemon over its admin socket or, when it is stopped, this process in its place,
 * holding the lock that the daemon would hold.
 *
 * 1. Between the two nothing slips: without a socket the lock is tried, without the lock the socket again, for WAIT_MS.
 */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallAnswer, CallArguments, CallName } from '../admin-socket/admin-calls.ts';
import type { AdminAnswer } from '../admin-socket/admin-socket.ts';
import { findSocketPath } from '../admin-socket/admin-socket-path.ts';
import { isDataDir, notOurs } from './data-directory.ts';
import { CommandFailure } from './failure.ts';

const WAIT_MS = 5_000;
const RETRY_MS = 100;
const ANSWER_MS = 120_000;
const ANSWER_BYTES_MAX = 64 * 1_048_576;

export interface ServerConnection {
  /** Whether the daemon answers. */
  readonly running: boolean;
  call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<CallAnswer<Name>>;
  close(): Promise<void>;
}

/** Connects to the daemon or takes its place. `mayCreate`: the first set-up may make the directory. */
export async function openServer(dataDir: string, { mayCreate = false }: { readonly mayCreate?: boolean } = {}): Promise<ServerConnection> {
  const untilMs = Date.now() + WAIT_MS;
  for (;;) {
    const daemon = await connectDaemon(dataDir);
    if (daemon !== undefined) return daemon;
    if (!mayCreate && !isReadableDataDir(dataDir)) throw noServer(dataDir);
    const { takePlace } = await import('./stopped-server.ts');
    const stopped = await takePlace(dataDir);
    if (stopped !== undefined) return stopped;
    if (Date.now() > untilMs) throw busy(dataDir);
    await wait(RETRY_MS);
  }
}

/** The daemon of `dataDir`, undefined when none runs. */
export async function connectDaemon(dataDir: string): Promise<ServerConnection | undefined> {
  try {
    return new DaemonConnection(await connected(findSocketPath(dataDir)));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // EINVAL: the path is too long for a socket, and no note names another.
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR' || code === 'EINVAL') return undefined;
    if (code === 'EACCES' || code === 'EPERM') throw notOurs(dataDir);
    throw error;
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function isReadableDataDir(dataDir: string): boolean {
  return isDataDir(dataDir) || existsSync(dataDir);
}

function noServer(dataDir: string): CommandFailure {
  return new CommandFailure(
    { code: 'not_found', message: `There is no mail server in ${dataDir}` },
    'Name its folder with --data DIR, or start one to try: ./install.sh --trial',
  );
}

function busy(dataDir: string): CommandFailure {
  return new CommandFailure(
    { code: 'unavailable', message: `Another command or a starting server works with ${dataDir}` },
    'Try again in a moment',
  );
}

class DaemonConnection implements ServerConnection {
  readonly running = true;
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #waiting: { resolve(line: string): void; reject(error: Error): void } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => this.#fail('The server broke the connection'));
    socket.on('close', () => this.#fail('The server ended before it answered'));
  }

  async call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<CallAnswer<Name>> {
    const line = await this.#ask(`${JSON.stringify({ name, args })}\n`);
    const answer = JSON.parse(line) as AdminAnswer;
    if ('error' in answer) throw new CommandFailure(answer.error);
    return answer.ok as CallAnswer<Name>;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed) return resolve();
      this.#socket.once('close', () => resolve());
      this.#socket.destroy();
    });
  }

  #ask(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.setTimeout(ANSWER_MS, () => this.#fail('The server did not answer in two minutes'));
      this.#socket.write(request);
    });
  }

  #take(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > ANSWER_BYTES_MAX) return this.#fail('The answer is too large');
    if (bytes.at(-1) !== 0x0a) return;
    const line = Buffer.concat(this.#chunks).toString('utf8');
    this.#chunks = [];
    this.#bytes = 0;
    this.#waiting?.resolve(line);
    this.#waiting = undefined;
  }

  #fail(message: string): void {
    this.#waiting?.reject(new CommandFailure({ code: 'unavailable', message }, 'Look at its state: mailstead status'));
    this.#waiting = undefined;
    this.#socket.destroy();
  }
}
