/**
 * Opens SQLite files the one way the daemon does it.
 *
 * 1. Writable files are WAL with synchronous=FULL: what committed survives a power cut.
 * 2. `PRAGMA user_version` alone decides whether a migration runs; a file of a newer version is not touched.
 * 3. All of a file's missing migrations run in one transaction, so a file is never between two versions.
 */
import Sqlite from 'better-sqlite3';
import { Unavailable } from '../lib/errors.ts';
import { Connection, type Tx } from './connection.ts';
import { asKnownFailure } from './failures.ts';

/** Step n takes a file from version n to n + 1: SQL, or a function for what SQL alone cannot do. */
export type Migration = string | ((tx: Tx) => void);

export interface OpenOptions {
  readonly readonly?: boolean;
  /**
   * Reads only, on a connection that may write: unlike a read-only one, when it is the last to close
   * it folds the log into the file and removes it.
   */
  readonly queryOnly?: boolean;
  /** The file has to exist; otherwise opening it is Unavailable. */
  readonly mustExist?: boolean;
  /** In order; its length is the program's version of this kind of file. Not used read-only. */
  readonly migrations?: readonly Migration[];
  /** Bytes; takes effect when the file is made. */
  readonly pageSize?: number;
  /** Freed pages can be given back in slices (`PRAGMA incremental_vacuum`); takes effect when the file is made. */
  readonly incrementalVacuum?: boolean;
  /** Upper bound of the page cache. */
  readonly cacheKiB?: number;
  /** How long another connection's lock is waited for. */
  readonly busyTimeoutMs?: number;
  /** Pages in the WAL at which a commit also checkpoints; 0 = never by itself. */
  readonly autoCheckpointPages?: number;
}

/** Opens, and when writable makes and migrates, the file at `path`. Throws Unavailable. */
export function openConnection(path: string, options: OpenOptions = {}): Connection {
  let sql: Sqlite.Database | undefined;
  try {
    sql = new Sqlite(path, {
      readonly: options.readonly ?? false,
      fileMustExist: options.mustExist ?? reads(options),
      timeout: options.busyTimeoutMs ?? 5000,
    });
    const connection = new Connection(sql);
    sql.exec(pragmas(options));
    if (!reads(options)) prepareFile(connection, options);
    return connection;
  } catch (error) {
    sql?.close();
    throw asKnownFailure(error);
  }
}

function reads(options: OpenOptions): boolean {
  return options.readonly === true || options.queryOnly === true;
}

function pragmas(options: OpenOptions): string {
  // One text, one exec: a cold file is opened for a single delivery, and each statement costs.
  let text = `PRAGMA cache_size=-${options.cacheKiB ?? 2000};`;
  if (reads(options)) return `${text}PRAGMA query_only=1;`;
  text += 'PRAGMA synchronous=FULL;';
  if (options.autoCheckpointPages !== undefined) text += `PRAGMA wal_autocheckpoint=${options.autoCheckpointPages};`;
  return text;
}

function prepareFile(connection: Connection, options: OpenOptions): void {
  const migrations = options.migrations ?? [];
  const version = userVersion(connection);
  if (version > migrations.length && migrations.length > 0) {
    throw new Unavailable('The data was written by a newer version of the program');
  }
  if (version === 0) {
    // The order matters: page size and vacuum mode are fixed by the first write, which the switch to WAL is.
    if (options.pageSize !== undefined) connection.sql.pragma(`page_size=${options.pageSize}`);
    if (options.incrementalVacuum === true) connection.sql.pragma('auto_vacuum=INCREMENTAL');
    connection.sql.pragma('journal_mode=WAL');
  }
  if (version < migrations.length) migrateConnection(connection, migrations);
}

/** Takes an open file from its version to the newest in one transaction. */
export function migrateConnection(connection: Connection, migrations: readonly Migration[]): void {
  connection.transact((tx) => {
    // Read again under the lock: another thread may have migrated the file meanwhile.
    for (const step of migrations.slice(userVersion(connection))) {
      if (typeof step === 'string') tx.sql.exec(step);
      else step(tx);
    }
    tx.sql.pragma(`user_version=${migrations.length}`);
  });
}

/** The version of a file; 0 for a new one. */
export function userVersion(connection: Connection): number {
  return connection.sql.pragma('user_version', { simple: true }) as number;
}
