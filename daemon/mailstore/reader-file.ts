/**
 * One account's file, open for reading on a reader thread.
 *
 * 1. Nothing is cached between calls: each sees all that was committed before it.
 * 2. No read transaction lives across an await.
 */
import { existsSync } from 'node:fs';
import type { Connection } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import { NotFound } from '../lib/errors.ts';
import type { AccountId } from '../wire/ids.ts';
import { accountPath } from './account-file.ts';
import { messageKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';

/** The account has no file yet: an answer, not trouble. */
export class NoFile extends NotFound {}

export class ReaderFile {
  readonly connection: Connection;
  users = 0;
  lastUsedMs = 0;

  private constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Throws NoFile, or Unavailable. */
  static open(directory: string, account: AccountId): ReaderFile {
    const path = accountPath(directory, account);
    if (!existsSync(path)) throw new NoFile('There is no such account');
    return new ReaderFile(openConnection(path, { queryOnly: true, cacheKiB: 4096 }));
  }

  /** Folders and, with `withAbsent`, names that are only subscribed. Throws NoFile while the file is being made. */
  folders(withAbsent = false): FolderRow[] {
    const rows = this.#all<FolderRow>('SELECT * FROM folder');
    if (rows.length === 0) throw new NoFile('There is no such account');
    return withAbsent ? rows : rows.filter((folder) => folder.uid_validity !== 0);
  }

  /** The folder of that normal name. */
  named(name: string): FolderRow {
    const folder = this.folders().find((candidate) => candidate.name === name);
    if (folder === undefined) throw new NotFound('There is no such folder');
    return folder;
  }

  withId(id: number): FolderRow {
    const folder = this.connection.statement<FolderRow>('SELECT * FROM folder WHERE id=? AND uid_validity<>0').get(id);
    if (folder === undefined) throw new NotFound('There is no such folder');
    return folder;
  }

  keywordNames(): string[] {
    const row = this.#all<{ keywords: string }>('SELECT keywords FROM account')[0];
    if (row === undefined) throw new NoFile('There is no such account');
    return JSON.parse(row.keywords) as string[];
  }

  /** How many messages of the folder nobody has claimed as \Recent. */
  recentCount(folder: FolderRow): number {
    if (folder.recent_from >= folder.uid_next) return 0;
    const count = this.connection.statement('SELECT count(*) FROM message WHERE key BETWEEN ? AND ?').pluck();
    return count.get(messageKey(folder.id, folder.recent_from), messageKey(folder.id + 1, 0) - 1) as number;
  }

  close(): void {
    this.connection.close();
  }

  #all<Row>(text: string): Row[] {
    try {
      return this.connection.statement<Row>(text).all();
    } catch (error) {
      // The store thread has made the file but not yet its tables.
      if (error instanceof Error && error.message.startsWith('no such table')) throw new NoFile('There is no such account');
      throw error;
    }
  }
}
