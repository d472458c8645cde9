/**
 * Answers kept until they expire, bounded in number and in size.
 *
 * Invariants: 1. an expired answer is never given out; 2. at most `maxEntries` answers and about `maxBytes` of records are
 * held, the oldest leave first; 3. a hit costs one map look-up and allocates nothing.
 */
import type { DnsAnswer } from './answer.ts';

interface Entry {
  readonly expiresAt: number;
  readonly weight: number;
  readonly answer: DnsAnswer<unknown>;
  /** Kept beside the answer, so that a hit hands out a promise without making one. */
  readonly promise: Promise<DnsAnswer<unknown>>;
}

export interface CacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

export class AnswerCache {
  readonly #entries = new Map<string, Entry>();
  readonly #limits: CacheLimits;
  #bytes = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry if it is still good at `now` (ms). */
  get(key: string, now: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAt > now) return entry;
    this.#drop(key, entry);
    return undefined;
  }

  set(key: string, answer: DnsAnswer<unknown>, expiresAt: number): void {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    const weight = weigh(key, answer);
    this.#entries.set(key, { expiresAt, weight, answer, promise: Promise.resolve(answer) });
    this.#bytes += weight;
    while (this.#entries.size > this.#limits.maxEntries || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#entries.entries().next().value;
      if (oldest === undefined) return;
      this.#drop(oldest[0], oldest[1]);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= entry.weight;
  }
}

/** About the heap that an answer takes: exact figures do not matter, huge TXT sets do. */
function weigh(key: string, answer: DnsAnswer<unknown>): number {
  let bytes = 300 + key.length * 2;
  for (const record of answer.records) bytes += typeof record === 'string' ? record.length + 24 : 160;
  return bytes;
}
