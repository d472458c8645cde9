/**
 * One connection to one SQLite file: its transactions and what runs after a commit.
 * Used by the threads that own files (store, ledger) and by those that read them; made by `openConnection` (open.ts).
 *
 * 1. Work inside a transaction is synchronous; a promise is refused by type and, at run time, rolls back.
 * 2. After-commit listeners run in order, once, after the commit; never after a rollback.
 * 3. Trouble of the disk (full, input/output, busy, damaged) is thrown as Unavailable with nothing half done (failures.ts).
 */
import type Sqlite from 'better-sqlite3';
import { asKnownFailure } from './failures.ts';

/** What may be done inside a transaction. It ends with the function it was given to. */
export interface Tx {
  readonly sql: Sqlite.Database;
  /** Runs `listener` after the transaction's commit. */
  afterCommit(listener: () => void): void;
  /** Undoes only `work` when it throws; its after-commit listeners are forgotten with it. */
  savepoint<T>(work: Synchronous<T>): T;
}

/** Functions that give no promise: `never` when they do, so that the call does not compile. */
type Synchronous<T> = (() => T) & NoPromise<T>;
type SynchronousTx<T> = ((tx: Tx) => T) & NoPromise<T>;
type NoPromise<T> = [T] extends [never] ? unknown : T extends PromiseLike<unknown> ? never : unknown;

export class Connection {
  readonly sql: Sqlite.Database;
  readonly #tx: Tx;
  readonly #statements = new Map<string, Sqlite.Statement>();
  #listeners: (() => void)[] = [];

  constructor(sql: Sqlite.Database) {
    this.sql = sql;
    this.#tx = {
      sql,
      afterCommit: (listener) => {
        this.#listeners.push(listener);
      },
      savepoint: (work) => this.#savepoint(work),
    };
  }

  /** The statement for `text`, prepared once a connection. Only for texts that are constants of the program. */
  statement<Row = unknown>(text: string): Sqlite.Statement<unknown[], Row> {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.sql.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement as Sqlite.Statement<unknown[], Row>;
  }

  /** Runs `work` in one immediate transaction and commits. Throws what `work` throws, or Unavailable. */
  transact<T>(work: SynchronousTx<T>): T {
    if (this.sql.inTransaction) throw new Error('a transaction is open already');
    let result: T;
    try {
      this.statement('BEGIN IMMEDIATE').run();
      result = work(this.#tx);
      refusePromise(result);
      this.statement('COMMIT').run();
    } catch (error) {
      this.#listeners = [];
      this.#rollback();
      throw asKnownFailure(error);
    }
    this.#announce();
    return result;
  }

  /** Reads from one snapshot: several statements see the same state. */
  snapshot<T>(work: Synchronous<T>): T {
    try {
      this.statement('BEGIN').run();
      const result = work();
      refusePromise(result);
      return result;
    } catch (error) {
      throw asKnownFailure(error);
    } finally {
      this.#rollback();
    }
  }

  /** The last connection to a file also checkpoints it. */
  close(): void {
    this.#statements.clear();
    this.sql.close();
  }

  #savepoint<T>(work: () => T): T {
    const kept = this.#listeners.length;
    this.statement('SAVEPOINT part').run();
    try {
      const result = work();
      refusePromise(result);
      this.statement('RELEASE part').run();
      return result;
    } catch (error) {
      this.#listeners.length = kept;
      // Without a transaction SQLite has rolled all of it back by itself (disk full): the whole has to fail.
      if (this.sql.inTransaction) this.sql.exec('ROLLBACK TO part; RELEASE part');
      throw error;
    }
  }

  #rollback(): void {
    if (this.sql.inTransaction) this.statement('ROLLBACK').run();
  }

  #announce(): void {
    if (this.#listeners.length === 0) return;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}

function refusePromise(value: unknown): void {
  if (typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function') {
    throw new Error('a transaction cannot wait for a promise');
  }
}
