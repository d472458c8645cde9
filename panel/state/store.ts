/*
 * A value that elements watch.
 * 1. Listeners run synchronously after the value changed; the same value (Object.is) tells nobody.
 * 2. Watch is a Lit controller: its host renders anew whenever one of its stores changes, while it is connected.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Store<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  /** Calls `listener` on every change until the returned function is called. */
  watch(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

interface Watchable {
  watch(listener: () => void): () => void;
}

export class Watch implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #stores: readonly Watchable[];
  #stops: (() => void)[] = [];

  constructor(host: ReactiveControllerHost, ...stores: readonly Watchable[]) {
    this.#host = host;
    this.#stores = stores;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stops = this.#stores.map((store) => store.watch(() => this.#host.requestUpdate()));
  }

  hostDisconnected(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}
