/*
 * A list that the server gives in pages: it searches and sorts, the panel only appends.
 * 1. A new question (restart) starts from the first page; more() appends the next.
 * 2. refresh() asks for as much as is shown (at most 200) and replaces it in place.
 * 3. One request at a time; an answer to an older question is dropped.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Slice, SliceQuery } from '../api/paging.ts';

const pageSize = 50;

export class Paged<T> implements ReactiveController {
  items: readonly T[] | undefined;
  total: number | undefined;
  next: string | null = null;
  error: unknown;
  slow = false;
  busy = false;
  readonly #host: ReactiveControllerHost;
  readonly #fetch: (query: SliceQuery, signal: AbortSignal) => Promise<Slice<T>>;
  #running: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, fetch: (query: SliceQuery, signal: AbortSignal) => Promise<Slice<T>>) {
    this.#host = host;
    this.#fetch = fetch;
    host.addController(this);
  }

  hostConnected(): void {
    void this.restart();
  }

  hostDisconnected(): void {
    this.#running?.abort();
    clearTimeout(this.#timer);
  }

  /** Starts over. Rows shown so far stay until the new ones are there, so that typing in the search does not flicker. */
  restart(): Promise<void> {
    return this.#run({ limit: pageSize }, (slice) => slice.items);
  }

  refresh(): Promise<void> {
    const limit = Math.min(200, Math.max(pageSize, this.items?.length ?? 0));
    return this.#run({ limit }, (slice) => slice.items);
  }

  async more(): Promise<void> {
    if (this.busy || !this.next) return;
    await this.#run({ limit: pageSize, after: this.next }, (slice) => [...(this.items ?? []), ...slice.items]);
  }

  async #run(query: SliceQuery, combine: (slice: Slice<T>) => readonly T[]): Promise<void> {
    this.#running?.abort();
    clearTimeout(this.#timer);
    const mine = new AbortController();
    this.#running = mine;
    this.busy = true;
    if (this.items === undefined) {
      this.error = undefined;
      this.#timer = setTimeout(() => {
        this.slow = true;
        this.#host.requestUpdate();
      }, 200);
    }
    this.#host.requestUpdate();
    try {
      const slice = await this.#fetch(query, mine.signal);
      if (this.#running !== mine) return;
      this.items = combine(slice);
      this.next = slice.next;
      this.total = slice.total;
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
}
