/**
 * SMTP dialogues as text over a loopback socket.
 *
 * `C: text` sends a line with CRLF (`\xNN` escapes make other octets), `S: text` waits for the next whole reply and wants
 * its last line to begin with the text. `S-close` wants the connection to be ended by the server.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ReceiverContext } from '../../../daemon/mta/receive/context.ts';
import type { ReceiverProfile } from '../../../daemon/mta/receive/profile.ts';
import { createSmtpReceiver, type ReceiverOptions, type SmtpReceiver } from '../../../daemon/mta/receive/receiver.ts';

const PATIENCE_MS = 10_000;

export interface Listening {
  readonly port: number;
  readonly receiver: SmtpReceiver;
}

export async function listening(
  t: TestContext,
  context: ReceiverContext,
  profile: ReceiverProfile,
  options?: ReceiverOptions,
): Promise<Listening> {
  const receiver = createSmtpReceiver(context, profile, options);
  const port = await receiver.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => receiver.close(0));
  return { port, receiver };
}

export class Dialogue {
  #socket: Socket | TLSSocket;
  #received = '';
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(socket: Socket | TLSSocket) {
    this.#socket = socket;
    this.#hear(socket);
  }

  static async open(t: TestContext, port: number): Promise<Dialogue> {
    const socket = connectTcp(port, '127.0.0.1');
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    return new Dialogue(socket);
  }

  static async openTls(t: TestContext, port: number): Promise<Dialogue> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return new Dialogue(socket);
  }

  #hear(socket: Socket | TLSSocket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('utf8');
      this.#wake?.();
    });
    const over = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    socket.on('close', over);
    socket.on('end', over);
    socket.on('error', over);
  }

  get socket(): Socket | TLSSocket {
    return this.#socket;
  }

  write(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Upgrades after the 220 to STARTTLS. */
  async secure(): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners('data');
    const secure = connectTls({ socket: raw, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    this.#socket = secure;
    this.#hear(secure);
  }

  /** The next reply, all its lines. */
  async reply(): Promise<string> {
    const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/;
    await this.#until(() => whole.test(this.#received));
    const found = whole.exec(this.#received)?.[0];
    assert.ok(found !== undefined, `connection ended, heard: ${JSON.stringify(this.#received)}`);
    this.#received = this.#received.slice(found.length);
    return found.replaceAll('\r\n', '\n').trimEnd();
  }

  async closed(): Promise<void> {
    await this.#until(() => this.#isOver);
    assert.ok(this.#isOver, 'the connection is still open');
  }

  /** Plays the lines of a script; answers the replies. */
  async play(script: string): Promise<string[]> {
    const replies: string[] = [];
    for (const line of script.split('\n').map((text) => text.replace(/^\s+/, ''))) {
      if (line === '') continue;
      if (line === 'S-close') await this.closed();
      else if (line.startsWith('C:')) this.write(Buffer.from(`${octets(line.slice(3))}\r\n`, 'latin1'));
      else {
        const reply = await this.reply();
        replies.push(reply);
        const last = reply.split('\n').at(-1) ?? '';
        assert.ok(last.startsWith(line.slice(3)), `wanted ${JSON.stringify(line)}, heard ${JSON.stringify(reply)}`);
      }
    }
    return replies;
  }

  async #until(isMet: () => boolean): Promise<void> {
    const endsAt = Date.now() + PATIENCE_MS;
    while (!isMet() && !this.#isOver && Date.now() < endsAt) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, endsAt - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function octets(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
