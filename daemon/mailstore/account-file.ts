/**
 * One account's file, open for writing on its store thread.
 *
 * 1. All writes go through `write`: one transaction; memory is loaded anew when it fails, so both stay one.
 * 2. Opening sweeps what a crash left half done (bodies without a message, messages without a folder).
 * 3. Opening costs little, because most opens are for one delivery: no write, no statement that is not needed.
 */
import { existsSync } from 'node:fs';
import type { Connection, Tx } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import type { AccountId } from '../wire/ids.ts';
import { accountFileOptions, chunkKey, DELIVERY_ID_DAYS, folderOfKey } from './account-schema.ts';
import { AccountState } from './account-state.ts';
import type { AccountTemplate } from './account-template.ts';

const DAY_MS = 86_400_000;
const MAX_UNPREVIEWED = 1000;

export function accountPath(directory: string, account: AccountId): string {
  return `${directory}/${account}.db`;
}

export class AccountFile {
  readonly id: AccountId;
  readonly connection: Connection;
  #state: AccountState;
  /** Sliced work under way: the file may not be closed. */
  users = 0;
  lastUsedMs = 0;
  /** Contents stored since the file was opened that have no preview yet; bounded by `MAX_UNPREVIEWED`. */
  readonly unpreviewed: number[] = [];

  private constructor(id: AccountId, connection: Connection, state: AccountState) {
    this.id = id;
    this.connection = connection;
    this.#state = state;
  }

  /** Opens the file, making it with its standard folders when there is none. Throws Unavailable. */
  static open(directory: string, id: AccountId, template: AccountTemplate): AccountFile {
    const path = accountPath(directory, id);
    if (!existsSync(path)) template.write(path);
    const connection = openConnection(path, { ...accountFileOptions, mustExist: true });
    try {
      const file = new AccountFile(id, connection, AccountState.load(connection));
      if (file.state.unfinished > 0) file.#sweepUnfinished();
      return file;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get state(): AccountState {
    return this.#state;
  }

  /** Runs `work` in one transaction. */
  write<T>(work: ((tx: Tx) => T) & (T extends PromiseLike<unknown> ? never : unknown)): T {
    try {
      return this.connection.transact(work as never);
    } catch (error) {
      this.reload();
      throw error;
    }
  }

  /** After a failed savepoint within `write`: forget what memory alone holds. */
  reload(): void {
    this.#state = AccountState.load(this.connection);
  }

  /** Forgets delivery ids that are old enough, once a day. */
  sweepDeliveries(): void {
    const today = Math.floor(Date.now() / DAY_MS);
    if (this.#state.sweptDay >= today) return;
    this.write(() => {
      this.connection.statement('DELETE FROM delivery WHERE day < ?').run(today - DELIVERY_ID_DAYS);
      this.#state.sweptDay = today;
      this.#state.saveAccount();
    });
  }

  /** Asks for a preview of a new message, in the background and only if there is room. */
  wantPreview(content: number): void {
    if (this.unpreviewed.length < MAX_UNPREVIEWED) this.unpreviewed.push(content);
  }

  close(): void {
    this.connection.close();
  }

  #sweepUnfinished(): void {
    this.write(() => {
      const { sql } = this.connection;
      const folders = new Set(Array.from(this.#state.folders, (folder) => folder.id));
      const linked = new Set<number>();
      for (const [key, content] of sql.prepare('SELECT key, content FROM message').raw().all() as [number, number][]) {
        if (folders.has(folderOfKey(key))) linked.add(content);
        else sql.prepare('DELETE FROM message WHERE key=?').run(key);
      }
      const contents = sql.prepare('SELECT id FROM content').pluck().all() as number[];
      for (const content of contents) if (!linked.has(content)) deleteContent(this.connection, content);
      this.#state.unfinished = 0;
      this.#state.saveAccount();
    });
  }
}

/** Deletes what one content id holds, whoever uses it. */
export function deleteContent(connection: Connection, content: number): void {
  connection.statement('DELETE FROM content WHERE id=?').run(content);
  connection.statement('DELETE FROM chunk WHERE key BETWEEN ? AND ?').run(chunkKey(content, 0), chunkKey(content + 1, 0) - 1);
}
