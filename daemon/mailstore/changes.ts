/** Builds the Changes that a store thread publishes, as columns. */
import { type AccountId, brand, type FolderId, type ModSeq } from '../wire/ids.ts';
import type { Change } from './mailstore.ts';

/** Flags and keyword bits of one message, as a Change or a result tells them. */
export interface FlagState {
  readonly uid: number;
  readonly flags: number;
  readonly keywordsLow: number;
  readonly keywordsHigh: number;
}

export interface MessagesChange {
  readonly account: AccountId;
  readonly folder: number;
  readonly modseq: number;
  readonly added?: readonly FlagState[];
  readonly changed?: readonly FlagState[];
  readonly expunged?: Uint32Array;
  readonly keywordNames?: readonly string[] | undefined;
  readonly origin?: string | undefined;
}

const NO_UIDS = new Uint32Array(0);
const NO_FLAGS = new Uint8Array(0);

export function messagesChange(what: MessagesChange): Change {
  const { added = [], changed = [] } = what;
  const addedKeywords = keywordColumn(added);
  const changedKeywords = keywordColumn(changed);
  return {
    kind: 'messages',
    account: what.account,
    folder: brand<FolderId>(what.folder),
    modseq: brand<ModSeq>(what.modseq),
    added: uidColumn(added),
    addedFlags: flagColumn(added),
    ...(addedKeywords && { addedKeywords }),
    changed: uidColumn(changed),
    changedFlags: flagColumn(changed),
    ...(changedKeywords && { changedKeywords }),
    expunged: what.expunged ?? NO_UIDS,
    ...(what.keywordNames && { keywordNames: [...what.keywordNames] }),
    ...(what.origin !== undefined && { origin: what.origin }),
  };
}

export function uidColumn(rows: readonly FlagState[]): Uint32Array {
  return rows.length === 0 ? NO_UIDS : Uint32Array.from(rows, (row) => row.uid);
}

export function flagColumn(rows: readonly FlagState[]): Uint8Array {
  return rows.length === 0 ? NO_FLAGS : Uint8Array.from(rows, (row) => row.flags);
}

/** Undefined when no row has a keyword. */
export function keywordColumn(rows: readonly FlagState[]): BigUint64Array | undefined {
  if (rows.every((row) => row.keywordsLow === 0 && row.keywordsHigh === 0)) return undefined;
  return packKeywords(
    rows.length,
    (i) => (rows[i] as FlagState).keywordsLow,
    (i) => (rows[i] as FlagState).keywordsHigh,
  );
}

/** Joins the two halves that the file keeps (its integers would lose bits above 2^53 in a number). */
export function packKeywords(length: number, low: (i: number) => number, high: (i: number) => number): BigUint64Array {
  const halves = new Uint32Array(length * 2);
  for (let i = 0; i < length; i++) {
    halves[2 * i] = low(i);
    halves[2 * i + 1] = high(i);
  }
  return new BigUint64Array(halves.buffer);
}
