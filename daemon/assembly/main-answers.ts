/**
 * What main answers to its threads: usage of accounts, counters of log-ins, POP3's locks. Each has one owner; this joins
 * their handlers for the ports.
 */
import type { Control } from '../directory/control.ts';
import { markDirty, saveUsage } from '../directory/records/usage.ts';
import type { Handlers } from '../lib/port-call.ts';
import type { LimitsServer } from '../limits/limits-server.ts';
import { MaildropLocks } from '../limits/maildrop-locks.ts';
import type { UsageRows } from '../mailstore/usage-reports.ts';
import type { AccountId } from '../wire/ids.ts';

export interface MainAnswers {
  readonly handlers: Handlers;
  readonly locks: MaildropLocks;
}

export function createMainAnswers(control: Control, limits: LimitsServer, now: () => number): MainAnswers {
  const locks = new MaildropLocks();
  const marks = new DirtyMarks(control);
  const handlers: Handlers = {
    ...limits.handlers,
    'usage.save': (rows: UsageRows) => saveUsage(control, rows, now()),
    'usage.markDirty': (accounts: readonly AccountId[]) => marks.add(accounts),
    'maildrop.take': (account: AccountId, holder: number) => locks.take(account, holder),
    'maildrop.release': (account: AccountId, holder: number) => locks.release(account, holder),
  };
  return { handlers, locks };
}

/** Marks that come within GATHER_MS share one commit: after a start every account's first write asks for one. */
const GATHER_MS = 2;

class DirtyMarks {
  readonly #control: Control;
  #accounts: AccountId[] = [];
  #commit: Promise<void> | undefined;

  constructor(control: Control) {
    this.#control = control;
  }

  /** Resolves when the marks are durable. */
  add(accounts: readonly AccountId[]): Promise<void> {
    this.#accounts.push(...accounts);
    this.#commit ??= new Promise((resolve, reject) => setTimeout(() => this.#write(resolve, reject), GATHER_MS));
    return this.#commit;
  }

  #write(resolve: () => void, reject: (error: unknown) => void): void {
    const accounts = this.#accounts;
    this.#accounts = [];
    this.#commit = undefined;
    try {
      markDirty(this.#control, accounts);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}
