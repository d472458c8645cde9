/**
 * Foreign programs as children of a test: started with their output collected, waited for by what they say, ended by their own id.
 *
 * 1. Whatever a test starts ends with it, also when the test's own process is killed; a program that does not go within END_MS
 *    is killed.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const END_MS = 15_000;
const OUTPUT_CHARS_MAX = 8_000_000;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions extends SpawnOptions {
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever its exit code; one that takes longer than `timeoutMs` is killed. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { input, timeoutMs = 60_000, ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that ends without reading its input is judged by its exit code.
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  return { code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** As `run`; anything but exit code 0 throws with what the program said. */
export async function runWell(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}\n${stderr}${stdout}`);
  return stdout;
}

/** A program that runs beside the test. */
export class Background implements AsyncDisposable {
  readonly child: ChildProcess;
  #output = '';
  #listeners = new Set<() => void>();
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  #hasEnded = false;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    // The kernel ends it should this process die without a word.
    this.child = spawn('/usr/bin/setpriv', ['--pdeathsig', 'TERM', '--', command, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk: Buffer) => this.#hear(chunk.toString()));
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        resolve();
        this.#wake();
      };
      this.child.once('close', end);
      this.child.once('error', (error) => {
        this.#hear(`${error.message}\n`);
        end();
      });
    });
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Waits until `isMet`, asked anew after each output, answers something; throws with the output when the program ends before. */
  async heard<T>(what: string, isMet: (output: string) => T | undefined, timeoutMs = 45_000): Promise<T> {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      const met = isMet(this.#output);
      if (met !== undefined) return met;
      const leftMs = endsAt - performance.now();
      if (this.#hasEnded || leftMs <= 0)
        throw new Error(`${this.#hasEnded ? 'ended' : `${timeoutMs} ms passed`} before: ${what}\n${this.#output.slice(-6_000)}`);
      await this.#nextOutput(leftMs);
    }
  }

  /** Ends it and waits until it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.#hasEnded) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #hear(text: string): void {
    this.#output += text;
    if (this.#output.length > OUTPUT_CHARS_MAX) this.#output = this.#output.slice(-OUTPUT_CHARS_MAX / 2);
    this.#wake();
  }

  #wake(): void {
    for (const listener of this.#listeners) listener();
  }

  #nextOutput(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#listeners.add(wake);
    });
  }
}
