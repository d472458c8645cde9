/**
 * Tells main how much each account uses (rule 3 of the design): totals within a second of their change, in one batch.
 * What waits is bounded by the number of accounts that changed in that second.
 */
import type { AccountId } from '../wire/ids.ts';
import type { Usage } from './mailstore.ts';

export interface UsageRows {
  readonly accounts: Float64Array;
  readonly bytes: Float64Array;
  readonly messages: Float64Array;
}

const REPORT_MS = 500;

export class UsageReports {
  readonly #report: ((rows: UsageRows) => void) | undefined;
  #totals = new Map<AccountId, Usage>();
  #timer: NodeJS.Timeout | undefined;

  constructor(report: ((rows: UsageRows) => void) | undefined) {
    this.#report = report;
  }

  note(account: AccountId, usage: Usage): void {
    if (this.#report === undefined) return;
    this.#totals.set(account, usage);
    this.#timer ??= setTimeout(() => this.flush(), REPORT_MS);
  }

  forget(account: AccountId): void {
    this.#totals.delete(account);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#totals.size === 0) return;
    const usages = [...this.#totals.values()];
    const rows = {
      accounts: Float64Array.from(this.#totals.keys()),
      bytes: Float64Array.from(usages, (usage) => usage.bytes),
      messages: Float64Array.from(usages, (usage) => usage.messages),
    };
    this.#totals = new Map();
    this.#report?.(rows);
  }
}
