/*
 * Fetches something for an element and says how that goes.
 * 1. Only the latest run counts; an earlier one is aborted.
 * 2. `slow` becomes true 200 ms after the first start: skeletons are drawn then and not before, so quick answers never flicker.
 * 3. A repeated run keeps the old value on the page until the new one is there; a failed repeat keeps it too.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Loader<T> implements ReactiveController {
  value: T | undefined;
  error: unknown;
  slow = false;
  busy = false;
  readonly #host: ReactiveControllerHost;
  readonly #fetch: (signal: AbortSignal) => Promise<T>;
  #running: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, fetch: (signal: AbortSignal) => Promise<T>) {
    this.#host = host;
    this.#fetch = fetch;
    host.addController(this);
  }

  hostConnected(): void {
    void this.run();
  }

  hostDisconnected(): void {
    this.#running?.abort();
    clearTimeout(this.#timer);
  }

  /** Forgets what was shown and starts from nothing, as when the page is now about another thing. */
  restart(): Promise<void> {
    this.value = undefined;
    return this.run();
  }

  async run(): Promise<void> {
    this.#running?.abort();
    clearTimeout(this.#timer);
    const mine = new AbortController();
    this.#running = mine;
    this.busy = true;
    this.slow = false;
    if (this.value === undefined) {
      this.error = undefined;
      this.#timer = setTimeout(() => {
        this.slow = true;
        this.#host.requestUpdate();
      }, 200);
    }
    this.#host.requestUpdate();
    try {
      const value = await this.#fetch(mine.signal);
      if (this.#running !== mine) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (this.#running !== mine || mine.signal.aborted) return;
      this.error = error;
    }
    clearTimeout(this.#timer);
    this.busy = false;
    this.slow = false;
    this.#host.requestUpdate();
  }

  /** Puts a value in place that the page knows already (after a change it made itself). */
  put(value: T): void {
    this.value = value;
    this.#host.requestUpdate();
  }
}
