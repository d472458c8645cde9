/**
 * How many recipients each account has written to in the last hour and day: main's counters, from which sending limits are judged.
 *
 * 1. Counts slide: an hour is 12 buckets of 5 minutes, a day 24 of an hour, so a limit cannot be doubled at the full hour.
 * 2. At most 20,000 accounts are remembered; the one that wrote longest ago is dropped.
 */
const ACCOUNTS_MAX = 20_000;
const HOUR = { bucketMs: 300_000, buckets: 12 } as const;
const DAY = { bucketMs: 3_600_000, buckets: 24 } as const;

export interface SubmissionCount {
  readonly lastHour: number;
  readonly lastDay: number;
}

class SlidingCount {
  readonly #span: { readonly bucketMs: number; readonly buckets: number };
  readonly #counts: Uint32Array;
  #newest = 0;

  constructor(span: { readonly bucketMs: number; readonly buckets: number }) {
    this.#span = span;
    this.#counts = new Uint32Array(span.buckets);
  }

  add(nowMs: number, amount: number): void {
    this.#advance(nowMs);
    const at = this.#newest % this.#span.buckets;
    this.#counts[at] = (this.#counts[at] ?? 0) + amount;
  }

  sum(nowMs: number): number {
    this.#advance(nowMs);
    return this.#counts.reduce((sum, value) => sum + value, 0);
  }

  #advance(nowMs: number): void {
    const present = Math.floor(nowMs / this.#span.bucketMs);
    const steps = Math.min(present - this.#newest, this.#span.buckets);
    for (let step = 1; step <= steps; step++) this.#counts[(this.#newest + step) % this.#span.buckets] = 0;
    if (steps === this.#span.buckets) this.#counts.fill(0);
    if (present > this.#newest) this.#newest = present;
  }
}

export class SubmissionRates {
  readonly #now: () => number;
  readonly #accounts = new Map<number, { hour: SlidingCount; day: SlidingCount }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts recipients that were accepted, and answers the sums that include them. */
  add(account: number, recipients: number): SubmissionCount {
    const counts = this.#accounts.get(account) ?? { hour: new SlidingCount(HOUR), day: new SlidingCount(DAY) };
    this.#accounts.delete(account);
    this.#accounts.set(account, counts);
    counts.hour.add(this.#now(), recipients);
    counts.day.add(this.#now(), recipients);
    this.#dropOldest();
    return this.#sums(counts);
  }

  of(account: number): SubmissionCount {
    const counts = this.#accounts.get(account);
    return counts === undefined ? { lastHour: 0, lastDay: 0 } : this.#sums(counts);
  }

  #sums({ hour, day }: { hour: SlidingCount; day: SlidingCount }): SubmissionCount {
    return { lastHour: hour.sum(this.#now()), lastDay: day.sum(this.#now()) };
  }

  #dropOldest(): void {
    if (this.#accounts.size <= ACCOUNTS_MAX) return;
    const oldest = this.#accounts.keys().next();
    if (oldest.done !== true) this.#accounts.delete(oldest.value);
  }
}
