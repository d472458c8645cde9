/**
 * How many connections each client network holds in this thread: one instance for each protocol, which has limits of its own.
 *
 * 1. IPv6 clients count by their /64 (networkOf).
 * 2. Exempt are loopback clients in the trial; they are trusted with nothing else for that.
 */
import { networkOf } from '../lib/ip-address.ts';

export class ConnectionCounts {
  readonly #open = new Map<string, number>();
  readonly #isExempt: (address: string) => boolean;

  constructor(isExempt: (address: string) => boolean) {
    this.#isExempt = isExempt;
  }

  /** False: turned away. Every `true` is followed by one `leave`. */
  enter(address: string, limit: number): boolean {
    const network = networkOf(address);
    const count = this.#open.get(network) ?? 0;
    if (count >= limit && !this.#isExempt(address)) return false;
    this.#open.set(network, count + 1);
    return true;
  }

  leave(address: string): void {
    const network = networkOf(address);
    const count = this.#open.get(network) ?? 0;
    if (count <= 1) this.#open.delete(network);
    else this.#open.set(network, count - 1);
  }
}
