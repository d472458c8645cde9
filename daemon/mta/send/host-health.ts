/**
 * Hosts that did not answer, by address: they are given a rest that doubles with each failure, so that a dead host costs one
 * connection attempt now and then however many messages wait for it. One good connection ends it.
 */

interface Ailing {
  readonly failures: number;
  readonly restUntilMs: number;
  readonly words: string;
}

const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 10 * 60_000;
const MAX_AILING = 20_000;

export class HostHealth {
  readonly #now: () => number;
  readonly #ailing = new Map<string, Ailing>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What went wrong last and until when the address is left in peace; undefined when it may be tried. */
  resting(address: string): { readonly untilMs: number; readonly words: string } | undefined {
    const ailing = this.#ailing.get(address);
    if (ailing === undefined || ailing.restUntilMs <= this.#now()) return undefined;
    return { untilMs: ailing.restUntilMs, words: ailing.words };
  }

  failed(address: string, words: string): void {
    const before = this.#ailing.get(address);
    // Attempts that ran at the same time are one failure.
    if (before !== undefined && before.restUntilMs > this.#now()) return;
    const failures = (before?.failures ?? 0) + 1;
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(failures - 1, 10));
    if (this.#ailing.size >= MAX_AILING) this.#forgetOldest();
    this.#ailing.delete(address);
    this.#ailing.set(address, { failures, restUntilMs: this.#now() + restMs, words });
  }

  answered(address: string): void {
    if (this.#ailing.size > 0) this.#ailing.delete(address);
  }

  #forgetOldest(): void {
    const oldest = this.#ailing.keys().next().value;
    if (oldest !== undefined) this.#ailing.delete(oldest);
  }
}
