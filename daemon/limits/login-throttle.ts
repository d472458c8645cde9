/**
 * How many wrong passwords are tried from where: owned by main, asked by protocol threads through limits-client.ts.
 *
 * Buckets of failures that refill with time:
 * - per source (IPv4 address, IPv6 /64): 20 failures, one back each 30 s;
 * - per account, from sources it never logged in from: 20 failures, one back each 30 s;
 * - per pair of account and source that logged in before: 20 of its own, one back each 15 s.
 * 1. A known pair is judged by its own bucket alone: an attack elsewhere, or by a neighbour behind the same address,
 *    does not lock the owner out.
 * 2. A source that has not failed at an account yet gets three tries whatever the account's bucket says, so an owner on
 *    the road gets in during an attack from a thousand machines.
 * 3. Nobody waits longer than 60 s for the next try.
 * 4. Who asks does so within a turn of the source (`inTurn`), so tries at the same time do not pass for one.
 * 5. Every table is bounded; the entry unused longest is dropped.
 */
import { isLoopback, networkOf } from '../lib/ip-address.ts';
import { SourceTurns } from './source-turns.ts';

const BURST = 20;
const FREE_TRIES = 3;
const SOURCE_REFILL_MS = 30_000;
const PAIR_REFILL_MS = 15_000;
const WAIT_MAX_S = 60;
const BUCKETS_MAX = 50_000;
const PAIR_KNOWN_MS = 90 * 86_400_000;

export interface LoginThrottle {
  /** Seconds to wait, 0 = go ahead. */
  ask(source: string, login: string): number | Promise<number>;
  failed(source: string, login: string): void;
  succeeded(source: string, login: string): void;
  /** Runs the question, the check of the password and the count of its failure as one of the source's turns. */
  inTurn<T>(source: string, work: () => Promise<T>): Promise<T>;
}

interface Bucket {
  failures: number;
  changedMs: number;
}

export interface ThrottleOptions {
  readonly now: () => number;
  /** In the trial. */
  readonly exemptLoopback: boolean;
}

export class LoginThrottleTable implements LoginThrottle {
  readonly #now: () => number;
  readonly #exemptLoopback: boolean;
  readonly #sources = new Map<string, Bucket>();
  readonly #logins = new Map<string, Bucket>();
  readonly #tries = new Map<string, Bucket>();
  readonly #known = new Map<string, number>();
  readonly #turns = new SourceTurns();

  constructor(options: ThrottleOptions) {
    this.#now = options.now;
    this.#exemptLoopback = options.exemptLoopback;
  }

  ask(source: string, login: string): number {
    const network = networkOf(source);
    if (this.#isExempt(network)) return 0;
    const pair = pairOf(network, login);
    if (this.#isKnown(pair)) return this.#wait(this.#tries.get(pair), { burst: BURST, refillMs: PAIR_REFILL_MS });
    const bySource = this.#wait(this.#sources.get(network), { burst: BURST, refillMs: SOURCE_REFILL_MS });
    if (bySource > 0) return bySource;
    if (this.#level(this.#tries.get(pair), SOURCE_REFILL_MS) < FREE_TRIES) return 0;
    return this.#wait(this.#logins.get(login), { burst: BURST, refillMs: SOURCE_REFILL_MS });
  }

  failed(source: string, login: string): void {
    const network = networkOf(source);
    if (this.#isExempt(network)) return;
    const pair = pairOf(network, login);
    const isKnown = this.#isKnown(pair);
    this.#add(this.#tries, pair, isKnown ? PAIR_REFILL_MS : SOURCE_REFILL_MS);
    if (isKnown) return;
    this.#add(this.#sources, network, SOURCE_REFILL_MS);
    this.#add(this.#logins, login, SOURCE_REFILL_MS);
  }

  succeeded(source: string, login: string): void {
    const pair = pairOf(networkOf(source), login);
    this.#tries.delete(pair);
    this.#known.delete(pair);
    this.#known.set(pair, this.#now());
    dropOldest(this.#known);
  }

  inTurn<T>(source: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(source, work);
  }

  #isKnown(pair: string): boolean {
    const since = this.#known.get(pair);
    return since !== undefined && this.#now() - since < PAIR_KNOWN_MS;
  }

  #isExempt(network: string): boolean {
    return this.#exemptLoopback && isLoopback(network);
  }

  #level(bucket: Bucket | undefined, refillMs: number): number {
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.failures - (this.#now() - bucket.changedMs) / refillMs);
  }

  #wait(bucket: Bucket | undefined, { burst, refillMs }: { burst: number; refillMs: number }): number {
    const over = this.#level(bucket, refillMs) - (burst - 1);
    return over <= 0 ? 0 : Math.min(WAIT_MAX_S, Math.ceil((over * refillMs) / 1_000));
  }

  #add(table: Map<string, Bucket>, key: string, refillMs: number): void {
    // A bucket that overflows far would take hours to drain: the attacker's zeal must not lengthen the wait.
    const failures = Math.min(BURST, this.#level(table.get(key), refillMs) + 1);
    table.delete(key);
    table.set(key, { failures, changedMs: this.#now() });
    dropOldest(table);
  }
}

function pairOf(network: string, login: string): string {
  return `${network} ${login}`;
}

function dropOldest(table: Map<string, unknown>): void {
  if (table.size <= BUCKETS_MAX) return;
  const oldest = table.keys().next();
  if (oldest.done !== true) table.delete(oldest.value);
}
