/**
 * SEARCH on the reader thread: one pass over the folder's small rows; text is read and decoded only for messages that
 * the cheap terms leave over. In slices of about 8 ms, so that other reads of the thread go in between.
 */
import { chunkKey, messageKey, uidOfKey } from './account-schema.ts';
import { matcher, type SearchRow } from './match.ts';
import { searchText } from './message-text.ts';
import type { ReaderFile } from './reader-file.ts';
import type { SearchCriteria } from './search-criteria.ts';
import { isSpent, yieldTurn } from './slices.ts';

const BATCH_ROWS = 4000;
const ROWS = `SELECT key, flags, keywords_low, keywords_high, modseq, size, received_ms, sent_ms, content
  FROM message WHERE key BETWEEN ? AND ? LIMIT ${BATCH_ROWS}`;

type Tuple = [
  key: number,
  flags: number,
  low: number,
  high: number,
  modseq: number,
  size: number,
  receivedMs: number,
  sentMs: number | null,
  content: number,
];

/** Ascending UIDs of the folder that match. */
export async function search(file: ReaderFile, folder: number, criteria: SearchCriteria): Promise<Uint32Array> {
  const matches = matcher(criteria);
  const names = file.keywordNames().map((name) => name.toLowerCase());
  const row = new CurrentRow(file, names);
  const found: number[] = [];
  const last = messageKey(folder + 1, 0) - 1;
  let from = messageKey(folder, 0);
  for (;;) {
    const batch = file.connection.statement(ROWS).raw().all(from, last) as Tuple[];
    let startedMs = performance.now();
    for (const tuple of batch) {
      row.set(tuple);
      if (matches(row)) found.push(row.uid);
      // Looked at after each text, else now and then: a look costs more than a cheap row.
      if ((row.hasReadText || (found.length & 255) === 0) && isSpent(startedMs)) {
        await yieldTurn();
        startedMs = performance.now();
      }
    }
    if (batch.length < BATCH_ROWS) return Uint32Array.from(found);
    from = (batch[batch.length - 1] as Tuple)[0] + 1;
    await yieldTurn();
  }
}

/** The row under the needle; one object for the whole search. */
class CurrentRow implements SearchRow {
  readonly #file: ReaderFile;
  readonly #names: readonly string[];
  #tuple: Tuple = [0, 0, 0, 0, 0, 0, 0, null, 0];
  #text: ReturnType<SearchRow['text']> | undefined;

  constructor(file: ReaderFile, names: readonly string[]) {
    this.#file = file;
    this.#names = names;
  }

  set(tuple: Tuple): void {
    this.#tuple = tuple;
    this.#text = undefined;
  }

  get hasReadText(): boolean {
    return this.#text !== undefined;
  }

  get uid(): number {
    return uidOfKey(this.#tuple[0]);
  }

  get flags(): number {
    return this.#tuple[1];
  }

  get modseq(): number {
    return this.#tuple[4];
  }

  get sizeBytes(): number {
    return this.#tuple[5];
  }

  get receivedMs(): number {
    return this.#tuple[6];
  }

  get sentMs(): number {
    return this.#tuple[7] ?? this.#tuple[6];
  }

  hasKeyword(name: string): boolean {
    const bit = this.#names.indexOf(name.toLowerCase());
    if (bit === -1) return false;
    return bit < 32 ? ((this.#tuple[2] >>> bit) & 1) === 1 : ((this.#tuple[3] >>> (bit - 32)) & 1) === 1;
  }

  text(): ReturnType<SearchRow['text']> {
    if (this.#text !== undefined) return this.#text;
    const content = this.#tuple[8];
    const header = (this.#file.connection.statement('SELECT header FROM content WHERE id=?').pluck().get(content) ??
      Buffer.alloc(0)) as Buffer;
    this.#text = searchText(header, () => Buffer.concat([header, ...bodyOfContent(this.#file, content)]));
    return this.#text;
  }
}

/** The chunks of a message's body in order. */
export function bodyOfContent(file: ReaderFile, content: number): Buffer[] {
  const statement = file.connection.statement('SELECT bytes FROM chunk WHERE key BETWEEN ? AND ?').pluck();
  return statement.all(chunkKey(content, 0), chunkKey(content + 1, 0) - 1) as Buffer[];
}
