/**
 * Which recipients are due, in memory: one lane a destination domain, claims taken from the lanes by turns.
 *
 * Owns: the lanes, their clock and what is claimed. Rows are read from the database by the loader when a lane runs dry.
 * 1. A recipient is in a lane's `taken` set while it is loaded or claimed, so it is never handed out twice.
 * 2. `nextAt` is at or before the due time of every waiting recipient of the lane that is not taken.
 * 3. Our own mailboxes (`local`) and other servers (`remote`) are claimed separately, so neither waits for the other.
 * 4. A lane has at most its limit claimed, so a dead destination with a long tail leaves room for others.
 */
import type { ClaimedRecipient, ClaimScope } from './claim.ts';
import { type Timed, TimeHeap } from './time-heap.ts';

/** Recipients of one message in one lane that are ready to be claimed. `message` is read when it is claimed if absent. */
export interface ReadyGroup<Message> {
  readonly seq: number;
  readonly message: Message | undefined;
  recipients: ClaimedRecipient[];
}

export interface LaneLoader<Message> {
  /** Due and not taken, at most `limit` recipients, and when the next one after these is due (Infinity: none). */
  load(lane: string, due: { nowMs: number; limit: number; taken: ReadonlySet<number> }): { groups: ReadyGroup<Message>[]; nextAt: number };
}

/** Told about groups that leave a lane without having been claimed. */
export type Unloaded<Message> = (group: ReadyGroup<Message>) => void;

export interface LaneLimits {
  readonly local: number;
  readonly remote: number;
}

const LOAD = 64;
const TURN = 100;
const NUMBER_BITS = 65_536;

export function recipientKey(seq: number, number: number): number {
  return seq * NUMBER_BITS + number;
}

class Lane<Message> {
  readonly name: string;
  readonly ready: ReadyGroup<Message>[] = [];
  readonly taken = new Set<number>();
  claimed = 0;
  nextAt = Infinity;
  /** The entry of this lane in the clock that counts; others are left-overs. */
  armedAt = Infinity;

  constructor(name: string) {
    this.name = name;
  }
}

export class Lanes<Message> {
  readonly #loader: LaneLoader<Message>;
  readonly #limits: LaneLimits;
  readonly #unloaded: Unloaded<Message>;
  readonly #lanes = new Map<string, Lane<Message>>();
  readonly #runnable = { local: new Set<Lane<Message>>(), remote: new Set<Lane<Message>>() };
  readonly #clock = new TimeHeap<Timed<string>>();
  /** Recipient key to its lane, for what the runner holds. */
  readonly #claimed = new Map<number, Lane<Message>>();

  constructor(loader: LaneLoader<Message>, limits: LaneLimits, unloaded: Unloaded<Message>) {
    this.#loader = loader;
    this.#unloaded = unloaded;
    this.#limits = limits;
  }

  get claimedCount(): number {
    return this.#claimed.size;
  }

  isClaimed(seq: number, number: number): boolean {
    return this.#claimed.has(recipientKey(seq, number));
  }

  /** Something of `lane` is due at `atMs` (in the database). */
  due(laneName: string, atMs: number): void {
    const lane = this.#lane(laneName);
    if (atMs >= lane.nextAt) return;
    lane.nextAt = atMs;
    this.#arm(lane);
  }

  /** Newly committed recipients that are due at once, without a way through the database. */
  add(laneName: string, group: ReadyGroup<Message>): void {
    const lane = this.#lane(laneName);
    for (const { number } of group.recipients) lane.taken.add(recipientKey(group.seq, number));
    lane.ready.push(group);
    this.#runnable[scopeOf(lane)].add(lane);
  }

  /** Forgets what is loaded but not claimed of these messages; the caller tells `due` what is to be tried again. */
  unload(seqs: ReadonlySet<number>): void {
    for (const lane of this.#lanes.values()) {
      if (lane.ready.length === 0) continue;
      const kept = lane.ready.filter((group) => !seqs.has(group.seq));
      if (kept.length === lane.ready.length) continue;
      for (const group of lane.ready) {
        if (!seqs.has(group.seq)) continue;
        for (const { number } of group.recipients) lane.taken.delete(recipientKey(group.seq, number));
        this.#unloaded(group);
      }
      lane.ready.splice(0, lane.ready.length, ...kept);
    }
  }

