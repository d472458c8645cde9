/** The API as the panel uses it: signed in by a cookie, with the CSRF token on what changes something, and the stream of events. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { LiveEvent } from '../../daemon/http/contract/api.ts';
import { PANEL_LOGIN, type TestDaemon } from './daemon.ts';

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: T;
}

export class PanelClient {
  readonly #daemon: TestDaemon;
  readonly #agent = new Agent({ rejectUnauthorized: false });
  /** Those of the log-in; a test may leave one out. */
  cookie = '';
  csrf = '';

  constructor(daemon: TestDaemon) {
    this.#daemon = daemon;
  }

  static async signedIn(daemon: TestDaemon): Promise<PanelClient> {
    const client = new PanelClient(daemon);
    const { status, headers, body } = await client.ask<{ csrf: string }>('POST', '/session', PANEL_LOGIN);
    if (status !== 200) throw new Error(`signing in: ${status} ${JSON.stringify(body)}`);
    client.cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    client.csrf = body.csrf;
    return client;
  }

  async ask<T = unknown>(method: string, path: string, payload?: unknown): Promise<Answer<T>> {
    const response = await this.#send(method, path, payload);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    return { status: response.statusCode ?? 0, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
  }

  /** Opens the stream; the generator answers each event. The stream ends with it. */
  async events(): Promise<AsyncGenerator<LiveEvent>> {
    const response = await this.#send('GET', '/events');
    if (response.statusCode !== 200) throw new Error(`the stream of events: ${response.statusCode}`);
    return readEvents(response);
  }

  #send(method: string, path: string, payload?: unknown): Promise<IncomingMessage> {
    const { network } = this.#daemon;
    const headers: Record<string, string> = {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.cookie === '' ? {} : { cookie: this.cookie }),
      ...(this.csrf === '' ? {} : { 'x-csrf-token': this.csrf }),
    };
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: network.own, port: this.#daemon.port('https'), method, path: `/api/v1${path}`, headers, agent: this.#agent },
        resolve,
      );
      asked.on('error', reject);
      asked.end(payload === undefined ? undefined : JSON.stringify(payload));
    });
  }
}

async function* readEvents(response: IncomingMessage): AsyncGenerator<LiveEvent> {
  let pending = '';
  for await (const chunk of response) {
    pending += String(chunk);
    for (let end = pending.indexOf('\n\n'); end !== -1; end = pending.indexOf('\n\n')) {
      const kind = /^event: (.*)$/m.exec(pending.slice(0, end))?.[1];
      const data = /^data: (.*)$/m.exec(pending.slice(0, end))?.[1];
      pending = pending.slice(end + 2);
      if (kind !== undefined && data !== undefined) yield { kind, ...(JSON.parse(data) as object) } as LiveEvent;
    }
  }
}
