/**
 * Lets each source try a few passwords at a time; further ones wait for their turn. A failure is counted before the next
 * turn begins, so a throttle asked within a turn knows what all tries before it came to: a thousand tries at once find
 * no more than tries one after another.
 *
 * 1. AT_ONCE is more than the hashes that run at once in a thread: nobody waits who would not wait for those anyway.
 * 2. At most WAITING_MAX wait; more are Unavailable.
 */
import { Unavailable } from '../lib/errors.ts';
import { networkOf } from '../lib/ip-address.ts';

const AT_ONCE = 4;
const WAITING_MAX = 2_000;

interface Source {
  running: number;
  readonly waiting: (() => void)[];
}

export class SourceTurns {
  readonly #sources = new Map<string, Source>();
  #waiting = 0;

  /** Runs `work` when it is this source's turn. */
  async run<T>(address: string, work: () => Promise<T>): Promise<T> {
    const network = networkOf(address);
    const source = this.#sources.get(network) ?? { running: 0, waiting: [] };
    this.#sources.set(network, source);
    if (source.running < AT_ONCE) source.running += 1;
    else await this.#turn(source);
    try {
      return await work();
    } finally {
      this.#next(network, source);
    }
  }

  async #turn(source: Source): Promise<void> {
    if (this.#waiting >= WAITING_MAX) throw new Unavailable('Too many log-ins at once');
    this.#waiting += 1;
    await new Promise<void>((resolve) => source.waiting.push(resolve));
    this.#waiting -= 1;
  }

  /** Hands the place on, or gives it back. */
  #next(network: string, source: Source): void {
    const next = source.waiting.shift();
    if (next !== undefined) return next();
    source.running -= 1;
    if (source.running === 0) this.#sources.delete(network);
  }
}
