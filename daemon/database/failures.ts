/**
 * SQLite's failures in the daemon's closed set of errors.
 *
 * 1. What may pass by itself (input/output, lock, missing or damaged file) is Unavailable: 451, NO [UNAVAILABLE]; a full disk is
 *    its kind OutOfSpace: 452.
 * 2. Anything else (a constraint, a wrong statement) stays what it is: a defect, unless the caller expects it.
 * 3. The original is kept as `cause` for the log; the message shows no path.
 */
import { OutOfSpace, Unavailable } from '../lib/errors.ts';

const DISK_FULL = 'The disk is full';
const explanations: Readonly<Record<string, string>> = {
  SQLITE_FULL: DISK_FULL,
  SQLITE_IOERR: 'The disk reports an error',
  SQLITE_BUSY: 'The data is locked for the moment',
  SQLITE_LOCKED: 'The data is locked for the moment',
  SQLITE_PROTOCOL: 'The data is locked for the moment',
  SQLITE_CANTOPEN: 'The data cannot be opened',
  SQLITE_READONLY: 'The data cannot be written',
  SQLITE_CORRUPT: 'The data is damaged',
  SQLITE_NOTADB: 'The data is damaged',
  SQLITE_NOMEM: 'There is not enough memory',
};

const fileExplanations: Readonly<Record<string, string>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EIO: 'The disk reports an error',
  EROFS: 'The data cannot be written',
  EACCES: 'The data cannot be opened',
  ENOENT: 'The data cannot be opened',
  EMFILE: 'Too many files are open',
  ENFILE: 'Too many files are open',
};

/** The code without its extension: SQLITE_IOERR_WRITE gives SQLITE_IOERR; '' when it is no error of SQLite. */
export function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return '';
  return code.split('_', 2).join('_');
}

/** `error` itself, or the Unavailable that it stands for; failures of node:fs count as SQLite's own. */
export function asKnownFailure(error: unknown): unknown {
  const explanation = explanations[sqliteCode(error)] ?? fileExplanations[(error as { code?: string } | null)?.code ?? ''];
  if (explanation === undefined) return error;
  const known = explanation === DISK_FULL ? new OutOfSpace(explanation) : new Unavailable(explanation);
  known.cause = error;
  return known;
}

/** True when the file's content cannot be trusted any more. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error) || sqliteCode((error as { cause?: unknown } | null)?.cause);
  return code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB';
}

/** True when a unique or primary key refused a row. */
export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || code === 'SQLITE_CONSTRAINT_ROWID';
}
