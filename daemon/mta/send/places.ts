/** Bounded numbers of places (connections): who finds none waits in line. */

export class Places {
  readonly #count: number;
  readonly #line: (() => void)[] = [];
  #taken = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get isEmpty(): boolean {
    return this.#taken === 0;
  }

  /** Waits for a place; the answer gives it back and is to be called once. */
  async take(): Promise<() => void> {
    if (this.#taken < this.#count) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#line.push(resolve));
    return () => {
      const next = this.#line.shift();
      if (next === undefined) this.#taken -= 1;
      else next();
    };
  }
}

/** So many places for each key: many domains may have the same host, which still gets a bounded number of connections. */
export class PlacesByKey {
  readonly #count: number;
  readonly #places = new Map<string, Places>();

  constructor(count: number) {
    this.#count = count;
  }

  async take(key: string): Promise<() => void> {
    let places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, (places = new Places(this.#count)));
    const kept = places;
    const leave = await kept.take();
    return () => {
      leave();
      if (kept.isEmpty && this.#places.get(key) === kept) this.#places.delete(key);
    };
  }
}
