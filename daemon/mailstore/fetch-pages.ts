/**
 * FETCH on the reader thread: rows of one folder as pages of columns.
 *
 * 1. A page is read in one go and ends at 256 KiB; no statement stays open between pages.
 * 2. A message over that is a page of its own, or slices of it (FetchRequest.slices).
 * 3. Only what was asked for is read: flags never touch contents, contents never touch bodies.
 */
import { transferring } from '../lib/port-call.ts';
import { CHUNK_BYTES, chunkKey, messageKey, uidOfKey } from './account-schema.ts';
import { packKeywords } from './changes.ts';
import { type BytesColumn, Field, type FetchPage, type FetchRequest } from './mailstore.ts';
import type { ReaderFile } from './reader-file.ts';

const PAGE_BYTES = 256 * 1024;
/** Rows of a page that has no bytes columns. */
const PAGE_ROWS = 8192;

type Name = 'envelope' | 'bodyStructure' | 'body' | 'header' | 'parts' | 'preview' | 'raw';

const EMPTY = Buffer.alloc(0);
const contentColumns: readonly (readonly [Name, number, string])[] = [
  ['envelope', Field.envelope, 'c.envelope'],
  ['bodyStructure', Field.bodyStructure, 'c.body_structure'],
  ['body', Field.body, 'c.body'],
  ['parts', Field.parts, 'c.parts'],
  ['preview', Field.preview, 'c.preview'],
  ['header', Field.header | Field.raw, 'c.header'],
];

const FIXED = 8;
const FIXED_COLUMNS = 'm.key, m.flags, m.keywords_low, m.keywords_high, m.modseq, m.size, m.received_ms, m.content';

type Tuple = [key: number, flags: number, low: number, high: number, modseq: number, size: number, receivedMs: number, content: number, ...blobs: (Buffer | null)[]];

/** How a request is read: its SQL and where each bytes column stands in a tuple. */
interface Plan {
  readonly select: string;
  readonly columns: readonly (readonly [Name, number])[];
  /** Tuple positions of header and first chunk when `raw` was asked for. */
  readonly raw: { readonly header: number; readonly chunk: number } | null;
}

export async function* fetchPages(file: ReaderFile, request: FetchRequest): AsyncGenerator<FetchPage> {
  const plan = planOf(request.fields);
  const { uids } = request;
  const isSparse = uids.length > 0 && (uids[uids.length - 1] as number) - (uids[0] as number) > uids.length * 4 + 16;
  const source = isSparse ? scattered(file, plan, request) : ranged(file, plan, request);
  let at = 0;
  while (at < uids.length) {
    const page = new Page(plan, request);
    at = source(at, page);
    if (page.large !== null) yield* sliced(file, page, page.large);
    else if (page.length > 0) yield page.build(file);
  }
}

/** Fills `page` with rows of uids[at...]; gives where the next page begins. */
type Source = (at: number, page: Page) => number;

function ranged(file: ReaderFile, plan: Plan, { handle, uids }: FetchRequest): Source {
  const statement = file.connection.statement(`${plan.select} WHERE m.key BETWEEN ? AND ? ORDER BY m.key`).raw();
  const last = messageKey(handle.folder, uids[uids.length - 1] ?? 0);
  return (from, page) => {
    let at = from;
    for (const row of statement.iterate(messageKey(handle.folder, uids[from] as number), last) as IterableIterator<Tuple>) {
      const uid = uidOfKey(row[0]);
      while ((uids[at] as number) < uid) at++;
      if (uids[at] !== uid) continue;
      if (!page.add(row)) return at;
      at++;
      if (page.isFull) return at;
    }
    return uids.length;
  };
}

function scattered(file: ReaderFile, plan: Plan, { handle, uids }: FetchRequest): Source {
  const statement = file.connection.statement(`${plan.select} WHERE m.key=?`).raw();
  return (from, page) => {
    for (let at = from; at < uids.length; at++) {
      const row = statement.get(messageKey(handle.folder, uids[at] as number)) as Tuple | undefined;
      if (row === undefined) continue;
      if (!page.add(row)) return at;
      if (page.isFull) return at + 1;
    }
    return uids.length;
  };
}

function planOf(fields: number): Plan {
  const columns: [Name, number][] = [];
  let list = FIXED_COLUMNS;
  let position = FIXED;
  let header = 0;
  for (const [name, bits, column] of contentColumns) {
    if ((fields & bits) === 0) continue;
    list += `, ${column}`;
    if (name === 'header') header = position;
    if (name !== 'header' || (fields & Field.header) !== 0) columns.push([name, position]);
    position += 1;
  }
  let from = 'message m';
  if (position > FIXED) from += ' JOIN content c ON c.id=m.content';
  if ((fields & Field.raw) === 0) return { select: `SELECT ${list} FROM ${from}`, columns, raw: null };
  // One message in a thousand has more than its first chunk: those are read when the page is built.
  from += ` LEFT JOIN chunk k ON k.key=${chunkKey(1, 0)}*m.content`;
  return { select: `SELECT ${list}, k.bytes FROM ${from}`, columns, raw: { header, chunk: position } };
}

class Page {
  readonly #plan: Plan;
  readonly #request: FetchRequest;
  readonly #rows: Tuple[] = [];
  #bytes = 0;
  /** The only row of this page, to be sent in slices. */
  large: Tuple | null = null;

