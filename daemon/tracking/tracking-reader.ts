/**
 * Reads tracking.db for lists, stories and charts, on the ledger thread: key-set slices, with other work in between.
 *
 * 1. A list is newest first by the time of the first event. The narrowest index leads (words, then states, then owner);
 *    the other conditions are checked row by row, for at most MAX_LOOKED rows.
 * 2. A scope (customer, account) hides messages and events of others.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../database/connection.ts';
import type { AccountId, CustomerId } from '../wire/ids.ts';
import { BUCKET_MS, DIRECTIONS, KINDS, WORD_ROWS } from './schema.ts';
import type { Counters, TrackingEntry, TrackingEvent, TrackingEventKind, TrackingFilter } from './tracking.ts';
import { searchExpression } from './words.ts';

const SLICE = 250;
const MAX_LOOKED = 500_000;
const MAX_PAGE = 500;
const MAX_STORY = 2_000;
const MAX_BUCKETS = 2_000;
/** Threads report a little out of order. */
const DISORDER_MS = 60_000;
const DELIVERED = KINDS.indexOf('delivered');

interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly first_at: number;
  readonly last_at: number;
  readonly direction: number;
  readonly state: number;
  readonly sender: string;
  readonly recipients: string;
  readonly subject: string;
  readonly message_id: string;
  readonly size: number;
}

interface EventRow {
  readonly at: number;
  readonly kind: number;
  readonly direction: number;
  readonly recipient: string;
  readonly account: number | null;
  readonly customer: number | null;
  readonly remote: string;
  readonly reply: string;
  readonly detail: string;
  readonly next_at: number | null;
}

interface Bounds {
  readonly lowest: number;
  readonly below: number;
}

export class TrackingReader {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(filter: TrackingFilter): Promise<readonly TrackingEntry[]> {
    const limit = Math.min(Math.max(filter.limit, 1), MAX_PAGE);
    const bounds = this.#bounds(filter);
    const words = (filter.text ?? '').trim();
    if (words === '') return this.#collect(filter, limit, { bounds, expression: undefined });
    const exact = searchExpression(words, false);
    if (exact === undefined) return [];
    const found = await this.#collect(filter, limit, { bounds, expression: exact });
    // Whole words first: they are found lazily from the newest on. A prefix has to unite the lists of all its words.
    if (found.length >= limit) return found;
    return this.#collect(filter, limit, { bounds, expression: searchExpression(words, true) });
  }

  story(id: string, scope: { readonly customer?: CustomerId; readonly account?: AccountId }): readonly TrackingEvent[] {
    const message = this.#connection.statement<MessageRow>('SELECT * FROM message WHERE id = ?').get(id);
    if (message === undefined) return [];
    const rows = this.#connection
      .statement<EventRow>(`SELECT * FROM event WHERE message = ? ORDER BY number LIMIT ${MAX_STORY}`)
      .all(message.seq);
    return rows
      .filter(
        (row) =>
          (scope.customer === undefined || row.customer === scope.customer) &&
          (scope.account === undefined || row.account === scope.account),
      )
      .map((row) => toEvent(message, row))
      .sort((a, b) => a.atMs - b.atMs);
  }

