/**
 * How a store thread writes: what was asked for one account in one turn of the event loop is one transaction, one fsync.
 *
 * 1. A promise resolves after the commit that holds its work.
 * 2. With several works in a transaction each has a savepoint: one that throws takes nothing back but its own.
 * 3. Accounts take turns; after about 8 ms the event loop goes round before the next one.
 * 4. Before the first write to an account since the start its dirty mark is durable (rule 3 of the design).
 */
import type { Tx } from '../database/connection.ts';
import { isDamage } from '../database/failures.ts';
import type { AccountId } from '../wire/ids.ts';
import type { AccountFile } from './account-file.ts';
import type { OpenAccounts } from './open-accounts.ts';
import { isSpent } from './slices.ts';

export type Work<T> = (file: AccountFile, tx: Tx) => T;

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  result?: unknown;
  error?: unknown;
}

export class GroupedWrites {
  readonly files: OpenAccounts<AccountFile>;
  readonly #markDirty: ((accounts: readonly AccountId[]) => Promise<void>) | undefined;
  readonly #beforeWork: (file: AccountFile, tx: Tx) => void;
  readonly #afterWrite: (file: AccountFile) => void;
  readonly #dirty = new Set<AccountId>();
  readonly #waiting = new Map<AccountId, Job[]>();
  #unmarked = new Map<AccountId, Job[]>();
  #scheduled = false;

  constructor(
    files: OpenAccounts<AccountFile>,
    hooks: {
      /** Resolves when it is durable that the accounts' totals may lag behind their files. */
      readonly markDirty?: ((accounts: readonly AccountId[]) => Promise<void>) | undefined;
      /** Runs first in every transaction. */
      readonly beforeWork?: ((file: AccountFile, tx: Tx) => void) | undefined;
      readonly afterWrite: (file: AccountFile) => void;
    },
  ) {
    this.files = files;
    this.#markDirty = hooks.markDirty;
    this.#beforeWork = hooks.beforeWork ?? (() => undefined);
    this.#afterWrite = hooks.afterWrite;
  }

  /** Runs `work` in a transaction of its account and gives its result once that is durable. */
  run<T>(account: AccountId, work: Work<T> & (T extends PromiseLike<unknown> ? never : unknown)): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const job: Job = { work, resolve, reject };
      const queue = this.#markDirty === undefined || this.#dirty.has(account) ? this.#waiting : this.#unmarked;
      const jobs = queue.get(account);
      if (jobs === undefined) queue.set(account, [job]);
      else jobs.push(job);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#unmarked.size > 0) void this.#mark();
    const startedMs = performance.now();
    for (const [account, jobs] of this.#waiting) {
      this.#waiting.delete(account);
      this.#commit(account, jobs);
      if (isSpent(startedMs)) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }

  async #mark(): Promise<void> {
    const unmarked = this.#unmarked;
    this.#unmarked = new Map();
    const accounts = [...unmarked.keys()];
    try {
      await this.#markDirty?.(accounts);
    } catch (error) {
      for (const jobs of unmarked.values()) for (const job of jobs) job.reject(error);
      return;
    }
    for (const account of accounts) this.#dirty.add(account);
    for (const [account, jobs] of unmarked) {
      const present = this.#waiting.get(account);
      if (present === undefined) this.#waiting.set(account, jobs);
      else present.unshift(...jobs);
    }
    this.#schedule();
  }

  #commit(account: AccountId, jobs: readonly Job[]): void {
    try {
      const file = this.files.get(account);
      file.write((tx) => {
        this.#beforeWork(file, tx);
        for (const job of jobs) {
          if (jobs.length === 1) job.result = job.work(file, tx);
          else attempt(file, tx, job);
        }
      });
      this.#afterWrite(file);
    } catch (error) {
      if (isDamage(error)) this.files.close(account);
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const job of jobs) {
      if (job.error === undefined) job.resolve(job.result as never);
      else job.reject(job.error);
    }
  }
}

function attempt(file: AccountFile, tx: Tx, job: Job): void {
  try {
    job.result = tx.savepoint(() => job.work(file, tx) as undefined);
  } catch (error) {
    // SQLite has given up the whole transaction: so do we.
    if (!tx.sql.inTransaction) throw error;
    file.reload();
    job.error = error;
  }
}
