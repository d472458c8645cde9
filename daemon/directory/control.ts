/**
 * control.db: the one database of who is who, settings, log-ins of the panel and the audit trail.
 * Main opens it for writing (`openControl`), every other thread reads it (`openControlReadOnly`).
 *
 * 1. Transactions are immediate and synchronous; an async callback does not compile (`Connection.transact`).
 * 2. Each `transact` raises the counter `directory` in its own transaction: readers drop what they cached when it grew
 *    (directory.ts). Facts that readers need not hurry for (usage, last log-in, sessions) go through `record`, which does not.
 * 3. Schema changes run at open, forward only, after a copy of the database as it was (`control.db.before-<migration>`).
 * 4. drizzle is loaded by `openControl` only: threads that read do without it.
 * 5. A database with more migrations than the program knows is left alone: Unavailable.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Connection, Tx } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import { Unavailable } from '../lib/errors.ts';
import { ensureHostCustomer } from './host-customer.ts';
import { ensureServerSecrets } from './server-secrets.ts';

const load = createRequire(import.meta.url);

export type ControlDatabase = BetterSQLite3Database<Record<string, never>>;

/** What a transaction's callback gets. */
export interface ControlTx {
  readonly db: ControlDatabase;
  /** Runs after the commit, never after a rollback. */
  afterCommit(listener: () => void): void;
}

type ControlWork<T> = ((tx: ControlTx) => T) & ([T] extends [never] ? unknown : T extends PromiseLike<unknown> ? never : unknown);

export interface Control {
  readonly db: ControlDatabase;
  readonly connection: Connection;
  /** One immediate transaction whose effects every thread sees at once. */
  transact<T>(work: ControlWork<T>): T;
  /** One immediate transaction for facts that readers may see a moment later. */
  record<T>(work: ControlWork<T>): T;
  close(): void;
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Where control.db lies in a data directory. */
export function controlPath(dataDir: string): string {
  return join(dataDir, 'control.db');
}

/** Opens control.db for writing, makes and migrates it. Throws Unavailable. `migrations` is another folder in tests only. */
export function openControl(dataDir: string, migrations: string = MIGRATIONS): Control {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = controlPath(dataDir);
  const connection = openConnection(path, { cacheKiB: 8_000 });
  try {
    const { drizzle } = load('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3');
    const db = drizzle(connection.sql);
    migrateControl(connection, db, { path, migrations });
    connection.sql.pragma('foreign_keys = ON');
    ensureServerSecrets(connection);
    ensureHostCustomer(connection, Date.now());
    return makeControl(connection, db);
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A read-only connection for `createDirectory` and `createAuthenticator`; the file must exist already. */
export function openControlReadOnly(dataDir: string): Connection {
  return openConnection(controlPath(dataDir), { readonly: true, cacheKiB: 4_000 });
}

/** In its `transact<T>(run as never)`: `ControlWork` has refused promises already, which the compiler cannot see for an open `T`. */
function makeControl(connection: Connection, db: ControlDatabase): Control {
  const inside = (tx: Tx): ControlTx => ({ db, afterCommit: (listener) => tx.afterCommit(listener) });
  const raise = connection.statement(
    "INSERT INTO counter(name, value) VALUES('directory', 1) ON CONFLICT(name) DO UPDATE SET value = value + 1",
  );
  return {
    db,
    connection,
    transact<T>(work: ControlWork<T>): T {
      const run = (tx: Tx): T => {
        raise.run();
        return work(inside(tx));
      };
      return connection.transact<T>(run as never);
    },
    record<T>(work: ControlWork<T>): T {
      const run = (tx: Tx): T => work(inside(tx));
      return connection.transact<T>(run as never);
    },
    close: () => connection.close(),
  };
}

interface JournalEntry {
  readonly tag: string;
  readonly when: number;
}

function migrateControl(connection: Connection, db: ControlDatabase, files: { path: string; migrations: string }): void {
  const journal = JSON.parse(readFileSync(join(files.migrations, 'meta/_journal.json'), 'utf8')) as { entries: JournalEntry[] };
  const applied = appliedMigrations(connection);
  if (applied > journal.entries.length) throw new Unavailable('The data was written by a newer version of the program');
  const next = journal.entries[applied];
  if (next === undefined) return;
  if (applied > 0) copyBefore(connection, `${files.path}.before-${next.tag}`);
  // SQLite rebuilds a table to change a column: references must not be enforced or cascade meanwhile.
  connection.sql.pragma('foreign_keys = OFF');
  const { migrate } = load('drizzle-orm/better-sqlite3/migrator') as typeof import('drizzle-orm/better-sqlite3/migrator');
  migrate(db, { migrationsFolder: files.migrations });
  const broken = connection.sql.pragma('foreign_key_check') as unknown[];
  if (broken.length > 0) throw new Unavailable('The migrated data contradicts itself');
}

function appliedMigrations(connection: Connection): number {
  const table = connection.sql.prepare("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").get();
  if (table === undefined) return 0;
  return connection.sql.prepare('SELECT count(*) FROM __drizzle_migrations').pluck().get() as number;
}

function copyBefore(connection: Connection, copy: string): void {
  // A copy that a crash cut short may be there: the present database is still as it was, so it is made anew.
  if (existsSync(copy)) rmSync(copy);
  connection.sql.prepare('VACUUM INTO ?').run(copy);
}
