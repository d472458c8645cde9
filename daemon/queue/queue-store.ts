/**
 * The rows of queue.db: every statement that writes them, and those that the claims read by.
 * Called inside transactions of the ledger thread only (`GroupCommit`); nothing here waits.
 *
 * 1. A message row goes with its last recipient; its body goes in the same transaction when it is small, else it is
 *    named in `unlinked` and swept in slices.
 */
import type { Connection } from '../database/connection.ts';
import type { AccountId, Address, CustomerId } from '../wire/ids.ts';
import type { ClaimedMessage, ClaimedRecipient, SettledRetry } from './claim.ts';
import { type ReadyGroup, recipientKey } from './lanes.ts';
import { type NewQueueMessage, QUEUE_REASONS, type QueueOrigin, type QueueReason, type QueueRecipient } from './queue.ts';
import { BODY_PART_BYTES, BODY_PARTS, STATE_HELD, STATE_WAITING } from './schema.ts';

/** Message columns as the claims need them. */
export type MessageFields = Omit<ClaimedMessage, 'lane' | 'recipients' | 'body'>;

interface MessageRow {
  seq: number;
  id: string;
  sender: string;
  account: number | null;
  customer: number | null;
  origin: string;
  vouched: number;
  smtp_utf8: number;
  eight_bit: number;
  envid: string | null;
  ret: string | null;
  received_at: number;
  subject: string;
  message_id: string;
  size: number;
  held: string | null;
}

interface RecipientRow {
  message: number;
  number: number;
  address: string;
  original: string;
  account: number | null;
  subaddress: string | null;
  junk: number;
  notify: string | null;
  orcpt: string | null;
  next_at: number;
  attempts: number;
  delay_told: number;
  give_up: number;
}

