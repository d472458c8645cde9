/**
 * New account files: written in one go as a copy of an empty one, which costs a third of making the tables in place.
 *
 * 1. The file is whole and synchronised before it gets its name; the directory is synchronised with the first commit to it.
 * 2. Accounts made in the same second share a template and so the UIDVALIDITYs of their standard folders: those have to be
 *    unique within an account only (RFC 9051 §2.3.1.1), and a second later they are others.
 */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { Connection } from '../database/connection.ts';
import { asKnownFailure } from '../database/failures.ts';
import { migrateConnection } from '../database/open.ts';
import { accountFileOptions, accountMigrations } from './account-schema.ts';
import { AccountState } from './account-state.ts';

/** SQLite file format §1.3: read and write version, 2 = WAL. */
const WAL_VERSIONS_AT = 18;

export class AccountTemplate {
  readonly #firstUidValidity: number;
  #bytes: Buffer | undefined;
  #madeInSecond = 0;

  constructor(firstUidValidity: number) {
    this.#firstUidValidity = firstUidValidity;
  }

  /** Makes the file of an empty account. Throws Unavailable. */
  write(path: string): void {
    try {
      const file = openSync(`${path}.new`, 'w', 0o600);
      try {
        writeSync(file, this.#present());
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.new`, path);
    } catch (error) {
      throw asKnownFailure(error);
    }
  }

  #present(): Buffer {
    const second = Math.floor(Date.now() / 1000);
    if (this.#bytes === undefined || this.#madeInSecond !== second) {
      this.#bytes = emptyAccount(this.#firstUidValidity);
      this.#madeInSecond = second;
    }
    return this.#bytes;
  }
}

function emptyAccount(firstUidValidity: number): Buffer {
  const sql = new Sqlite(':memory:');
  sql.exec(`PRAGMA page_size=${accountFileOptions.pageSize}; PRAGMA auto_vacuum=INCREMENTAL;`);
  const connection = new Connection(sql);
  migrateConnection(connection, accountMigrations);
  connection.transact(() => void AccountState.create(connection, firstUidValidity));
  const bytes = sql.serialize();
  connection.close();
  bytes.fill(2, WAL_VERSIONS_AT, WAL_VERSIONS_AT + 2);
  return bytes;
}
