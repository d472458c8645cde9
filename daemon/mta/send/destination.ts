/**
 * One destination domain in the runner: its waiting batches, and how many are sent at a time.
 *
 * 1. It begins with two at a time, gains one with each success up to the setting, and halves when the destination struggles.
 * 2. The route is looked up once for ROUTE_MS, so that the same hosts are asked while connections are open.
 */
import type { NextHops } from '../route.ts';
import type { AttemptResult } from './attempt.ts';
import type { Batch } from './outcome.ts';

const FIRST = 2;
const ROUTE_MS = 60_000;

export interface DestinationTools {
  readonly now: () => number;
  /** Connections at a time at most. */
  readonly maximum: () => number;
  readonly route: (domain: string) => Promise<NextHops>;
  readonly attempt: (batch: Batch, hops: Extract<NextHops, { kind: 'hops' }>) => Promise<AttemptResult>;
  /** No hops: the batch ends with this answer. */
  readonly unroutable: (batch: Batch, why: Exclude<NextHops, { kind: 'hops' }>) => void;
  readonly concluded: (batch: Batch, result: AttemptResult) => void;
  /** A defect: the batch is to be given up for now. */
  readonly broken: (batch: Batch, error: unknown) => void;
  /** Waits for a place among all connections of the runner; the answer gives it back. */
  readonly place: () => Promise<() => void>;
  readonly idle: (domain: string) => void;
}

export class Destination {
  readonly domain: string;
  readonly #tools: DestinationTools;
  readonly #waiting: Batch[] = [];
  #running = 0;
  #limit = FIRST;
  #route: { readonly hops: Promise<NextHops>; readonly untilMs: number } | undefined;

  constructor(domain: string, tools: DestinationTools) {
    this.domain = domain;
    this.#tools = tools;
  }

  get limit(): number {
    return this.#limit;
  }

  add(batch: Batch): void {
    this.#waiting.push(batch);
    this.#start();
  }

  #start(): void {
    while (this.#running < this.#limit) {
      const batch = this.#waiting.shift();
      if (batch === undefined) break;
      this.#running += 1;
      void this.#run(batch);
    }
  }

  async #run(batch: Batch): Promise<void> {
    const leave = await this.#tools.place();
    try {
      const hops = await this.#nextHops(batch.recipients.some(({ urgent }) => urgent));
      if (hops.kind === 'hops') this.#learn(batch, await this.#tools.attempt(batch, hops));
      else this.#tools.unroutable(batch, hops);
    } catch (error) {
      this.#tools.broken(batch, error);
    } finally {
      leave();
      this.#running -= 1;
      this.#start();
      if (this.#running === 0 && this.#waiting.length === 0) this.#tools.idle(this.domain);
    }
  }

  #learn(batch: Batch, result: AttemptResult): void {
    this.#limit = result.isHealthy ? Math.min(Math.max(1, this.#tools.maximum()), this.#limit + 1) : Math.max(1, this.#limit >> 1);
    this.#tools.concluded(batch, result);
  }

  #nextHops(isUrgent: boolean): Promise<NextHops> {
    const nowMs = this.#tools.now();
    if (this.#route === undefined || this.#route.untilMs <= nowMs || isUrgent) {
      this.#route = { hops: this.#tools.route(this.domain), untilMs: nowMs + ROUTE_MS };
    }
    return this.#route.hops;
  }
}
