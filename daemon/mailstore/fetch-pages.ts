/**
 * FETCH on the reader thread: messages of one folder as pages of columns.
 *
 * 1. A page ends at 256 KiB; no statement and no transaction stays open between pages.
 * 2. A message over that is a page of its own, or slices of it (FetchRequest.slices).
 * 3. Only what was asked for is read (fetch-plan.ts): flags never touch contents, contents never touch bodies.
 * 4. Messages are measured in batches and their bytes gathered page by page; when a page no longer is what was measured
 *    (expunged meanwhile), measuring begins anew at its first message.
 */
import { transferring } from '../lib/port-call.ts';
import { CHUNK_BYTES, chunkKey, messageKey, uidOfKey } from './account-schema.ts';
import { packKeywords } from './changes.ts';
import { type FetchPlan, fetchPlan, type NumberName } from './fetch-plan.ts';
import { type BytesColumn, type FetchPage, type FetchRequest, Field } from './mailstore.ts';
import type { ReaderFile } from './reader-file.ts';
import { lowerBound } from './uid-set.ts';

const PAGE_BYTES = 256 * 1024;
/** Messages measured at once, and the most of a page that has no bytes columns. */
const BATCH_ROWS = 4096;

/** A row of `FetchPlan.measure`; the first number is the key. */
type Row = readonly number[];

/** Rows that follow each other in the folder without another between them. */
interface Run {
  readonly first: number;
  last: number;
  count: number;
}

interface Batch {
  readonly rows: readonly Row[];
  /** For each row: no other message lies between it and the row before. */
  readonly isNeighbour: readonly boolean[];
  /** Where the next batch begins in the request's UIDs. */
  readonly next: number;
}

export async function* fetchPages(file: ReaderFile, request: FetchRequest): AsyncGenerator<FetchPage> {
  const plan = fetchPlan(request.fields);
  let at = 0;
  while (at < request.uids.length) {
    const batch = measure(file, plan, request, at);
    at = batch.next;
    for (let from = 0; from < batch.rows.length; ) {
      const to = pageEnd(plan, batch.rows, from);
      const rows = batch.rows.slice(from, to);
      if (isLarge(plan, rows)) {
        yield* largePages(file, plan, request, rows);
      } else {
        const columns = gather(file, plan, rows, batch.isNeighbour.slice(from, to));
        if (columns === null) {
          at = lowerBound(request.uids, uidOfKey((rows[0] as Row)[0] as number));
          break;
        }
        yield buildPage(plan, request, rows, columns);
      }
      from = to;
    }
  }
}

function measure(file: ReaderFile, plan: FetchPlan, { handle, uids }: FetchRequest, from: number): Batch {
  const asked = uids.subarray(from, from + BATCH_ROWS);
  const next = from + asked.length;
  const first = asked[0] as number;
  const last = asked[asked.length - 1] as number;
  if (last - first > asked.length * 4 + 16) {
    const statement = file.connection.statement(`${plan.measure} WHERE m.key=?`).raw();
    const rows: Row[] = [];
    for (const uid of asked) {
      const row = statement.get(messageKey(handle.folder, uid)) as Row | undefined;
      if (row !== undefined) rows.push(row);
    }
    return { rows, isNeighbour: rows.map(() => false), next };
  }
  const statement = file.connection.statement(`${plan.measure} WHERE m.key BETWEEN ? AND ?`).raw();
  const found = statement.all(messageKey(handle.folder, first), messageKey(handle.folder, last)) as Row[];
  if (last - first === asked.length - 1) return { rows: found, isNeighbour: found.map(() => true), next };
  const rows: Row[] = [];
  const isNeighbour: boolean[] = [];
  let at = 0;
  let isAfterChosen = false;
  for (const row of found) {
    const uid = uidOfKey(row[0] as number);
    while ((asked[at] as number) < uid) at++;
    const isChosen = asked[at] === uid;
    if (isChosen) {
      rows.push(row);
      isNeighbour.push(isAfterChosen);
    }
    isAfterChosen = isChosen;
  }
  return { rows, isNeighbour, next };
}

