/**
 * The whole server as a process of its own, as an operator runs it: started in a directory, set up and filled over its admin
 * socket, stopped, killed, started again.
 *
 * 1. It ends with its test; a directory made here is removed with it.
 * 2. At the end its log holds no line of level error that the test did not announce (`expectErrors`).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CallAnswer, CallArguments, CallName } from '../../daemon/admin-socket/admin-calls.ts';
import type { AdminAnswer } from '../../daemon/admin-socket/admin-socket.ts';
import { findSocketPath } from '../../daemon/admin-socket/admin-socket-path.ts';
import { LISTENERS, type ListenerName } from '../../daemon/config/listeners.ts';
import { Background } from './child-process.ts';
import { eventually } from './eventually.ts';
import { chooseNetwork, type LoopbackNetwork, PORT_OFFSET, SMTP_PORT } from './loopback-network.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'node_modules/.bin/mailstead');
const ERROR_LEVEL = 50;

export interface LogLine {
  readonly level: number;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface DaemonSettings {
  readonly network?: LoopbackNetwork;
  /** An existing folder for all data; a temporary one unless given. */
  readonly data?: string;
  /** Further MAILSTEAD_ variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** False: nobody has set it up yet. */
  readonly setUp?: boolean;
}

export const HOSTNAME = 'mail.own.test';
export const PASSWORD = 'lantern-orchard-42';
export const PANEL_LOGIN = { login: 'host@own.test', password: 'meadow-harbour-77' } as const;

export class TestDaemon implements AsyncDisposable {
  readonly network: LoopbackNetwork;
  readonly data: string;
  readonly #settings: DaemonSettings;
  #process: Background | undefined;
  /** Logs of earlier runs. */
  #earlier = '';
  #announced: RegExp[] = [];

  private constructor(network: LoopbackNetwork, settings: DaemonSettings) {
    this.network = network;
    this.#settings = settings;
    this.data = settings.data ?? mkdtempSync(join(tmpdir(), 'mailstead-'));
  }

  /** Started, set up unless the settings say otherwise, and ready. */
  static async open(settings: DaemonSettings = {}): Promise<TestDaemon> {
    const daemon = new TestDaemon(settings.network ?? (await chooseNetwork()), settings);
    try {
      await daemon.start();
      const { login: email, password } = PANEL_LOGIN;
      if (settings.setUp !== false) await daemon.call('setup', { hostname: HOSTNAME, email, password });
    } catch (error) {
      await daemon.kill();
      if (settings.data === undefined) rmSync(daemon.data, { recursive: true, force: true });
      throw error;
    }
    return daemon;
  }

  /** In a directory that is set up already. */
  static async openAgain(settings: DaemonSettings & { readonly network: LoopbackNetwork; readonly data: string }): Promise<TestDaemon> {
    const daemon = new TestDaemon(settings.network, settings);
    await daemon.start();
    return daemon;
  }

  /** `wrapper` is a program in front of the command, such as strace with its options. */
  async start({ wrapper = [] }: { readonly wrapper?: readonly string[] } = {}): Promise<void> {
    const [command, ...args] = [...wrapper, COMMAND, 'serve', '--data', this.data];
    const { own, nameServer } = this.network;
    this.#process = new Background(command ?? COMMAND, args, {
      cwd: ROOT,
      env: {
        ...process.env,
        MAILSTEAD_TRIAL: 'true',
        MAILSTEAD_LISTEN: own,
        MAILSTEAD_PORT_OFFSET: String(PORT_OFFSET),
        MAILSTEAD_OUTBOUND_PORT: String(SMTP_PORT),
        MAILSTEAD_RESOLVER: `${nameServer}:53`,
        ...this.#settings.environment,
      },
    });
    await this.logged('ready');
  }

  /** In order, as an operator stops it. */
  async stop(): Promise<void> {
    const running = this.#running;
    await running.end('SIGTERM');
    this.#forget(running);
  }

  /** As a power cut or an out-of-memory kill ends it: nothing is told, nothing is finished. */
  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined) return;
    // Under a wrapper the server is a child of the child, which ends by itself, with its log complete.
    const pid = this.pid;
    if (pid === undefined) await running.end('SIGKILL');
    else killIfThere(pid);
    await running.ended;
    this.#forget(running);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Of the server itself, as it wrote it down. */
  get pid(): number | undefined {
    try {
      return Number(readFileSync(join(this.data, 'run', 'mailstead.pid'), 'utf8'));
    } catch {
      return undefined;
    }
  }

  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  }

  port(listener: ListenerName): number {
    return LISTENERS[listener].port + PORT_OFFSET;
  }

  /** One call over the admin socket; a refusal throws with its words. */
  async call<Name extends CallName>(name: Name, args: CallArguments<Name>): Promise<CallAnswer<Name>> {
    const socket = connect(findSocketPath(this.data));
    try {
      socket.write(`${JSON.stringify({ name, args })}\n`);
      for await (const line of createInterface({ input: socket })) {
        const answer = JSON.parse(line) as AdminAnswer;
        if ('error' in answer) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
        return answer.ok as CallAnswer<Name>;
      }
      throw new Error(`${name}: the admin socket ended without an answer`);
    } finally {
      socket.destroy();
    }
  }

  /** A proven domain with mailboxes of these names, all with PASSWORD. */
  async host(domain: string, names: readonly string[]): Promise<void> {
    await this.call('addDomain', { domain });
    for (const name of names) await this.call('createAccount', { address: `${name}@${domain}`, password: PASSWORD });
  }

  get log(): LogLine[] {
    return `${this.#earlier}${this.#process?.output ?? ''}`.split('\n').flatMap((line) => {
      if (!line.startsWith('{')) return [];
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  /** The first line of this run with that event. */
  async logged(event: string, timeoutMs = 60_000): Promise<LogLine> {
    return this.#running.heard(
      `the event ${event}`,
      (output) => {
        const line = output.split('\n').find((text) => text.startsWith('{') && text.endsWith('}') && text.includes(`"event":"${event}"`));
        return line === undefined ? undefined : (JSON.parse(line) as LogLine);
      },
      timeoutMs,
    );
  }

  /** Nothing is owed to anybody any more. */
  async queueEmpty(timeoutMs?: number): Promise<void> {
    await eventually('an empty queue', async () => (await this.call('queue.summary', {})).recipients === 0, timeoutMs);
  }

  /** Errors whose line matches are part of the test. */
  expectErrors(...patterns: readonly RegExp[]): void {
    this.#announced.push(...patterns);
  }

  get unexpectedErrors(): string[] {
    return this.log
      .filter(({ level }) => level >= ERROR_LEVEL)
      .map((line) => JSON.stringify(line))
      .filter((line) => !this.#announced.some((pattern) => pattern.test(line)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.end('SIGTERM');
    if (this.#process !== undefined) this.#forget(this.#process);
    if (this.#settings.data === undefined) rmSync(this.data, { recursive: true, force: true });
    const errors = this.unexpectedErrors;
    if (errors.length > 0) throw new Error(`the log holds errors:\n${errors.slice(0, 10).join('\n')}`);
  }

  get #running(): Background {
    if (this.#process === undefined) throw new Error('the daemon does not run');
    return this.#process;
  }

  #forget(ended: Background): void {
    this.#earlier += ended.output;
    this.#process = undefined;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
