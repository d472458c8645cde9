/**
 * Messages as rows of an account's file: how they are added, found and removed. Everything here runs inside a transaction
 * of `GroupedWrites`; the folder's counters are kept with each change, the caller saves the folder.
 */
import type { Connection } from '../database/connection.ts';
import type { AccountFile } from './account-file.ts';
import { deleteContent } from './account-file.ts';
import { CHUNK_BYTES, chunkKey, messageKey, uidOfKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import { Flag } from './mailstore.ts';
import type { StoredForm } from './stored-form.ts';

/** A row of `message` as selected by MESSAGE_COLUMNS, in that order. */
export type MessageTuple = [
  key: number,
  flags: number,
  keywordsLow: number,
  keywordsHigh: number,
  modseq: number,
  size: number,
  receivedMs: number,
  sentMs: number | null,
  content: number,
];

export const MESSAGE_COLUMNS = 'key, flags, keywords_low, keywords_high, modseq, size, received_ms, sent_ms, content';
const ROWS_BETWEEN = `SELECT ${MESSAGE_COLUMNS} FROM message WHERE key BETWEEN ? AND ?`;
const ROW_AT = `SELECT ${MESSAGE_COLUMNS} FROM message WHERE key=?`;

/** What a new message row says, its place aside. */
export interface NewRow {
  readonly flags: number;
  readonly keywordsLow: number;
  readonly keywordsHigh: number;
  readonly size: number;
  readonly receivedMs: number;
  readonly sentMs: number | null;
  readonly content: number;
}

/** Stores what was computed, and as much of the body as one chunk holds. Gives the content's id. */
export function insertContent(connection: Connection, form: StoredForm, raw: Uint8Array): number {
  const content = connection
    .statement('INSERT INTO content(envelope, body_structure, body, parts, header) VALUES(?,?,?,?,?)')
    .run(form.envelope, form.bodyStructure, form.body, form.parts, raw.subarray(0, form.headerBytes)).lastInsertRowid as number;
  insertChunk(connection, { content, form, raw, number: 0 });
  return content;
}

/** How many chunks the octets behind the header block take. */
export function chunkCount(form: StoredForm, raw: Uint8Array): number {
  return Math.ceil((raw.length - form.headerBytes) / CHUNK_BYTES);
}

export function insertChunk(connection: Connection, chunk: { content: number; form: StoredForm; raw: Uint8Array; number: number }): void {
  const from = chunk.form.headerBytes + chunk.number * CHUNK_BYTES;
  if (from >= chunk.raw.length) return;
  const bytes = chunk.raw.subarray(from, Math.min(from + CHUNK_BYTES, chunk.raw.length));
  connection.statement('INSERT INTO chunk VALUES(?,?)').run(chunkKey(chunk.content, chunk.number), bytes);
}

/** Adds the row under the folder's next UID and counts it. */
export function insertMessage(connection: Connection, folder: FolderRow, modseq: number, row: NewRow): number {
  const uid = folder.uid_next;
  connection
    .statement('INSERT INTO message VALUES(?,?,?,?,?,?,?,?,?,?)')
    .run(
      messageKey(folder.id, uid),
      row.flags,
      row.keywordsLow,
      row.keywordsHigh,
      modseq,
      row.size,
      row.receivedMs,
      Date.now(),
      row.sentMs,
      row.content,
    );
  folder.uid_next += 1;
  count(folder, row.flags, row.size, 1);
  return uid;
}

/** Changes the folder's counters by a message that comes (1) or goes (-1). */
export function count(folder: FolderRow, flags: number, size: number, by: 1 | -1): void {
  folder.messages += by;
  folder.bytes += by * size;
  if ((flags & Flag.seen) === 0) folder.unseen += by;
  if ((flags & Flag.deleted) !== 0) folder.deleted += by;
}

/** Rows as found; `isWhole` when the folder has no other row between the first and the last of the UIDs asked for. */
export interface SelectedRows {
  readonly rows: MessageTuple[];
  readonly isWhole: boolean;
}

/** The rows among `uids` (ascending) that are there, ascending. */
export function selectRows(connection: Connection, folder: number, uids: Uint32Array): SelectedRows {
  if (uids.length === 0) return { rows: [], isWhole: true };
  const first = uids[0] as number;
  const last = uids[uids.length - 1] as number;
  if (last - first > uids.length * 4 + 16) return { rows: selectScattered(connection, folder, uids), isWhole: false };
  const found = connection.statement(ROWS_BETWEEN).raw().all(messageKey(folder, first), messageKey(folder, last)) as MessageTuple[];
  if (last - first === uids.length - 1) return { rows: found, isWhole: true };
  let at = 0;
  const rows = found.filter((row) => {
    const uid = uidOfKey(row[0]);
    while ((uids[at] as number) < uid) at++;
    return uids[at] === uid;
  });
  return { rows, isWhole: rows.length === found.length };
}

function selectScattered(connection: Connection, folder: number, uids: Uint32Array): MessageTuple[] {
  const statement = connection.statement(ROW_AT).raw();
  const rows: MessageTuple[] = [];
  for (const uid of uids) {
    const row = statement.get(messageKey(folder, uid)) as MessageTuple | undefined;
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

/** Takes one more message for `content`. */
export function shareContent(connection: Connection, content: number): void {
  connection.statement('INSERT INTO shared VALUES(?,2) ON CONFLICT(content) DO UPDATE SET uses=uses+1').run(content);
}

/** One message less uses `content`; the last one takes it along. */
export function releaseContent(connection: Connection, content: number): void {
  const uses = connection.statement<[number]>('SELECT uses FROM shared WHERE content=?').raw().get(content) as [number] | undefined;
  if (uses === undefined) deleteContent(connection, content);
  else if (uses[0] === 2) connection.statement('DELETE FROM shared WHERE content=?').run(content);
  else connection.statement('UPDATE shared SET uses=uses-1 WHERE content=?').run(content);
}

/**
 * Removes rows of one folder, remembers their UIDs for those who were away (RFC 7162 §3.2.5) and counts them out.
 * With `keepContent` the messages live on elsewhere. Gives the modseq of the removal.
 */
export function removeRows(file: AccountFile, folder: FolderRow, rows: readonly MessageTuple[], keepContent: boolean): number {
  const { connection } = file;
  const modseq = file.state.bump(folder);
  const pairs: number[] = [];
  let last = -1;
  for (const [key, flags, , , , size, , , content] of rows) {
    const uid = uidOfKey(key);
    connection.statement('DELETE FROM message WHERE key=?').run(key);
    if (!keepContent) releaseContent(connection, content);
    count(folder, flags, size, -1);
    if (uid === last + 1) pairs[pairs.length - 1] = uid;
    else pairs.push(uid, uid);
    last = uid;
  }
  const uids = new Uint8Array(Uint32Array.from(pairs).buffer);
  connection.statement('INSERT INTO expunged VALUES(?,?,?)').run(folder.id, modseq, uids);
  return modseq;
}