/** The end of the page that begins at `from`: at least one row, as many as fit. */
function pageEnd(plan: FetchPlan, rows: readonly Row[], from: number): number {
  let bytes = 0;
  let at = from;
  for (; at < rows.length; at++) {
    bytes += weight(plan, rows[at] as Row);
    if (bytes > PAGE_BYTES && at > from) break;
  }
  return at;
}

function weight(plan: FetchPlan, row: Row): number {
  let bytes = 0;
  for (const position of plan.lengthAt) bytes += row[position] as number;
  return bytes;
}

/** True for a single message whose body may have several chunks. */
function isLarge(plan: FetchPlan, rows: readonly Row[]): boolean {
  const position = plan.at.size;
  return rows.length === 1 && plan.bytes.includes('raw') && position !== undefined && ((rows[0] as Row)[position] as number) > PAGE_BYTES;
}

/** The bytes columns of `rows`; null when the folder is not what was measured any more. */
function gather(file: ReaderFile, plan: FetchPlan, rows: readonly Row[], isNeighbour: readonly boolean[]): BytesColumn[] | null {
  if (plan.bytes.length === 0) return [];
  const statement = file.connection.statement(plan.gather).raw();
  const parts: (Buffer | null)[][] = plan.bytes.map(() => []);
  for (const run of runsOf(rows, isNeighbour)) {
    const [count, ...blobs] = statement.get(run.first, run.last) as [number, ...(Buffer | null)[]];
    if (count !== run.count) return null;
    for (const [i, blob] of blobs.entries()) parts[i]?.push(blob);
  }
  const columns: BytesColumn[] = [];
  for (let i = 0; i < plan.bytes.length; i++) {
    const offsets = offsetsOf(rows, plan.lengthAt[i] as number);
    const data = joined(parts[i] as (Buffer | null)[]);
    // A preview may have come between: its length is another now.
    if (data.length !== offsets[rows.length]) return null;
    columns.push({ data, offsets });
  }
  return columns;
}

function runsOf(rows: readonly Row[], isNeighbour: readonly boolean[]): Run[] {
  const runs: Run[] = [];
  let run: Run | undefined;
  for (let i = 0; i < rows.length; i++) {
    const key = (rows[i] as Row)[0] as number;
    if (run !== undefined && isNeighbour[i] === true) {
      run.last = key;
      run.count += 1;
    } else {
      run = { first: key, last: key, count: 1 };
      runs.push(run);
    }
  }
  return runs;
}

function offsetsOf(rows: readonly Row[], position: number): Uint32Array {
  const offsets = new Uint32Array(rows.length + 1);
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    length += (rows[i] as Row)[position] as number;
    offsets[i + 1] = length;
  }
  return offsets;
}

function buildPage(plan: FetchPlan, { fields }: FetchRequest, rows: readonly Row[], columns: readonly BytesColumn[]): FetchPage {
  const number = (name: NumberName): ((row: Row) => number) => {
    const position = plan.at[name] as number;
    return (row) => row[position] as number;
  };
  const page: Record<string, unknown> = { uids: Uint32Array.from(rows, (row) => uidOfKey(row[0] as number)) };
  if ((fields & Field.flags) !== 0) {
    const [low, high] = [number('low'), number('high')];
    page['flags'] = Uint8Array.from(rows, number('flags'));
    if (rows.some((row) => low(row) !== 0 || high(row) !== 0)) {
      page['keywords'] = packKeywords(
        rows.length,
        (i) => low(rows[i] as Row),
        (i) => high(rows[i] as Row),
      );
    }
  }
  if ((fields & Field.modseq) !== 0) page['modseqs'] = Float64Array.from(rows, number('modseq'));
  if ((fields & Field.internalDate) !== 0) page['internalDatesMs'] = Float64Array.from(rows, number('receivedMs'));
  if ((fields & Field.size) !== 0) page['sizes'] = Uint32Array.from(rows, number('size'));
  for (const [i, column] of columns.entries()) page[plan.bytes[i] as string] = column;
  const buffers = columns.flatMap((column) => [column.data.buffer as ArrayBuffer, column.offsets.buffer as ArrayBuffer]);
  return transferring(page as unknown as FetchPage, buffers);
}

