/**
 * One open event stream (WHATWG HTML §9.2, server-sent events) of one log-in.
 *
 * 1. At most WAITING_MAX bytes wait for a slow reader; then the stream ends, and the browser's new one asks again.
 */
import type { ServerResponse } from 'node:http';
import type { Actor } from '../admin/actor.ts';
import type { LiveEvent } from './contract/api.ts';

const WAITING_MAX = 262_144;

export class LiveStream {
  readonly actor: Actor;
  /** Id of the cookie session; undefined for a token. */
  readonly session: string | undefined;
  readonly openedMs: number;
  readonly #response: ServerResponse;
  #lastQueue = '';

  constructor(response: ServerResponse, opened: { actor: Actor; session: string | undefined; openedMs: number }) {
    this.#response = response;
    this.actor = opened.actor;
    this.session = opened.session;
    this.openedMs = opened.openedMs;
  }

  /** Streams of the same log-in have the same key. */
  get key(): string {
    return this.session ?? `token ${this.actor.customer} ${this.actor.name}`;
  }

  onEnd(listener: () => void): void {
    this.#response.on('close', listener);
  }

  /** A queue that is as it was told last is not told again. */
  tell({ kind, ...data }: LiveEvent): void {
    const text = `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
    if (kind === 'queue') {
      if (text === this.#lastQueue) return;
      this.#lastQueue = text;
    }
    this.#write(text);
  }

  /** A comment, so that proxies and the peer see that the stream lives. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    this.#response.write(text);
    if (this.#response.writableLength > WAITING_MAX) this.#response.destroy();
  }
}
