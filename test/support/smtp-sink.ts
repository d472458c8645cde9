/** Postfix's smtp-sink as the mail server of another domain: takes everything, each message into a file of its own. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background } from './child-process.ts';
import { eventually } from './eventually.ts';
import { LineClient } from './line-client.ts';
import { SMTP_PORT } from './loopback-network.ts';

export class SmtpSink implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Background;

  private constructor(directory: string, process: Background) {
    this.#directory = directory;
    this.#process = process;
  }

  static async open(address: string, hostname = 'mx.far.test'): Promise<SmtpSink> {
    const directory = mkdtempSync(join(tmpdir(), 'smtp-sink-'));
    chmodSync(directory, 0o777);
    // It wants to be run as root and steps down itself.
    const options = ['-u', 'nobody', '-h', hostname, '-d', `${directory}/%s.`, `${address}:${SMTP_PORT}`, '100'];
    const sink = new SmtpSink(directory, new Background('/usr/sbin/smtp-sink', options));
    await eventually('smtp-sink answers', async () => {
      const client = await LineClient.open({ host: address, port: SMTP_PORT }).catch(() => undefined);
      client?.[Symbol.dispose]();
      return client !== undefined;
    });
    return sink;
  }

  /** All that was taken so far; a message whose transaction is under way may be among them in part. */
  messages(): string[] {
    return readdirSync(this.#directory).map((name) => readFileSync(join(this.#directory, name), 'latin1'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
