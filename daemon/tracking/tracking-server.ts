/**
 * The ledger thread's half of tracking: owns tracking.db, gathers events into groups, sweeps what is too old.
 *
 * 1. A group is written at the latest GROUP_MS after its first event came, or when it is full.
 * 2. At most MAX_WAITING events wait; what comes on top is counted as lost and told to `onLost`, mail is never held up.
 * 3. Old messages go in slices of one short transaction each.
 */
import type { Connection } from '../database/connection.ts';
import { openConnection } from '../database/open.ts';
import type { AccountId, CustomerId } from '../wire/ids.ts';
import { KINDS, trackingMigrations, WORD_ROWS } from './schema.ts';
import type { TrackingEvent, TrackingFilter, TrackingPulse } from './tracking.ts';
import { TrackingReader } from './tracking-reader.ts';
import { TrackingWriter } from './tracking-writer.ts';

export interface TrackingServerOptions {
  readonly path: string;
  readonly now?: () => number;
  readonly retentionMs?: number;
  /** Events that could not be kept, with the reason when there is one. */
  readonly onLost?: (count: number, error: unknown) => void;
}

const GROUP_MS = 150;
const GROUP_EVENTS = 500;
const GROUPS_BEFORE_READ = 4;
const MAX_WAITING = 50_000;
const RETENTION_MS = 30 * 86_400_000;
const SWEEP_EVERY_MS = 60_000;
const SWEEP_SLICE = 100;
const SHOWN_EVENTS = 50;
const WATCH_IDLE_MS = 30_000;

