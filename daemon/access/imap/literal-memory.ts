/**
 * How many octets of large messages the sessions of this thread may hold while clients upload them.
 *
 * 1. An account has its own share, so that one mailbox cannot keep the others from storing mail, nor use up the machine's
 *    memory by uploads that it never finishes.
 * 2. What is taken is given back exactly once, by the connection that took it.
 */
import type { AccountId } from '../../wire/ids.ts';

export class LiteralMemory {
  readonly #limitBytes: number;
  readonly #accountLimitBytes: number;
  readonly #taken = new Map<AccountId, number>();
  #total = 0;

  constructor(limitBytes: number, accountLimitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#accountLimitBytes = accountLimitBytes;
  }

  /** False: nothing was taken, there is no room. */
  take(account: AccountId, bytes: number): boolean {
    const taken = (this.#taken.get(account) ?? 0) + bytes;
    if (taken > this.#accountLimitBytes || this.#total + bytes > this.#limitBytes) return false;
    this.#taken.set(account, taken);
    this.#total += bytes;
    return true;
  }

  give(account: AccountId, bytes: number): void {
    const left = (this.#taken.get(account) ?? 0) - bytes;
    if (left > 0) this.#taken.set(account, left);
    else this.#taken.delete(account);
    this.#total -= bytes;
  }
}
