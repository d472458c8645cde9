/**
 * A bare client of line protocols over a real socket, for what no well-behaved program sends: writes any bytes, reads lines,
 * SMTP replies and tagged IMAP answers, each with a deadline.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const ANSWER_MS = 30_000;

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  /** Own address to connect from. */
  readonly from?: string;
}

export class LineClient implements Disposable {
  readonly socket: Socket;
  #pending = '';
  #isOver = false;
  #wake: () => void = () => {};
  #tag = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#pending += chunk.toString('latin1');
      this.#wake();
    });
    const end = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    socket.on('close', end);
    socket.on('end', end);
    socket.on('error', end);
  }

  static async open({ host, port, tls = false, from }: Place): Promise<LineClient> {
    const socket = tls
      ? connectTls({ host, port, rejectUnauthorized: false })
      : connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) });
    await once(socket, tls ? 'secureConnect' : 'connect');
    return new LineClient(socket);
  }

  /** Whether the server has ended the connection. */
  get isOver(): boolean {
    return this.#isOver;
  }

  write(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Writes and waits until the kernel took it, as a client does that respects the other side's pace; nothing when it is over. */
  async push(data: Buffer): Promise<void> {
    if (this.#isOver || this.socket.write(data)) return;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'close', 'error'] as const;
      const done = (): void => {
        for (const event of events) this.socket.off(event, done);
        resolve();
      };
      for (const event of events) this.socket.on(event, done);
    });
  }

  /** The next line without its end; undefined when the connection ended instead. */
  async line(timeoutMs = ANSWER_MS): Promise<string | undefined> {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      const end = this.#pending.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#pending.slice(0, end);
        this.#pending = this.#pending.slice(end + 2);
        return line;
      }
      if (this.#isOver) return undefined;
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) throw new Error(`no line within ${timeoutMs} ms; heard ${JSON.stringify(this.#pending.slice(-500))}`);
      await this.#more(leftMs);
    }
  }

  /** The last line of the next SMTP reply; '' when the connection ended. */
  async reply(timeoutMs?: number): Promise<string> {
    for (;;) {
      const line = await this.line(timeoutMs);
      if (line === undefined) return '';
      if (!/^\d{3}-/.test(line)) return line;
    }
  }

  /** Sends an SMTP command and answers the reply's last line. */
  async say(command: string): Promise<string> {
    this.write(`${command}\r\n`);
    return this.reply();
  }

  /** Sends an IMAP command; answers its lines up to the tagged one. */
  async imap(command: string, timeoutMs?: number): Promise<string[]> {
    const tag = `t${++this.#tag}`;
    this.write(`${tag} ${command}\r\n`);
    return this.until(new RegExp(`^${tag} `), timeoutMs);
  }

  /** Lines up to the one that matches. */
  async until(pattern: RegExp, timeoutMs?: number): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line(timeoutMs);
      if (line === undefined) throw new Error(`the connection ended before ${pattern}; heard ${JSON.stringify(lines.slice(-5))}`);
      lines.push(line);
      if (pattern.test(line)) return lines;
    }
  }

  /** Waits until the server ends the connection. */
  async over(timeoutMs = ANSWER_MS): Promise<void> {
    const endsAt = performance.now() + timeoutMs;
    while (!this.#isOver) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) throw new Error(`still connected after ${timeoutMs} ms`);
      await this.#more(leftMs);
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #more(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
