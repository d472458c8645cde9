/**
 * Open connections by source address, for one thread's listeners.
 *
 * 1. `open` and `close` pair up; a source without connections takes no memory, so the table is bounded by the sockets.
 * 2. IPv6 counts by /64. Loopback is exempt in the trial.
 */
import { isLoopback, networkOf } from './login-throttle.ts';

export interface ConnectionLimits {
  readonly perSource: number;
  /** All connections of this thread. */
  readonly total: number;
  readonly exemptLoopback: boolean;
}

export class ConnectionCounts {
  readonly #limits: () => ConnectionLimits;
  readonly #bySource = new Map<string, number>();
  #total = 0;

  /** `limits` is asked at each connection: settings apply at once. */
  constructor(limits: () => ConnectionLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** False when there are too many: close the socket and do not call `close` for it. */
  open(remoteAddress: string): boolean {
    const limits = this.#limits();
    const source = networkOf(remoteAddress);
    const present = this.#bySource.get(source) ?? 0;
    const isExempt = limits.exemptLoopback && isLoopback(source);
    if (this.#total >= limits.total || (!isExempt && present >= limits.perSource)) return false;
    this.#bySource.set(source, present + 1);
    this.#total += 1;
    return true;
  }

  close(remoteAddress: string): void {
    const source = networkOf(remoteAddress);
    const present = this.#bySource.get(source);
    if (present === undefined) return;
    if (present === 1) this.#bySource.delete(source);
    else this.#bySource.set(source, present - 1);
    this.#total -= 1;
  }
}
