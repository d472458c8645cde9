/**
 * How many connections each client address holds in this thread, and which clients need not be watched.
 *
 * 1. IPv6 clients count by their /64, which is what one customer of a network usually has.
 * 2. Loopback is known-good for pace (no greeting wait) and, in the trial, exempt from counts; it is never trusted for
 *    relay or log-in without a password.
 */
import { isIPv6 } from 'node:net';

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

/** 127.0.0.0/8 and ::1, as a socket tells them. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups.slice(0, 4).join(':');
}
