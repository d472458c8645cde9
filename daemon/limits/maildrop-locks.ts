/**
 * RFC 1939 §4: a maildrop is open in one POP3 session at a time. Main keeps the locks of all protocol threads.
 *
 * 1. A lock belongs to a holder (a protocol thread); when the holder dies its locks go with it.
 */
import type { AccountId } from '../wire/ids.ts';

export class MaildropLocks {
  readonly #holders = new Map<AccountId, number>();

  /** False when another session has the maildrop. */
  take(account: AccountId, holder: number): boolean {
    if (this.#holders.has(account)) return false;
    this.#holders.set(account, holder);
    return true;
  }

  release(account: AccountId, holder: number): void {
    if (this.#holders.get(account) === holder) this.#holders.delete(account);
  }

  releaseAll(holder: number): void {
    for (const [account, owner] of this.#holders) if (owner === holder) this.#holders.delete(account);
  }
}
