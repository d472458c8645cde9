/**
 * The lock of a data directory: whoever holds DIR/lock.db exclusively, the daemon or a command on a stopped one, may write there.
 *
 * 1. It is a lock of the kernel: it ends with its process, however that dies, and leaves nothing to clean up.
 * 2. A process takes it before it opens any other file of the directory.
 */
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { sqliteCode } from '../database/failures.ts';
import { Unavailable } from '../lib/errors.ts';

export interface DataLock {
  release(): void;
}

/** Holds the directory. Throws Unavailable when another process does, or when the directory cannot be written. */
export function takeDataLock(dataDir: string): DataLock {
  const lock = tryDataLock(dataDir);
  if (lock === undefined) throw new Unavailable(`Another Mailstead works with ${dataDir}. Stop it first, or give another folder`);
  return lock;
}

/** As `takeDataLock`, but undefined when another process holds it. */
export function tryDataLock(dataDir: string): DataLock | undefined {
  let file: Sqlite.Database | undefined;
  try {
    file = new Sqlite(join(dataDir, 'lock.db'), { timeout: 0 });
    file.exec('BEGIN EXCLUSIVE');
    const held = file;
    return { release: () => void held.close() };
  } catch (error) {
    file?.close();
    if (sqliteCode(error) === 'SQLITE_BUSY') return undefined;
    if (sqliteCode(error) !== '' || error instanceof TypeError)
      throw new Unavailable(`${dataDir} cannot be written by this user`, { cause: error });
    throw error;
  }
}
