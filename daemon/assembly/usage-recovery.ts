/**
 * Rule 3 of the design: after a crash only accounts that were written to are read again, in the background; until then their
 * last known usage counts.
 *
 * 1. A clean stop leaves dirty what could not be read again: the next start tries once more.
 */
import type { Control } from '../directory/control.ts';
import { dirtyAccounts, markAllClean, saveUsage } from '../directory/records/usage.ts';
import type { Log } from '../lib/log.ts';
import type { Mailstore } from '../mailstore/mailstore.ts';
import type { AccountId } from '../wire/ids.ts';

const BATCH = 100;

export class UsageRecovery {
  readonly #control: Control;
  readonly #unread: Set<AccountId>;

  /** Before any thread writes: what is dirty now is so from before. */
  constructor(control: Control) {
    this.#control = control;
    this.#unread = new Set(dirtyAccounts(control));
  }

  /** Ends when each was tried, or `signal` says stop. */
  async run(mailstore: Pick<Mailstore, 'usage'>, log: Log, signal: AbortSignal): Promise<void> {
    const dirty = [...this.#unread];
    for (let from = 0; from < dirty.length && !signal.aborted; from += BATCH) await this.#read(mailstore, dirty.slice(from, from + BATCH));
    if (dirty.length > 0) log.info({ accounts: dirty.length, unread: this.#unread.size }, 'usage_recovered');
  }

  /** After a clean stop the usage of every account that was read is exact. */
  noteCleanStop(): void {
    markAllClean(this.#control, [...this.#unread]);
  }

  async #read(mailstore: Pick<Mailstore, 'usage'>, accounts: readonly AccountId[]): Promise<void> {
    const answers = await Promise.allSettled(accounts.map((account) => mailstore.usage(account)));
    const read = accounts.flatMap((account, row) => {
      const answer = answers[row];
      return answer?.status === 'fulfilled' ? [{ account, ...answer.value }] : [];
    });
    saveUsage(
      this.#control,
      { accounts: read.map((row) => row.account), bytes: read.map((row) => row.bytes), messages: read.map((row) => row.messages) },
      Date.now(),
    );
    for (const { account } of read) this.#unread.delete(account);
  }
}
