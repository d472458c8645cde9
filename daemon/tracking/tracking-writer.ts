/**
 * Writes events: one transaction a group, a message row for each message, a line in the search index, a count in its bucket.
 *
 * 1. A message's row says where it stands: its latest event that means something for the list (see `ranks`).
 * 2. What is known of a message stays in a bounded cache, so that the second event of a message costs no look-up.
 * 3. The cache changes with the transaction only: after a failed one it is emptied.
 */
import type { Connection } from '../database/connection.ts';
import { BUCKET_MS, DIRECTIONS, KINDS, WORD_ROWS } from './schema.ts';
import type { Counters, TrackingEvent, TrackingEventKind } from './tracking.ts';
import { indexText } from './words.ts';

interface Known {
  readonly seq: number;
  readonly firstAtMs: number;
  state: TrackingEventKind;
  direction: TrackingEvent['direction'];
  events: number;
  wordRows: number;
  /** Recipients, a space between them, as in the table. */
  recipients: string;
  readonly owners: Set<number>;
}

/** What one group brings for a message: its first event there names it. */
interface Note {
  readonly event: TrackingEvent;
  readonly isNew: boolean;
  readonly words: string[];
  lastAtMs: number;
}

type Counts = { -readonly [K in Exclude<keyof Counters, 'startMs'>]: number };

const MAX_KNOWN = 20_000;
const MAX_RECIPIENTS_TEXT = 4_000;
const MAX_EVENTS = 20_000;
const MAX_TEXT = 1_000;

/** How a message came here: threads report on their own, so it may be told after what became of it. */
const openings: ReadonlySet<TrackingEventKind> = new Set(['received', 'submitted']);
/** Events that do not change what a list shows. */
const silent: ReadonlySet<TrackingEventKind> = new Set(['delayed', ...openings]);
/** A mailbox copy and a failure of the same message: the list shows the worse. */
const ranks: Readonly<Record<string, number>> = { bounced: 3, failed: 3, deferred: 2, held: 2 };