export class TrackingServer {
  readonly #now: () => number;
  readonly #connection: Connection;
  readonly #writer: TrackingWriter;
  readonly #reader: TrackingReader;
  readonly #onLost: (count: number, error: unknown) => void;
  readonly #watchers = new Set<(pulse: TrackingPulse) => void>();
  #retentionMs: number;
  #waiting: TrackingEvent[] = [];
  #groupTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: TrackingServerOptions) {
    this.#now = options.now ?? Date.now;
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#onLost = options.onLost ?? (() => undefined);
    this.#connection = openConnection(options.path, { migrations: trackingMigrations, cacheKiB: 16_000, autoCheckpointPages: 4000 });
    // Invariant 1 of tracking.ts: the last groups may be lost in a power cut; the file stays whole all the same.
    this.#connection.sql.pragma('synchronous=NORMAL');
    this.#writer = new TrackingWriter(this.#connection);
    this.#reader = new TrackingReader(this.#connection);
    this.#sweepLater(SWEEP_EVERY_MS);
  }

  /** Writes what waits and closes the file. */
  close(): void {
    if (this.#closed) return;
    while (this.#waiting.length > 0) this.#writeGroup();
    this.#closed = true;
    clearTimeout(this.#groupTimer);
    clearTimeout(this.#sweepTimer);
    this.#connection.close();
  }

  record(events: readonly TrackingEvent[]): void {
    if (this.#closed) return;
    const room = MAX_WAITING - this.#waiting.length;
    if (events.length > room) this.#onLost(events.length - room, undefined);
    this.#waiting.push(...(events.length > room ? events.slice(0, room) : events));
    if (this.#groupTimer === undefined && this.#waiting.length > 0) {
      this.#groupTimer = setTimeout(() => this.#writeGroup(), this.#waiting.length >= GROUP_EVENTS ? 0 : GROUP_MS);
    }
  }

  /** Events as one JSON text: a third of what structured clone costs. */
  recordText(text: string): void {
    this.record(JSON.parse(text) as TrackingEvent[]);
  }

  setRetention(ms: number): void {
    this.#retentionMs = ms;
  }

  list = (filter: TrackingFilter) => this.#settled(() => this.#reader.list(filter));
  story = (id: string, scope: { customer?: CustomerId; account?: AccountId }) => this.#settled(() => this.#reader.story(id, scope));
  counters = (range: Parameters<TrackingReader['counters']>[0]) => this.#settled(() => this.#reader.counters(range));

  async *watch(): AsyncGenerator<TrackingPulse, void, undefined> {
    let pulses: TrackingPulse[] = [];
    let wake: (() => void) | undefined;
    const hear = (pulse: TrackingPulse): void => {
      // A reader that is behind gets fewer events, but all counts.
      if (pulses.length >= 4) pulses = [pulses.reduce(joined), pulse];
      else pulses.push(pulse);
      wake?.();
    };
    this.#watchers.add(hear);
    try {
      while (!this.#closed) {
        const pulse = pulses.shift();
        if (pulse !== undefined) {
          yield pulse;
          continue;
        }
        const timer = setTimeout(() => hear(quiet), WATCH_IDLE_MS).unref();
        await new Promise<void>((resolve) => (wake = resolve));
        clearTimeout(timer);
      }
    } finally {
      this.#watchers.delete(hear);
    }
  }

  /** Removes up to a slice of messages older than the retention. True when there may be more. */
  sweep(): boolean {
    const cutoff = this.#now() - this.#retentionMs;
    const old = this.#connection
      .statement<{ seq: number; first_at: number; word_rows: number }>(
        `SELECT seq, first_at, word_rows FROM message ORDER BY seq LIMIT ${SWEEP_SLICE}`,
      )
      .all()
      .filter((row) => row.first_at < cutoff);
    if (old.length === 0) return false;
    this.#connection.transact(() => {
      for (const { seq, word_rows } of old) this.#remove(seq, word_rows);
      this.#connection.statement('DELETE FROM bucket WHERE start < ?').run(cutoff - (cutoff % 86_400_000));
    });
    this.#writer.forget();
    return old.length === SWEEP_SLICE;
  }

  #remove(seq: number, wordRows: number): void {
    const statement = (text: string) => this.#connection.statement<{ account: number | null; customer: number | null }>(text);
    for (const { account, customer } of statement('SELECT DISTINCT account, customer FROM event WHERE message = ?').all(seq)) {
      if (customer !== null) statement('DELETE FROM scope WHERE owner = ? AND message = ?').run(2 * customer, seq);
      if (account !== null) statement('DELETE FROM scope WHERE owner = ? AND message = ?').run(2 * account + 1, seq);
    }
    for (let n = 0; n < wordRows; n++) statement('DELETE FROM word WHERE rowid = ?').run(seq * WORD_ROWS + n);
    statement('DELETE FROM event WHERE message = ?').run(seq);
    statement('DELETE FROM message WHERE seq = ?').run(seq);
  }

  /** Reads see what was recorded before them, unless more waits than may hold them up. */
  #settled<T>(read: () => T): T {
    for (let group = 0; group < GROUPS_BEFORE_READ && this.#waiting.length > 0; group++) this.#writeGroup();
    return read();
  }

  #writeGroup(): void {
    clearTimeout(this.#groupTimer);
    this.#groupTimer = undefined;
    const group = this.#waiting.splice(0, GROUP_EVENTS).filter((event) => KINDS.includes(event.kind));
    if (this.#waiting.length > 0) this.#groupTimer = setTimeout(() => this.#writeGroup(), 1);
    if (group.length === 0) return;
    try {
      const counted = this.#writer.write(group);
      const pulse = { events: group.slice(-SHOWN_EVENTS), left: Math.max(0, group.length - SHOWN_EVENTS), counted };
      for (const hear of this.#watchers) hear(pulse);
    } catch (error) {
      this.#onLost(group.length, error);
    }
  }

  #sweepLater(ms: number): void {
    this.#sweepTimer = setTimeout(() => {
      let more = false;
      try {
        more = this.sweep();
      } catch (error) {
        this.#onLost(0, error);
      }
      if (!this.#closed) this.#sweepLater(more ? 20 : SWEEP_EVERY_MS);
    }, ms);
    this.#sweepTimer.unref();
  }
}

const quiet: TrackingPulse = { events: [], left: 0, counted: { delivered: 0, turnedAway: 0, sent: 0, cameBack: 0 } };

function joined(a: TrackingPulse, b: TrackingPulse): TrackingPulse {
  const events = [...a.events, ...b.events].slice(-SHOWN_EVENTS);
  const counted = {
    delivered: a.counted.delivered + b.counted.delivered,
    turnedAway: a.counted.turnedAway + b.counted.turnedAway,
    sent: a.counted.sent + b.counted.sent,
    cameBack: a.counted.cameBack + b.counted.cameBack,
  };
  return { events, left: a.left + b.left + a.events.length + b.events.length - events.length, counted };
}