  /** The runner has settled this one (or never will): it may be loaded again from `nextAtMs` on, undefined = it is gone. */
  settle(seq: number, number: number, next: { lane: string; atMs: number } | undefined): void {
    const key = recipientKey(seq, number);
    const lane = this.#claimed.get(key);
    if (lane !== undefined) {
      this.#claimed.delete(key);
      lane.claimed -= 1;
      lane.taken.delete(key);
      if (lane.ready.length > 0) this.#runnable[scopeOf(lane)].add(lane);
      else if (lane.nextAt !== Infinity) this.#arm(lane);
      else if (lane.taken.size === 0) this.#forget(lane);
    }
    if (next !== undefined) this.due(next.lane, next.atMs);
  }

  /** Everything claimed is due again. */
  releaseAll(nowMs: number): void {
    for (const [key, lane] of this.#claimed) {
      lane.taken.delete(key);
      lane.claimed -= 1;
      this.#lanes.set(lane.name, lane);
      lane.nextAt = Math.min(lane.nextAt, nowMs);
      this.#arm(lane);
    }
    this.#claimed.clear();
  }

  /** Up to `limit` recipients of a scope that are due, by turns between its lanes. */
  claim(nowMs: number, scope: ClaimScope, limit: number): { lane: string; group: ReadyGroup<Message> }[] {
    this.#wake(nowMs);
    const runnable = this.#runnable[scope];
    const claims: { lane: string; group: ReadyGroup<Message> }[] = [];
    let left = limit;
    while (left > 0) {
      const lane = runnable.values().next().value;
      if (lane === undefined) break;
      runnable.delete(lane);
      if (lane.ready.length === 0 && lane.nextAt <= nowMs) this.#load(lane, nowMs);
      const room = Math.min(left, TURN, this.#limitOf(lane) - lane.claimed);
      left -= this.#takeFrom(lane, room, claims);
      if (lane.claimed < this.#limitOf(lane) && (lane.ready.length > 0 || lane.nextAt <= nowMs)) runnable.add(lane);
    }
    return claims;
  }

  /** When the next lane comes due that is not already; undefined when none will. */
  nextWakeMs(): number | undefined {
    return this.#clock.peek()?.atMs;
  }

  #takeFrom(lane: Lane<Message>, room: number, claims: { lane: string; group: ReadyGroup<Message> }[]): number {
    let taken = 0;
    while (taken < room && lane.ready.length > 0) {
      const group = lane.ready[0] as ReadyGroup<Message>;
      const part = group.recipients.length <= room - taken ? group.recipients : group.recipients.slice(0, room - taken);
      if (part === group.recipients) lane.ready.shift();
      else group.recipients = group.recipients.slice(part.length);
      for (const { number } of part) this.#claimed.set(recipientKey(group.seq, number), lane);
      lane.claimed += part.length;
      taken += part.length;
      claims.push({ lane: lane.name, group: { ...group, recipients: part } });
    }
    return taken;
  }

  #load(lane: Lane<Message>, nowMs: number): void {
    const { groups, nextAt } = this.#loader.load(lane.name, { nowMs, limit: LOAD, taken: lane.taken });
    lane.nextAt = nextAt;
    if (nextAt > nowMs) this.#arm(lane);
    for (const group of groups) {
      for (const { number } of group.recipients) lane.taken.add(recipientKey(group.seq, number));
      lane.ready.push(group);
    }
  }

  #wake(nowMs: number): void {
    for (let top = this.#clock.peek(); top !== undefined && top.atMs <= nowMs; top = this.#clock.peek()) {
      this.#clock.pop();
      const lane = this.#lanes.get(top.value);
      if (lane === undefined || lane.armedAt !== top.atMs) continue;
      lane.armedAt = Infinity;
      if (lane.nextAt > nowMs) this.#arm(lane);
      else if (lane.claimed < this.#limitOf(lane)) this.#runnable[scopeOf(lane)].add(lane);
    }
  }

  #arm(lane: Lane<Message>): void {
    if (lane.nextAt >= lane.armedAt) return;
    lane.armedAt = lane.nextAt;
    this.#clock.push({ atMs: lane.nextAt, value: lane.name });
  }

  #forget(lane: Lane<Message>): void {
    this.#runnable[scopeOf(lane)].delete(lane);
    this.#lanes.delete(lane.name);
  }

  #limitOf(lane: Lane<Message>): number {
    return this.#limits[scopeOf(lane)];
  }

  #lane(name: string): Lane<Message> {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new Lane<Message>(name);
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}

function scopeOf(lane: { readonly name: string }): ClaimScope {
  return lane.name === '' ? 'local' : 'remote';
}
