/**
 * COPY and MOVE within an account, in slices; content is shared, not copied. (Between accounts: cross-account.ts.)
 *
 * 1. COPY is all or nothing: when a slice fails, what was copied is taken back (RFC 9051 §6.4.7).
 * 2. MOVE moves each slice in one transaction: a message is in exactly one of the two folders at any moment (RFC 9051 §6.4.8).
 */
import { Rejected } from '../lib/errors.ts';
import type { AccountFile } from './account-file.ts';
import { uidOfKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { type FlagState, messagesChange } from './changes.ts';
import { expunge } from './expunge.ts';
import type { GroupedWrites } from './grouped-writes.ts';
import type { CopyResult, FolderHandle } from './mailstore.ts';
import { insertMessage, type MessageTuple, removeRows, selectRows, shareContent } from './message-rows.ts';

const SLICE_ROWS = 500;

export interface CopyRequest {
  readonly from: FolderHandle;
  readonly uids: Uint32Array;
  readonly to: FolderHandle;
  readonly quotaBytes: number | null;
  readonly origin?: string | undefined;
}

interface Copied {
  readonly uidValidity: number;
  readonly sourceUids: number[];
  readonly targetUids: number[];
}

export async function copyWithin(writes: GroupedWrites, feeds: ChangeFeeds, request: CopyRequest): Promise<CopyResult> {
  await refuseBeyondQuota(writes, request);
  const copied = { uidValidity: 0, sourceUids: [] as number[], targetUids: [] as number[] };
  try {
    for (const uids of slices(request.uids)) {
      const slice = await writes.run(request.to.account, (file, tx) => {
        const { source, target, rows } = selected(file, request, uids);
        const added = rows.map((row) => {
          shareContent(file.connection, row[8]);
          return addCopy(file, target, row);
        });
        const changes = finish(file, { source, target, added, expunged: [], origin: undefined });
        tx.afterCommit(() => feeds.publishAll(changes));
        return result(target, rows, added);
      });
      append(copied, slice);
    }
  } catch (error) {
    const undo = { uids: Uint32Array.from(copied.targetUids), force: true };
    if (copied.targetUids.length > 0) await expunge(writes, feeds, request.to, undo);
    throw error;
  }
  return columns(copied);
}

export async function moveWithin(writes: GroupedWrites, feeds: ChangeFeeds, request: CopyRequest): Promise<CopyResult> {
  const moved = { uidValidity: 0, sourceUids: [] as number[], targetUids: [] as number[] };
  for (const uids of slices(request.uids)) {
    const slice = await writes.run(request.to.account, (file, tx) => {
      const { source, target, rows } = selected(file, request, uids);
      const added = rows.map((row) => addCopy(file, target, row));
      const gone = rows.map((row) => uidOfKey(row[0]));
      if (rows.length > 0) removeRows(file, source, rows, true);
      const changes = finish(file, { source, target, added, expunged: gone, origin: request.origin });
      tx.afterCommit(() => feeds.publishAll(changes));
      return result(target, rows, added);
    });
    append(moved, slice);
  }
  return columns(moved);
}

/** One slice even for nothing: the folders have to be there, and the answer names the target's UIDVALIDITY. */
function* slices(uids: Uint32Array): Generator<Uint32Array> {
  let at = 0;
  do yield uids.subarray(at, (at += SLICE_ROWS));
  while (at < uids.length);
}

function selected(
  file: AccountFile,
  request: CopyRequest,
  uids: Uint32Array,
): { source: FolderRow; target: FolderRow; rows: MessageTuple[] } {
  const source = file.state.withId(request.from.folder);
  const target = file.state.withId(request.to.folder);
  return { source, target, rows: selectRows(file.connection, source.id, uids).rows };
}

async function refuseBeyondQuota(writes: GroupedWrites, request: CopyRequest): Promise<void> {
  const { quotaBytes } = request;
  if (quotaBytes === null) return;
  let bytes = 0;
  for (const uids of slices(request.uids)) {
    bytes += await writes.run(request.from.account, (file) => {
      const source = file.state.withId(request.from.folder);
      return selectRows(file.connection, source.id, uids).rows.reduce((sum, row) => sum + row[5], 0);
    });
  }
  const { usage } = writes.files.get(request.to.account).state;
  if (bytes > 0 && usage.bytes + bytes > quotaBytes) throw new Rejected('The mailbox is full');
}

function addCopy(file: AccountFile, target: FolderRow, row: MessageTuple): FlagState {
  const [, flags, keywordsLow, keywordsHigh, , size, receivedMs, sentMs, content] = row;
  // One modseq a slice: `finish` takes it for the folder.
  const modseq = file.state.modseq + 1;
  const uid = insertMessage(file.connection, target, modseq, { flags, keywordsLow, keywordsHigh, size, receivedMs, sentMs, content });
  return { uid, flags, keywordsLow, keywordsHigh };
}

function finish(
  file: AccountFile,
  what: { source: FolderRow; target: FolderRow; added: readonly FlagState[]; expunged: readonly number[]; origin: string | undefined },
): ReturnType<typeof messagesChange>[] {
  const { source, target, added, expunged, origin } = what;
  if (added.length === 0) return [];
  const account = file.id;
  // removeRows has taken the same modseq for the source; without it the copies take it here.
  if (expunged.length === 0) file.state.bump(target);
  else target.modseq = file.state.modseq;
  file.state.saveFolder(target);
  const changes = [messagesChange({ account, folder: target.id, modseq: target.modseq, added })];
  if (expunged.length > 0) {
    if (source !== target) file.state.saveFolder(source);
    changes.push(messagesChange({ account, folder: source.id, modseq: source.modseq, expunged: Uint32Array.from(expunged), origin }));
  }
  return changes;
}

function result(target: FolderRow, rows: readonly MessageTuple[], added: readonly FlagState[]): Copied {
  return { uidValidity: target.uid_validity, sourceUids: rows.map((row) => uidOfKey(row[0])), targetUids: added.map((row) => row.uid) };
}

function append(all: { uidValidity: number; sourceUids: number[]; targetUids: number[] }, slice: Copied): void {
  all.uidValidity = slice.uidValidity;
  all.sourceUids.push(...slice.sourceUids);
  all.targetUids.push(...slice.targetUids);
}

function columns(copied: Copied): CopyResult {
  return {
    uidValidity: copied.uidValidity,
    sourceUids: Uint32Array.from(copied.sourceUids),
    targetUids: Uint32Array.from(copied.targetUids),
  };
}
