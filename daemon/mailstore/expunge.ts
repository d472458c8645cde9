/**
 * EXPUNGE and the removal of whole folders, in slices of about 8 ms.
 *
 * 1. A message's row, its share of the content and the folder's counters go in one transaction.
 * 2. What was taken away in earlier slices stays so when a later one fails: the messages were asked to go.
 */
import type { AccountId } from '../wire/ids.ts';
import type { AccountFile } from './account-file.ts';
import { messageKey, uidOfKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { messagesChange } from './changes.ts';
import type { GroupedWrites } from './grouped-writes.ts';
import { Flag, type FolderHandle } from './mailstore.ts';
import { MESSAGE_COLUMNS, type MessageTuple, releaseContent, removeRows, selectRows } from './message-rows.ts';
import { isSpent } from './slices.ts';

/** Rows looked at, and at most removed, in one slice; more than fit in the time wait for the next. */
const SLICE_ROWS = 1000;
/** Rows between two looks at the clock. */
const STEP_ROWS = 50;

export interface ExpungeOptions {
  readonly force?: boolean;
  readonly origin?: string;
}

/** Gives the UIDs that went, ascending. */
export async function expunge(
  writes: GroupedWrites,
  feeds: ChangeFeeds,
  handle: FolderHandle,
  what: ExpungeOptions & { readonly uids?: Uint32Array | undefined },
): Promise<Uint32Array> {
  const gone: number[] = [];
  let from = 0;
  for (;;) {
    const slice = await writes.run(handle.account, (file, tx) => {
      const folder = file.state.withId(handle.folder);
      const rows =
        what.uids === undefined
          ? deletedFrom(file, folder, from)
          : given(file, folder, what.uids.subarray(from, from + SLICE_ROWS), what.force === true);
      const removed = removeInTime(file, folder, rows);
      if (removed.length > 0) {
        file.state.saveFolder(folder);
        const change = messagesChange({
          account: file.id,
          folder: folder.id,
          modseq: folder.modseq,
          expunged: Uint32Array.from(removed),
          origin: what.origin,
        });
        tx.afterCommit(() => feeds.publish(change));
      }
      return { removed, found: rows.length };
    });
    gone.push(...slice.removed);
    if (slice.removed.length < slice.found) continue;
    if (what.uids === undefined) {
      if (slice.found < SLICE_ROWS) break;
      from = (gone[gone.length - 1] as number) + 1;
    } else {
      from += SLICE_ROWS;
      if (from >= what.uids.length) break;
    }
  }
  return Uint32Array.from(gone);
}

function given(file: AccountFile, folder: FolderRow, uids: Uint32Array, force: boolean): MessageTuple[] {
  const { rows } = selectRows(file.connection, folder.id, uids);
  return force ? rows : rows.filter((row) => (row[1] & Flag.deleted) !== 0);
}

function deletedFrom(file: AccountFile, folder: FolderRow, uid: number): MessageTuple[] {
  if (folder.deleted === 0) return [];
  return file.connection
    .statement(`SELECT ${MESSAGE_COLUMNS} FROM message WHERE key BETWEEN ? AND ? AND flags & ${Flag.deleted} LIMIT ${SLICE_ROWS}`)
    .raw()
    .all(messageKey(folder.id, uid), messageKey(folder.id + 1, 0) - 1) as MessageTuple[];
}

/** Removes as many as the slice has time for, at least some. */
function removeInTime(file: AccountFile, folder: FolderRow, rows: readonly MessageTuple[]): number[] {
  const startedMs = performance.now();
  const removed: number[] = [];
  for (let at = 0; at < rows.length; at += STEP_ROWS) {
    const step = rows.slice(at, at + STEP_ROWS);
    removeRows(file, folder, step, false);
    for (const row of step) removed.push(uidOfKey(row[0]));
    if (isSpent(startedMs)) break;
  }
  return removed;
}

/**
 * Removes the messages of a folder whose row is gone already. It may stop between slices (a crash):
 * what is left is out of reach and is swept when the file is opened next (account-file.ts).
 */
export async function removeOrphans(writes: GroupedWrites, account: AccountId, folder: number): Promise<void> {
  for (;;) {
    const left = await writes.run(account, (file) => {
      const { connection } = file;
      const startedMs = performance.now();
      const [low, high] = [messageKey(folder, 0), messageKey(folder + 1, 0) - 1];
      connection.statement('DELETE FROM expunged WHERE folder=?').run(folder);
      for (;;) {
        const rows = connection.statement('SELECT key, content FROM message WHERE key BETWEEN ? AND ? LIMIT 50').raw().all(low, high) as [
          number,
          number,
        ][];
        for (const [key, content] of rows) {
          connection.statement('DELETE FROM message WHERE key=?').run(key);
          releaseContent(connection, content);
        }
        if (rows.length < STEP_ROWS) return false;
        if (isSpent(startedMs)) return true;
      }
    });
    if (!left) return;
  }
}