const INSERT_MESSAGE = `INSERT INTO message (seq, id, sender, account, customer, origin, vouched, smtp_utf8, eight_bit, envid, ret,
  received_at, subject, message_id, size, held) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;
const INSERT_RECIPIENT = `INSERT INTO recipient (message, number, lane, address, original, account, subaddress, junk, notify, orcpt,
  customer, state, next_at, attempts, reason, last_reply, delay_told, give_up) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,0,0,'',0,0)`;
const DUE = `SELECT message, number, address, original, account, subaddress, junk, notify, orcpt, next_at, attempts, delay_told, give_up
  FROM recipient WHERE lane = ? AND state = 0 AND next_at <= ? ORDER BY next_at LIMIT ?`;

/** The lane of a recipient: '' for accounts, else the domain. */
export function laneOf(recipient: QueueRecipient): string {
  return recipient.destination.kind === 'account' ? '' : recipient.address.slice(recipient.address.lastIndexOf('@') + 1);
}

export interface SettledRow {
  readonly reason: number;
  readonly customer: number | null;
  readonly state: number;
}

export interface RetriedRow extends SettledRow {
  readonly lane: string;
  readonly nextAtMs: number;
}

export class QueueStore {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  has(id: string): boolean {
    return this.connection.statement('SELECT 1 FROM message WHERE id = ?').get(id) !== undefined;
  }

  /** Writes the message with its recipients, due at `dueMs`; the body too unless its parts lie there already. */
  insert(seq: number, message: NewQueueMessage & { readonly id: string }, options: { dueMs: number; withBody: boolean }): void {
    const { connection } = this;
    const held = message.hold ?? null;
    connection
      .statement(INSERT_MESSAGE)
      .run(
        seq,
        message.id,
        message.sender,
        message.account,
        message.customer,
        message.origin,
        Number(message.vouched),
        Number(message.smtpUtf8),
        Number(message.eightBit),
        message.envid ?? null,
        message.ret ?? null,
        message.receivedAtMs,
        message.subject,
        message.messageId,
        message.body.byteLength,
        held,
      );
    const insertRecipient = connection.statement(INSERT_RECIPIENT);
    message.recipients.forEach((recipient, number) => {
      const local = recipient.destination.kind === 'account' ? recipient.destination : undefined;
      insertRecipient.run(
        seq,
        number,
        laneOf(recipient),
        recipient.address,
        recipient.original,
        local?.account ?? null,
        local?.subaddress ?? null,
        Number(local?.junk ?? false),
        recipient.notify?.join(',') ?? null,
        recipient.orcpt ?? null,
        message.customer,
        held === null ? STATE_WAITING : STATE_HELD,
        options.dueMs,
      );
    });
    if (options.withBody) this.#insertBody(seq, message.body);
    else connection.statement('DELETE FROM unlinked WHERE seq = ?').run(seq);
  }

  /** The first number that certainly was never used. */
  reservedBelow(): number {
    return this.connection.statement<{ below: number }>('SELECT below FROM reserved').get()?.below ?? 1;
  }

  reserveBelow(below: number): void {
    this.connection.statement('UPDATE reserved SET below = ?').run(below);
  }

  markUnlinked(seq: number): void {
    this.connection.statement('INSERT OR IGNORE INTO unlinked (seq) VALUES (?)').run(seq);
  }

  insertPart(seq: number, index: number, data: Uint8Array): void {
    this.connection.statement('INSERT INTO body (part, data) VALUES (?, ?)').run(seq * BODY_PARTS + index, data);
  }

  bodyPart(seq: number, index: number): Uint8Array | undefined {
    return this.connection.statement<{ data: Buffer }>('SELECT data FROM body WHERE part = ?').get(seq * BODY_PARTS + index)?.data;
  }

  message(seq: number): (MessageFields & { readonly held: string | null }) | undefined {
    const row = this.connection.statement<MessageRow>('SELECT * FROM message WHERE seq = ?').get(seq);
    return row === undefined ? undefined : toMessage(row);
  }

  seqOf(id: string): number | undefined {
    return this.connection.statement<{ seq: number }>('SELECT seq FROM message WHERE id = ?').get(id)?.seq;
  }

  /** Every lane with something waiting, and when the first of it is due. */
  lanes(): IterableIterator<{ readonly lane: string; readonly at: number }> {
    return this.connection
      .statement<{ lane: string; at: number }>('SELECT lane, min(next_at) AS at FROM recipient WHERE state = 0 GROUP BY lane')
      .iterate();
  }

  /** Implements LaneLoader. */
  load(lane: string, due: { nowMs: number; limit: number; taken: ReadonlySet<number> }): { groups: ReadyGroup<never>[]; nextAt: number } {
    const limit = due.limit + due.taken.size;
    const rows = this.connection.statement<RecipientRow>(DUE).all(lane, due.nowMs, limit);
    const groups: (ReadyGroup<never> & { recipients: ClaimedRecipient[] })[] = [];
    for (const row of rows) {
      if (due.taken.has(recipientKey(row.message, row.number))) continue;
      const last = groups.at(-1);
      if (last?.seq === row.message) last.recipients.push(toRecipient(row));
      else groups.push({ seq: row.message, message: undefined, recipients: [toRecipient(row)] });
    }
    if (rows.length === limit) return { groups, nextAt: due.nowMs };
    const later = this.connection
      .statement<{ next_at: number }>('SELECT next_at FROM recipient WHERE lane = ? AND state = 0 AND next_at > ? ORDER BY next_at LIMIT 1')
      .get(lane, due.nowMs);
    return { groups, nextAt: later?.next_at ?? Infinity };
  }

  /** Takes one recipient out; undefined when it is not there any more. */
  remove(seq: number, number: number): SettledRow | undefined {
    return this.connection
      .statement<SettledRow>('DELETE FROM recipient WHERE message = ? AND number = ? RETURNING reason, customer, state')
      .get(seq, number);
  }

  /** Notes a failed try. `before` is the row as it was. */
  retry(seq: number, retry: SettledRetry): { before: SettledRow; after: RetriedRow } | undefined {
    const { connection } = this;
    const before = connection
      .statement<SettledRow & { give_up: number }>(
        'SELECT reason, customer, state, give_up FROM recipient WHERE message = ? AND number = ?',
      )
      .get(seq, retry.number);
    if (before === undefined) return undefined;
    const after = connection
      .statement<SettledRow & { lane: string; next_at: number }>(
        `UPDATE recipient SET next_at = ?, attempts = attempts + ?, reason = ?, last_reply = ?, delay_told = ?
         WHERE message = ? AND number = ? RETURNING reason, customer, state, lane, next_at`,
      )
      .get(
        // Given up by a person while it was being tried: it goes back to the sender at once.
        before.give_up === 1 ? 0 : retry.nextAttemptMs,
        Number(retry.counts),
        QUEUE_REASONS.indexOf(retry.reason),
        retry.reply.slice(0, 1000),
        Number(retry.delayTold),
        seq,
        retry.number,
      );
    return after === undefined ? undefined : { before, after: { ...after, nextAtMs: after.next_at } };
  }

  /** Removes the message when nobody is left to get it. True when it went. */
  removeIfEmpty(seq: number): boolean {
    const { connection } = this;
    const row = connection
      .statement<{ size: number }>(
        'DELETE FROM message WHERE seq = ? AND NOT EXISTS (SELECT 1 FROM recipient WHERE recipient.message = message.seq) RETURNING size',
      )
      .get(seq);
    if (row === undefined) return false;
    if (row.size > 4 * BODY_PART_BYTES) this.markUnlinked(seq);
    else connection.statement('DELETE FROM body WHERE part >= ? AND part < ?').run(seq * BODY_PARTS, (seq + 1) * BODY_PARTS);
    return true;
  }

  /** Removes some parts of bodies that belong to nothing. False when none are left. */
  sweep(): boolean {
    const { connection } = this;
    const row = connection.statement<{ seq: number }>('SELECT seq FROM unlinked LIMIT 1').get();
    if (row === undefined) return false;
    const removed = this.#removeParts(row.seq, 4);
    if (removed < 4) connection.statement('DELETE FROM unlinked WHERE seq = ?').run(row.seq);
    return true;
  }

  #removeParts(seq: number, limit: number): number {
    const remove = this.connection.statement('DELETE FROM body WHERE part = ?');
    const parts = this.connection
      .statement<{ part: number }>('SELECT part FROM body WHERE part >= ? AND part < ? LIMIT ?')
      .all(seq * BODY_PARTS, (seq + 1) * BODY_PARTS, limit);
    for (const { part } of parts) remove.run(part);
    return parts.length;
  }

  #insertBody(seq: number, body: Uint8Array): void {
    if (body.byteLength <= BODY_PART_BYTES) return this.insertPart(seq, 0, body);
    for (let index = 0; index * BODY_PART_BYTES < body.byteLength; index++) {
      this.insertPart(seq, index, body.subarray(index * BODY_PART_BYTES, (index + 1) * BODY_PART_BYTES));
    }
  }
}

function toMessage(row: MessageRow): MessageFields & { readonly held: string | null } {
  return {
    seq: row.seq,
    id: row.id,
    sender: row.sender as Address | '',
    account: row.account as AccountId | null,
    customer: row.customer as CustomerId | null,
    origin: row.origin as QueueOrigin,
    vouched: row.vouched === 1,
    smtpUtf8: row.smtp_utf8 === 1,
    eightBit: row.eight_bit === 1,
    envid: row.envid,
    ret: row.ret as 'FULL' | 'HDRS' | null,
    receivedAtMs: row.received_at,
    subject: row.subject,
    messageId: row.message_id,
    sizeBytes: row.size,
    held: row.held,
  };
}

function toRecipient(row: RecipientRow): ClaimedRecipient {
  const recipient: QueueRecipient = {
    address: row.address as Address,
    original: row.original as Address,
    destination:
      row.account === null
        ? { kind: 'remote' }
        : { kind: 'account', account: row.account as AccountId, subaddress: row.subaddress, junk: row.junk === 1 },
    ...(row.notify === null ? {} : { notify: row.notify.split(',') as NonNullable<QueueRecipient['notify']> }),
    ...(row.orcpt === null ? {} : { orcpt: row.orcpt }),
  };
  return {
    number: row.number,
    recipient,
    attempts: row.attempts,
    delayTold: row.delay_told === 1,
    urgent: row.next_at === 0,
    giveUp: row.give_up === 1,
  };
}

/** The reason's name for a column value. */
export function reasonOf(column: number, state: number): QueueReason {
  return state === STATE_HELD ? 'held' : (QUEUE_REASONS[column] ?? 'other');
}