  counters(range: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly bucketMs: number;
    readonly customer?: CustomerId;
  }): readonly Counters[] {
    const step = Math.max(BUCKET_MS, Math.ceil(range.bucketMs / BUCKET_MS) * BUCKET_MS);
    const first = range.fromMs - (range.fromMs % step);
    const count = Math.min(MAX_BUCKETS, Math.max(0, Math.ceil((range.toMs - first) / step)));
    const result = Array.from({ length: count }, (_, n) => ({
      startMs: first + n * step,
      delivered: 0,
      turnedAway: 0,
      sent: 0,
      cameBack: 0,
    }));
    const rows = this.#connection
      .statement<{ start: number; delivered: number; turned_away: number; sent: number; came_back: number }>(
        'SELECT start, delivered, turned_away, sent, came_back FROM bucket WHERE customer = ? AND start >= ? AND start < ?',
      )
      .all(range.customer ?? 0, first, first + count * step);
    for (const row of rows) {
      const bucket = result[Math.floor((row.start - first) / step)];
      if (bucket === undefined) continue;
      bucket.delivered += row.delivered;
      bucket.turnedAway += row.turned_away;
      bucket.sent += row.sent;
      bucket.cameBack += row.came_back;
    }
    return result;
  }

  async #collect(
    filter: TrackingFilter,
    limit: number,
    lead: { bounds: Bounds; expression: string | undefined },
  ): Promise<TrackingEntry[]> {
    const found: TrackingEntry[] = [];
    let { below } = lead.bounds;
    for (let looked = 0; looked < MAX_LOOKED && found.length < limit; looked += SLICE) {
      const { seqs, next } = this.#slice(filter, lead.expression, below);
      for (const seq of seqs) {
        if (seq < lead.bounds.lowest || found.length >= limit) break;
        const row = this.#connection.statement<MessageRow>('SELECT * FROM message WHERE seq = ?').get(seq);
        if (row !== undefined && this.#fits(row, filter)) found.push(toEntry(row));
      }
      if (next === undefined || next <= lead.bounds.lowest) break;
      below = next;
      await nextTurn();
    }
    return found;
  }

  /** Candidates below a seq, descending, and where the next slice starts. */
  #slice(filter: TrackingFilter, expression: string | undefined, below: number): { seqs: number[]; next: number | undefined } {
    if (expression !== undefined) return this.#byWords(expression, below);
    const states = filter.kinds?.map((kind) => KINDS.indexOf(kind)) ?? [];
    if (states.length > 0 && !states.includes(DELIVERED)) return this.#byState(states, below);
    const owner = filter.account === undefined ? (filter.customer === undefined ? undefined : 2 * filter.customer) : 2 * filter.account + 1;
    const rows =
      owner === undefined
        ? this.#connection.statement<{ seq: number }>(`SELECT seq FROM message WHERE seq < ? ORDER BY seq DESC LIMIT ${SLICE}`).all(below)
        : this.#connection
            .statement<{ seq: number }>(
              `SELECT message AS seq FROM scope WHERE owner = ? AND message < ? ORDER BY message DESC LIMIT ${SLICE}`,
            )
            .all(owner, below);
    return page(rows.map(({ seq }) => seq));
  }

  #byWords(expression: string, below: number): { seqs: number[]; next: number | undefined } {
    const rows = this.#connection
      .statement<{ id: number }>(`SELECT rowid AS id FROM word WHERE word MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ${SLICE}`)
      .all(expression, below * WORD_ROWS);
    const seqs = [...new Set(rows.map(({ id }) => Math.floor(id / WORD_ROWS)))];
    return { seqs, next: rows.length < SLICE ? undefined : seqs.at(-1) };
  }

  #byState(states: readonly number[], below: number): { seqs: number[]; next: number | undefined } {
    const select = `SELECT seq FROM message WHERE state = ? AND state <> ${DELIVERED} AND seq < ? ORDER BY seq DESC LIMIT ${SLICE}`;
    const all = states.flatMap((state) =>
      this.#connection
        .statement<{ seq: number }>(select)
        .all(state, below)
        .map(({ seq }) => seq),
    );
    return page([...new Set(all)].sort((a, b) => b - a).slice(0, SLICE));
  }

  #fits(row: MessageRow, filter: TrackingFilter): boolean {
    if (filter.kinds !== undefined && filter.kinds.length > 0 && !filter.kinds.includes(KINDS[row.state] as TrackingEventKind))
      return false;
    if (filter.direction !== undefined && DIRECTIONS[row.direction] !== filter.direction) return false;
    if (filter.fromMs !== undefined && row.first_at < filter.fromMs) return false;
    if (filter.toMs !== undefined && row.first_at >= filter.toMs) return false;
    if (filter.customer !== undefined && !this.#owns(2 * filter.customer, row.seq)) return false;
    return filter.account === undefined || this.#owns(2 * filter.account + 1, row.seq);
  }

  #owns(owner: number, seq: number): boolean {
    return this.#connection.statement('SELECT 1 FROM scope WHERE owner = ? AND message = ?').get(owner, seq) !== undefined;
  }

  #bounds(filter: TrackingFilter): Bounds {
    const lowest = filter.fromMs === undefined ? 0 : this.#seqAt(filter.fromMs - DISORDER_MS);
    const below = filter.toMs === undefined ? Number.MAX_SAFE_INTEGER / (2 * WORD_ROWS) : this.#seqAt(filter.toMs + DISORDER_MS);
    return { lowest, below: Math.min(Math.floor(below), this.#cursor(filter.before)) };
  }

  #cursor(before: string | undefined): number {
    if (before === undefined) return Number.MAX_SAFE_INTEGER;
    const colon = before.indexOf(':');
    const row = this.#connection.statement<{ seq: number }>('SELECT seq FROM message WHERE id = ?').get(before.slice(colon + 1));
    return row?.seq ?? this.#seqAt(Number(before.slice(0, Math.max(colon, 0))));
  }

  /** The first seq whose message began at `ms` or later: seqs grow with time, so halving finds it. */
  #seqAt(ms: number): number {
    const ends = this.#connection
      .statement<{ low: number | null; high: number | null }>('SELECT min(seq) AS low, max(seq) AS high FROM message')
      .get();
    let low = ends?.low ?? 0;
    let high = (ends?.high ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#connection
        .statement<{ seq: number; first_at: number }>('SELECT seq, first_at FROM message WHERE seq >= ? ORDER BY seq LIMIT 1')
        .get(middle);
      if (row === undefined || row.first_at >= ms) high = middle;
      else low = row.seq + 1;
    }
    return low;
  }
}

function page(seqs: number[]): { seqs: number[]; next: number | undefined } {
  return { seqs, next: seqs.length < SLICE ? undefined : seqs.at(-1) };
}

function toEntry(row: MessageRow): TrackingEntry {
  return {
    message: row.id,
    firstMs: row.first_at,
    lastMs: row.last_at,
    direction: DIRECTIONS[row.direction] ?? 'in',
    sender: row.sender,
    recipients: row.recipients === '' ? [] : row.recipients.split(' '),
    subject: row.subject,
    sizeBytes: row.size,
    state: KINDS[row.state] ?? 'received',
  };
}

function toEvent(message: MessageRow, row: EventRow): TrackingEvent {
  return {
    message: message.id,
    atMs: row.at,
    kind: KINDS[row.kind] ?? 'received',
    direction: DIRECTIONS[row.direction] ?? 'in',
    sender: message.sender,
    recipient: row.recipient,
    account: row.account as AccountId | null,
    customer: row.customer as CustomerId | null,
    subject: message.subject,
    messageId: message.message_id,
    sizeBytes: message.size,
    remote: row.remote,
    reply: row.reply,
    detail: readDetail(row.detail),
    ...(row.next_at === null ? {} : { nextAttemptMs: row.next_at }),
  };
}

function readDetail(text: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    // Cut at its bound when it was written.
    return {};
  }
}