/** A message over 256 KiB: one page, or slices when they were asked for; either way its chunks are read one by one. */
async function* largePages(file: ReaderFile, plan: FetchPlan, request: FetchRequest, rows: readonly Row[]): AsyncGenerator<FetchPage> {
  const [row] = rows as [Row];
  const others = fetchPlan(request.fields & ~Field.raw);
  const first = gather(file, others, measure(file, others, { ...request, uids: Uint32Array.of(uidOfKey(row[0] as number)) }, 0).rows, [
    false,
  ]);
  if (first === null) return;
  const isSliced = request.slices === true;
  const whole: Buffer[] = [];
  let offset = 0;
  for (const piece of pieces(file, plan, row)) {
    // It was expunged while it was being read: what was sent stays cut short, as its reader can tell by the size.
    if (piece === null) return;
    if (!isSliced) {
      whole.push(piece);
      continue;
    }
    for (let from = 0; from < piece.length; from += PAGE_BYTES) {
      const slice = {
        data: new Uint8Array(piece.subarray(from, from + PAGE_BYTES)),
        offsets: Uint32Array.of(0, Math.min(PAGE_BYTES, piece.length - from)),
      };
      yield slicePage(plan, request, row, { first, slice, offset });
      offset += slice.data.length;
    }
  }
  if (isSliced) return;
  const raw = { data: joined(whole), offsets: Uint32Array.of(0, row[plan.at.size as number] as number) };
  yield buildPage(plan, request, rows, withRaw(plan, first, raw));
}

function slicePage(
  plan: FetchPlan,
  request: FetchRequest,
  row: Row,
  what: { first: BytesColumn[]; slice: BytesColumn; offset: number },
): FetchPage {
  const buffers = [what.slice.data.buffer as ArrayBuffer, what.slice.offsets.buffer as ArrayBuffer];
  if (what.offset > 0) {
    const uids = Uint32Array.of(uidOfKey(row[0] as number));
    return transferring({ uids, raw: what.slice, rawOffset: what.offset }, buffers);
  }
  return transferring({ ...buildPage(plan, request, [row], withRaw(plan, what.first, what.slice)), rawOffset: 0 }, buffers);
}

/** `raw` is the last of the bytes columns (fetch-plan.ts). */
function withRaw(plan: FetchPlan, others: readonly BytesColumn[], raw: BytesColumn): BytesColumn[] {
  return [...others.slice(0, plan.bytes.length - 1), raw];
}

/** Header block and chunks of a message in order; null in place of what is gone. */
function* pieces(file: ReaderFile, plan: FetchPlan, row: Row): Generator<Buffer | null> {
  const { connection } = file;
  const content = row[plan.at.content as number] as number;
  const headerLength = row[plan.at.headerLength as number] as number;
  yield (connection.statement('SELECT header FROM content WHERE id=?').pluck().get(content) as Buffer | undefined) ?? null;
  const count = Math.ceil(((row[plan.at.size as number] as number) - headerLength) / CHUNK_BYTES);
  const statement = connection.statement('SELECT bytes FROM chunk WHERE key=?').pluck();
  for (let number = 0; number < count; number++) yield (statement.get(chunkKey(content, number)) as Buffer | undefined) ?? null;
}

/** The blobs as one whose buffer is its own; nothing is copied when there is only one. */
function joined(blobs: readonly (Buffer | null)[]): Uint8Array {
  const [only] = blobs;
  if (blobs.length === 1 && only !== null && only !== undefined && only.byteLength === only.buffer.byteLength) {
    return new Uint8Array(only.buffer);
  }
  const data = new Uint8Array(blobs.reduce((sum, blob) => sum + (blob?.length ?? 0), 0));
  let at = 0;
  for (const blob of blobs) {
    if (blob === null) continue;
    data.set(blob, at);
    at += blob.length;
  }
  return data;
}
