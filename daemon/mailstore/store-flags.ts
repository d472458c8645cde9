/**
 * STORE: flags and keywords of many messages, in slices.
 *
 * 1. Neighbouring rows that change the same way are one UPDATE: a whole folder costs a microsecond a row.
 * 2. Rows that would not change keep their modseq and are not told (RFC 7162 §3.1).
 * 3. Each slice is a transaction with its own modseq and Change; a message that vanished meanwhile is left out.
 */
import type { ModSeq } from '../wire/ids.ts';
import type { AccountFile } from './account-file.ts';
import { messageKey, uidOfKey } from './account-schema.ts';
import type { FolderRow } from './account-state.ts';
import type { ChangeFeeds } from './change-feed.ts';
import { type FlagState, flagColumn, keywordColumn, messagesChange, uidColumn } from './changes.ts';
import type { GroupedWrites } from './grouped-writes.ts';
import { Flag, type StoreFlagsRequest, type StoreFlagsResult } from './mailstore.ts';
import { selectRows } from './message-rows.ts';

const SLICE_ROWS = 4000;

/** What is done to every row: keep the bits of a mask, then set others. All three modes of STORE are that. */
interface Recipe {
  readonly keep: readonly [flags: number, low: number, high: number];
  readonly set: readonly [flags: number, low: number, high: number];
}

interface Slice {
  readonly touched: (FlagState & { readonly modseq: number })[];
  readonly modified: number[];
}

export async function storeFlags(
  writes: GroupedWrites,
  feeds: ChangeFeeds,
  request: StoreFlagsRequest,
  origin?: string,
): Promise<StoreFlagsResult> {
  const touched: Slice['touched'] = [];
  const modified: number[] = [];
  let keywordNames: readonly string[] = [];
  let at = 0;
  do {
    const uids = request.uids.subarray(at, at + SLICE_ROWS);
    at += SLICE_ROWS;
    const slice = await writes.run(request.handle.account, (file, tx) => {
      const folder = file.state.withId(request.handle.folder);
      const bits = file.state.keywordBits(request.keywords, request.mode !== 'remove');
      const result = changeRows(file, folder, uids, { ...request, recipe: recipe(request, bits) });
      keywordNames = [...file.state.keywords];
      if (result.changed.length > 0) {
        const change = messagesChange({
          account: file.id,
          folder: folder.id,
          modseq: folder.modseq,
          changed: result.changed,
          keywordNames: bits.grew ? keywordNames : undefined,
          origin,
        });
        tx.afterCommit(() => feeds.publish(change));
      }
      return result;
    });
    touched.push(...slice.touched);
    modified.push(...slice.modified);
  } while (at < request.uids.length);
  const keywords = keywordColumn(touched);
  return {
    uids: uidColumn(touched),
    flags: flagColumn(touched),
    ...(keywords && { keywords }),
    modseqs: Float64Array.from(touched, (row) => row.modseq),
    keywordNames,
    modified: Uint32Array.from(modified),
  };
}

function recipe(request: StoreFlagsRequest, bits: { low: number; high: number }): Recipe {
  const given = [request.flags, bits.low, bits.high] as const;
  if (request.mode === 'add') return { keep: [0xff, 0xffffffff, 0xffffffff], set: given };
  if (request.mode === 'replace') return { keep: [0, 0, 0], set: given };
  return { keep: [~request.flags & 0xff, ~bits.low >>> 0, ~bits.high >>> 0], set: [0, 0, 0] };
}

interface Instruction {
  readonly recipe: Recipe;
  readonly unchangedSince?: ModSeq;
}

function changeRows(file: AccountFile, folder: FolderRow, uids: Uint32Array, instruction: Instruction): Slice & { changed: FlagState[] } {
  const { keep, set } = instruction.recipe;
  const limit = instruction.unchangedSince ?? Number.MAX_SAFE_INTEGER;
  const { rows, isWhole } = selectRows(file.connection, folder.id, uids);
  const result = { touched: [] as Slice['touched'], modified: [] as number[], changed: [] as FlagState[] };
  const runs = new Runs();
  const nextModseq = file.state.modseq + 1;
  for (const [key, flags, low, high, modseq] of rows) {
    const uid = uidOfKey(key);
    if (modseq > limit) {
      result.modified.push(uid);
      runs.end();
      continue;
    }
    const after = {
      uid,
      flags: (flags & keep[0]) | set[0],
      keywordsLow: ((low & keep[1]) | set[1]) >>> 0,
      keywordsHigh: ((high & keep[2]) | set[2]) >>> 0,
      modseq: nextModseq,
    };
    if (after.flags === flags && after.keywordsLow === low && after.keywordsHigh === high) {
      result.touched.push({ ...after, modseq });
      runs.end();
    } else {
      result.touched.push(after);
      result.changed.push(after);
      recount(folder, flags, after.flags);
      runs.add(uid);
    }
  }
  if (result.changed.length > 0) {
    const modseq = file.state.bump(folder);
    updateRuns(file, folder, { runs: isWhole ? runs.merged : runs.single, recipe: instruction.recipe, modseq });
    file.state.saveFolder(folder);
  }
  return result;
}

/** Ranges of UIDs that change together. */
class Runs {
  readonly merged: [first: number, last: number][] = [];
  readonly single: [first: number, last: number][] = [];
  #open = false;

  add(uid: number): void {
    const run = this.merged[this.merged.length - 1];
    if (this.#open && run !== undefined) run[1] = uid;
    else this.merged.push([uid, uid]);
    const exact = this.single[this.single.length - 1];
    if (this.#open && exact !== undefined && exact[1] === uid - 1) exact[1] = uid;
    else this.single.push([uid, uid]);
    this.#open = true;
  }

  end(): void {
    this.#open = false;
  }
}

function updateRuns(file: AccountFile, folder: FolderRow, what: { runs: Runs['merged']; recipe: Recipe; modseq: number }): void {
  const { keep, set } = what.recipe;
  const statement = file.connection.statement(
    `UPDATE message SET flags=(flags & ?) | ?, keywords_low=(keywords_low & ?) | ?, keywords_high=(keywords_high & ?) | ?, modseq=?
     WHERE key BETWEEN ? AND ?`,
  );
  for (const [first, last] of what.runs) {
    statement.run(
      keep[0],
      set[0],
      keep[1],
      set[1],
      keep[2],
      set[2],
      what.modseq,
      messageKey(folder.id, first),
      messageKey(folder.id, last),
    );
  }
}

function recount(folder: FolderRow, before: number, after: number): void {
  if ((before & Flag.seen) !== (after & Flag.seen)) folder.unseen += (after & Flag.seen) === 0 ? 1 : -1;
  if ((before & Flag.deleted) !== (after & Flag.deleted)) folder.deleted += (after & Flag.deleted) === 0 ? -1 : 1;
}
