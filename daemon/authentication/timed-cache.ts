/**
 * A small map whose entries end: results that would come out the same for the next message of the same sender.
 *
 * 1. At most `maxEntries`; the oldest entry gives way.
 * 2. An entry is never handed out after its time.
 */
export class TimedCache<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly endsAtMs: number }>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string, nowMs: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.endsAtMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, endsAtMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, endsAtMs });
  }
}
