/**
 * The queue as people read it: pages of entries newest first, and one message with its header.
 *
 * 1. Key-set pages: a slice reads at most SLICE messages, then other work of the thread has its turn.
 * 2. A search looks at most at MAX_LOOKED messages; `total` counts what was found among them, at most MAX_COUNTED.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Connection } from '../database/connection.ts';
import { NotFound } from '../lib/errors.ts';
import type { AccountId, CustomerId } from '../wire/ids.ts';
import { QUEUE_REASONS, type QueueEntry, type QueueEntryRecipient, type QueueFilter, type QueueId, type QueueOrigin } from './queue.ts';
import { reasonOf } from './queue-store.ts';
import { BODY_PARTS, STATE_HELD } from './schema.ts';
import type { Tally } from './tally.ts';

const SLICE = 500;
const MAX_LOOKED = 1_000_000;
const MAX_COUNTED = 10_000;
const MAX_PAGE = 500;
const MAX_SHOWN_RECIPIENTS = 1_000;

interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly sender: string;
  readonly account: number | null;
  readonly customer: number | null;
  readonly origin: string;
  readonly received_at: number;
  readonly subject: string;
  readonly size: number;
  readonly held: string | null;
}

interface RecipientRow {
  readonly number: number;
  readonly address: string;
  readonly state: number;
  readonly next_at: number;
  readonly attempts: number;
  readonly reason: number;
  readonly last_reply: string;
}

const COLUMNS = 'm.seq, m.id, m.sender, m.account, m.customer, m.origin, m.received_at, m.subject, m.size, m.held';

export class QueueLists {
  readonly #connection: Connection;
  readonly #tally: Tally;
  readonly #isClaimed: (seq: number, number: number) => boolean;

  constructor(connection: Connection, tally: Tally, isClaimed: (seq: number, number: number) => boolean) {
    this.#connection = connection;
    this.#tally = tally;
    this.#isClaimed = isClaimed;
  }

  async list(filter: QueueFilter): Promise<{ readonly entries: readonly QueueEntry[]; readonly total: number }> {
    const limit = Math.min(Math.max(filter.limit, 1), MAX_PAGE);
    const words = (filter.text ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, 8);
    const plain = words.length === 0 && filter.reason === undefined && filter.account === undefined;
    const start = filter.before === undefined ? Number.MAX_SAFE_INTEGER : this.#seqOf(filter.before);
    const found: MessageRow[] = [];
    let total = 0;
    let before = plain ? start : Number.MAX_SAFE_INTEGER;
    for (let looked = 0; looked < MAX_LOOKED && total < MAX_COUNTED; looked += SLICE) {
      const rows = this.#slice(filter, before);
      for (const row of rows) {
        before = row.seq;
        if (words.length > 0 && !this.#matches(row, words)) continue;
        total += 1;
        if (row.seq < start && found.length < limit) found.push(row);
      }
      if (rows.length < SLICE || (plain && found.length >= limit)) break;
      await nextTurn();
    }
    return { entries: found.map((row) => this.#entry(row)), total: plain ? this.#tally.messageCount(filter.customer) : total };
  }

  show(id: QueueId): QueueEntry & { readonly header: string } {
    const row = this.#connection.statement<MessageRow>(`SELECT ${COLUMNS} FROM message m WHERE id = ?`).get(id);
    if (row === undefined) throw new NotFound('There is no such message in the queue');
    const part = this.#connection.statement<{ data: Buffer }>('SELECT data FROM body WHERE part = ?').get(row.seq * BODY_PARTS)?.data;
    const text = (part ?? Buffer.alloc(0)).subarray(0, 65_536);
    const end = text.indexOf('\r\n\r\n');
    return { ...this.#entry(row), header: text.subarray(0, end === -1 ? text.length : end + 2).toString('utf8') };
  }

  /** The next messages below `before` in the order of the index that fits the filter best. */
  #slice(filter: QueueFilter, before: number): MessageRow[] {
    const conditions = ['m.seq < ?'];
    const values: number[] = [before];
    if (filter.customer !== undefined) {
      conditions.push('m.customer = ?');
      values.push(filter.customer);
    }
    if (filter.account !== undefined) {
      conditions.push('m.account = ?');
      values.push(filter.account);
    }
    const where = conditions.join(' AND ');
    if (filter.reason === undefined) {
      return this.#connection
        .statement<MessageRow>(`SELECT ${COLUMNS} FROM message m WHERE ${where} ORDER BY m.seq DESC LIMIT ${SLICE}`)
        .all(...values);
    }
    const wanted =
      filter.reason === 'held'
        ? `r.state = ${STATE_HELD}`
        : `r.reason = ${QUEUE_REASONS.indexOf(filter.reason)} AND r.state <> ${STATE_HELD}`;
    const text = `SELECT DISTINCT ${COLUMNS} FROM recipient r JOIN message m ON m.seq = r.message WHERE ${wanted} AND r.message < ? AND ${where}
      ORDER BY r.message DESC LIMIT ${SLICE}`;
    return this.#connection.statement<MessageRow>(text).all(before, ...values);
  }

  #matches(row: MessageRow, words: readonly string[]): boolean {
    const own = `${row.id} ${row.sender} ${row.subject}`.toLowerCase();
    let others: string | undefined;
    return words.every((word) => {
      if (own.includes(word)) return true;
      others ??= this.#addresses(row.seq);
      return others.includes(word);
    });
  }

  #addresses(seq: number): string {
    const rows = this.#connection
      .statement<{ text: string }>(
        `SELECT address || ' ' || original AS text FROM recipient WHERE message = ? LIMIT ${MAX_SHOWN_RECIPIENTS}`,
      )
      .all(seq);
    return rows
      .map(({ text }) => text)
      .join(' ')
      .toLowerCase();
  }

  #entry(row: MessageRow): QueueEntry {
    const recipients = this.#connection
      .statement<RecipientRow>(
        `SELECT number, address, state, next_at, attempts, reason, last_reply FROM recipient WHERE message = ? ORDER BY number LIMIT ${MAX_SHOWN_RECIPIENTS}`,
      )
      .all(row.seq);
    return {
      id: row.id,
      sender: row.sender,
      origin: row.origin as QueueOrigin,
      account: row.account as AccountId | null,
      customer: row.customer as CustomerId | null,
      subject: row.subject,
      sizeBytes: row.size,
      receivedAtMs: row.received_at,
      held: row.held,
      recipients: recipients.map((recipient) => this.#recipient(row, recipient)),
    };
  }

  #recipient(message: MessageRow, row: RecipientRow): QueueEntryRecipient {
    const claimed = this.#isClaimed(message.seq, row.number);
    return {
      number: row.number,
      address: row.address,
      state: row.state === STATE_HELD ? 'held' : claimed ? 'sending' : 'waiting',
      attempts: row.attempts,
      // 0 stands for "a person wants it now" (interventions.ts).
      nextAttemptMs: row.next_at === 0 ? message.received_at : row.next_at,
      lastReply: row.last_reply,
      reason: reasonOf(row.reason, row.state),
    };
  }

  #seqOf(id: QueueId): number {
    return this.#connection.statement<{ seq: number }>('SELECT seq FROM message WHERE id = ?').get(id)?.seq ?? Number.MAX_SAFE_INTEGER;
  }
}