  constructor(plan: Plan, request: FetchRequest) {
    this.#plan = plan;
    this.#request = request;
  }

  get length(): number {
    return this.#rows.length;
  }

  get isFull(): boolean {
    return this.large !== null || this.#bytes >= PAGE_BYTES || this.#rows.length >= PAGE_ROWS;
  }

  /** False when the row would not fit: it begins the next page. */
  add(row: Tuple): boolean {
    let weight = this.#plan.raw === null ? 0 : row[5];
    for (const [, position] of this.#plan.columns) weight += blobAt(row, position).length;
    if (this.#rows.length > 0 && this.#bytes + weight > PAGE_BYTES) return false;
    if (this.#request.slices === true && this.#plan.raw !== null && row[5] > PAGE_BYTES) this.large = row;
    this.#rows.push(row);
    this.#bytes += weight;
    return true;
  }

  /** The page's columns; their buffers are transferred. */
  build(file: ReaderFile): FetchPage {
    const columns: Record<string, BytesColumn> = {};
    for (const [name, position] of this.#plan.columns) columns[name] = concatenated(this.#rows.map((row) => blobAt(row, position)));
    if (this.#plan.raw !== null) columns['raw'] = this.#rawColumn(file, this.#plan.raw);
    return this.#finish(columns);
  }

  /** All columns but `raw`, which is a slice here. */
  buildSlice(raw: Uint8Array, offset: number, isFirst: boolean): FetchPage {
    const columns: Record<string, BytesColumn> = {};
    if (isFirst) for (const [name, position] of this.#plan.columns) columns[name] = concatenated(this.#rows.map((row) => blobAt(row, position)));
    columns['raw'] = concatenated([raw]);
    return this.#finish(columns, offset);
  }

  #finish(columns: Record<string, BytesColumn>, rawOffset?: number): FetchPage {
    const { fields } = this.#request;
    const rows = this.#rows;
    const isContinued = rawOffset !== undefined && rawOffset > 0;
    const has = (field: number): boolean => (fields & field) !== 0 && !isContinued;
    const keywords =
      has(Field.flags) && rows.some((row) => row[2] !== 0 || row[3] !== 0)
        ? packKeywords(rows.length, (i) => (rows[i] as Tuple)[2], (i) => (rows[i] as Tuple)[3])
        : undefined;
    const page: FetchPage = {
      uids: Uint32Array.from(rows, (row) => uidOfKey(row[0])),
      ...(has(Field.flags) && { flags: Uint8Array.from(rows, (row) => row[1]) }),
      ...(keywords && { keywords }),
      ...(has(Field.modseq) && { modseqs: Float64Array.from(rows, (row) => row[4]) }),
      ...(has(Field.internalDate) && { internalDatesMs: Float64Array.from(rows, (row) => row[6]) }),
      ...(has(Field.size) && { sizes: Uint32Array.from(rows, (row) => row[5]) }),
      ...columns,
      ...(rawOffset !== undefined && { rawOffset }),
    };
    const buffers = Object.values(columns).flatMap((column) => [column.data.buffer as ArrayBuffer, column.offsets.buffer as ArrayBuffer]);
    return transferring(page, buffers);
  }

  #rawColumn(file: ReaderFile, at: { header: number; chunk: number }): BytesColumn {
    const chunks: Uint8Array[] = [];
    const offsets = new Uint32Array(this.#rows.length + 1);
    let length = 0;
    this.#rows.forEach((row, i) => {
      for (const piece of rawPieces(file, row, at)) {
        chunks.push(piece);
        length += piece.length;
      }
      offsets[i + 1] = length;
    });
    return { data: joined(chunks, length), offsets };
  }
}

/** Header, first chunk, and the further chunks of a large body. */
function* rawPieces(file: ReaderFile, row: Tuple, at: { header: number; chunk: number }): Generator<Uint8Array> {
  const header = blobAt(row, at.header);
  yield header;
  yield blobAt(row, at.chunk);
  const count = Math.ceil((row[5] - header.length) / CHUNK_BYTES);
  const statement = file.connection.statement('SELECT bytes FROM chunk WHERE key=?').pluck();
  for (let number = 1; number < count; number++) yield statement.get(chunkKey(row[7], number)) as Buffer;
}

async function* sliced(file: ReaderFile, page: Page, row: Tuple): AsyncGenerator<FetchPage> {
  // The row holds header and first chunk as its last two columns (planOf).
  const at = { header: row.length - 2, chunk: row.length - 1 };
  let offset = 0;
  for (const piece of rawPieces(file, row, at)) {
    for (let from = 0; from < piece.length; from += PAGE_BYTES) {
      const slice = piece.subarray(from, from + PAGE_BYTES);
      yield page.buildSlice(slice, offset, offset === 0);
      offset += slice.length;
    }
  }
}

/** Empty for NULL: no preview yet, no body. */
function blobAt(row: Tuple, position: number): Buffer {
  return (row[position] as Buffer | null) ?? EMPTY;
}

function concatenated(chunks: readonly Uint8Array[]): BytesColumn {
  const offsets = new Uint32Array(chunks.length + 1);
  let length = 0;
  for (let i = 0; i < chunks.length; i++) {
    length += (chunks[i] as Uint8Array).length;
    offsets[i + 1] = length;
  }
  return { data: joined(chunks, length), offsets };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const data = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    data.set(chunk, at);
    at += chunk.length;
  }
  return data;
}