export class TrackingWriter {
  readonly #connection: Connection;
  readonly #known = new Map<string, Known>();
  #nextSeq: number;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#nextSeq = (connection.statement<{ top: number | null }>('SELECT max(seq) AS top FROM message').get()?.top ?? 0) + 1;
  }

  /** Writes all of them or, thrown, none. Answers what they add to the host's counters. */
  write(events: readonly TrackingEvent[]): Counts {
    const nextSeq = this.#nextSeq;
    try {
      return this.#connection.transact(() => this.#writeAll(events));
    } catch (error) {
      this.#known.clear();
      this.#nextSeq = nextSeq;
      throw error;
    }
  }

  /** Messages were swept: nothing of them may be taken for known. */
  forget(): void {
    this.#known.clear();
  }

  #writeAll(events: readonly TrackingEvent[]): Counts {
    const touched = new Map<Known, Note>();
    const buckets = new Map<string, { customer: number; start: number; counts: Counts }>();
    const total = noCounts();
    for (const event of events) {
      const { known, isNew } = this.#message(event);
      if (known.events >= MAX_EVENTS) continue;
      this.#event(known, event);
      let note = touched.get(known);
      if (note === undefined) touched.set(known, (note = { event, isNew, words: [], lastAtMs: 0 }));
      note.lastAtMs = Math.max(note.lastAtMs, event.atMs);
      this.#recipient(known, event, note.words);
      this.#owners(known, event);
      count(total, event);
      countInBuckets(buckets, event);
    }
    for (const [known, note] of touched) this.#update(known, note);
    for (const { customer, start, counts } of buckets.values()) this.#bucket(customer, start, counts);
    return total;
  }

  #message(event: TrackingEvent): { known: Known; isNew: boolean } {
    let known = this.#known.get(event.message);
    if (known !== undefined) return { known, isNew: false };
    known = this.#read(event.message);
    const isNew = known === undefined;
    if (known === undefined) {
      known = {
        seq: this.#nextSeq++,
        firstAtMs: event.atMs,
        state: event.kind,
        direction: event.direction,
        events: 0,
        wordRows: 0,
        recipients: '',
        owners: new Set(),
      };
      this.#connection
        .statement(
          `INSERT INTO message (seq, id, first_at, last_at, direction, state, events, word_rows, sender, recipients, subject, message_id, size)
           VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, '', ?, ?, ?)`,
        )
        .run(
          known.seq,
          event.message,
          Math.trunc(event.atMs),
          Math.trunc(event.atMs),
          DIRECTIONS.indexOf(event.direction),
          KINDS.indexOf(event.kind),
          event.sender.slice(0, MAX_TEXT),
          event.subject.slice(0, 200),
          event.messageId.slice(0, MAX_TEXT),
          event.sizeBytes,
        );
    }
    if (this.#known.size >= MAX_KNOWN) {
      const oldest = this.#known.keys().next().value;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(event.message, known);
    return { known, isNew };
  }

  #read(id: string): Known | undefined {
    const row = this.#connection
      .statement<{
        seq: number;
        first_at: number;
        state: number;
        direction: number;
        events: number;
        word_rows: number;
        recipients: string;
      }>('SELECT seq, first_at, state, direction, events, word_rows, recipients FROM message WHERE id = ?')
      .get(id);
    if (row === undefined) return undefined;
    const { seq, events, recipients } = row;
    return {
      seq,
      firstAtMs: row.first_at,
      state: KINDS[row.state] ?? 'received',
      direction: DIRECTIONS[row.direction] ?? 'in',
      events,
      wordRows: row.word_rows,
      recipients,
      owners: new Set(),
    };
  }

  #event(known: Known, event: TrackingEvent): void {
    this.#connection
      .statement(
        `INSERT INTO event (message, number, at, kind, direction, recipient, account, customer, remote, reply, detail, next_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        known.seq,
        known.events,
        Math.trunc(event.atMs),
        KINDS.indexOf(event.kind),
        DIRECTIONS.indexOf(event.direction),
        event.recipient.slice(0, MAX_TEXT),
        event.account,
        event.customer,
        event.remote.slice(0, MAX_TEXT),
        event.reply.slice(0, MAX_TEXT),
        JSON.stringify(event.detail).slice(0, 16_000),
        event.nextAttemptMs === undefined ? null : Math.trunc(event.nextAttemptMs),
      );
    known.events += 1;
    if (openings.has(event.kind)) known.direction = event.direction;
    if (!silent.has(event.kind) && (ranks[event.kind] ?? 1) >= settledRank(known.state)) known.state = event.kind;
  }

  #recipient(known: Known, event: TrackingEvent, words: string[]): void {
    const { recipient } = event;
    if (recipient === '' || ` ${known.recipients} `.includes(` ${recipient} `)) return;
    words.push(recipient, domainOf(recipient));
    const longer = known.recipients === '' ? recipient : `${known.recipients} ${recipient}`;
    if (longer.length <= MAX_RECIPIENTS_TEXT) known.recipients = longer;
  }

  #owners(known: Known, event: TrackingEvent): void {
    if (event.customer !== null) this.#owner(known, 2 * event.customer);
    if (event.account !== null) this.#owner(known, 2 * event.account + 1);
  }

  #owner(known: Known, owner: number): void {
    if (known.owners.has(owner)) return;
    known.owners.add(owner);
    this.#connection.statement('INSERT OR IGNORE INTO scope (owner, message) VALUES (?, ?)').run(owner, known.seq);
  }

  #update(known: Known, { event, isNew, words, lastAtMs }: Note): void {
    if ((isNew || words.length > 0) && known.wordRows < WORD_ROWS) {
      const text = indexText([event.message, event.sender, domainOf(event.sender), event.messageId, ...words], event.subject);
      this.#connection.statement('INSERT INTO word (rowid, text) VALUES (?, ?)').run(known.seq * WORD_ROWS + known.wordRows, text);
      known.wordRows += 1;
    }
    this.#connection
      .statement(
        'UPDATE message SET last_at = max(last_at, ?), direction = ?, state = ?, events = ?, word_rows = ?, recipients = ? WHERE seq = ?',
      )
      .run(
        Math.trunc(lastAtMs),
        DIRECTIONS.indexOf(known.direction),
        KINDS.indexOf(known.state),
        known.events,
        known.wordRows,
        known.recipients,
        known.seq,
      );
  }

  #bucket(customer: number, start: number, counts: Counts): void {
    this.#connection
      .statement(
        `INSERT INTO bucket (customer, start, delivered, turned_away, sent, came_back) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET delivered = delivered + excluded.delivered, turned_away = turned_away + excluded.turned_away,
           sent = sent + excluded.sent, came_back = came_back + excluded.came_back`,
      )
      .run(customer, start, counts.delivered, counts.turnedAway, counts.sent, counts.cameBack);
  }
}

/** A final bad outcome is not hidden by another recipient's success; a delay is ended by anything. */
function settledRank(state: TrackingEventKind): number {
  return state === 'bounced' || state === 'failed' ? 3 : 0;
}

function noCounts(): Counts {
  return { delivered: 0, turnedAway: 0, sent: 0, cameBack: 0 };
}

function count(counts: Counts, event: TrackingEvent): void {
  if (event.kind === 'delivered' && event.direction === 'out') {
    // Mail between two mailboxes here has a second event for its receiver, which counts as delivered: it left for no server.
    if (event.remote !== '') counts.sent += 1;
  } else if (event.kind === 'delivered' || event.kind === 'junked') counts.delivered += 1;
  else if (event.kind === 'refused') counts.turnedAway += 1;
  // What failed without the sender being told came back to nobody.
  else if (event.kind === 'bounced') counts.cameBack += 1;
}

const counted: ReadonlySet<TrackingEventKind> = new Set(['delivered', 'junked', 'refused', 'bounced']);

function countInBuckets(buckets: Map<string, { customer: number; start: number; counts: Counts }>, event: TrackingEvent): void {
  if (!counted.has(event.kind)) return;
  const start = event.atMs - (event.atMs % BUCKET_MS);
  for (const customer of event.customer === null ? [0] : [0, event.customer]) {
    const key = `${customer}:${start}`;
    let bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, (bucket = { customer, start: Math.trunc(start), counts: noCounts() }));
    count(bucket.counts, event);
  }
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
