/**
 * A session's picture of its selected folder: which sequence number is which UID, and what has happened since the client was told.
 * It owns the numbers of one session; the change feed writes into it, announce() is the only place that tells the client.
 *
 * 1. A number changes its meaning only through an EXPUNGE that announce() wrote: between announcements every number is stable.
 * 2. While EXPUNGE is forbidden (RFC 9051 §7.5.1) removals are held back; arrivals and flags are told, with the old numbers.
 * 3. At most {@link MAX_PENDING} changes wait; beyond that, or when an arrival was missed, the view is read again from the mailstore.
 * 4. Telling is idempotent: a UID that is known, or gone, is not told again, so a command's own result and the feed may overlap.
 * 5. The last flags that the client is told are the newest: what a command told of its own change is repeated from the feed when an older
 *    change of another session was told in between.
 * 6. `modseq` is the highest that the client's picture includes.
 * Specifications: RFC 9051 §7.5.1, §5.2; RFC 3501 §7.3.2 (RECENT), §7.4.1; RFC 7162 §3.
 */
import type { Change, FolderSnapshot } from '../../mailstore/mailstore.ts';
import type { ResponseWriter } from '../../wire/imap/response-writer.ts';
import { resolveSet, type SequenceSet } from '../../wire/imap/sequence-set.ts';
import { FlagText } from './flag-text.ts';
import { appendUids, indexOfUid, lowerBound, removeUids, type UidView, uidViewOf } from './uid-list.ts';

export type MessagesChange = Extract<Change, { kind: 'messages' }>;

/** Changes that may wait for a session. */
export const MAX_PENDING = 1000;

export interface AnnounceOptions {
  readonly mayExpunge: boolean;
  /** Changes of flags with this origin were told by the command that made them. */
  readonly origin: string;
  /** RFC 7162 §3.2: the session asked for modseqs. */
  readonly withModSeq: boolean;
  /** UID commands: FETCH responses name the UID. */
  readonly withUid: boolean;
}

export class SessionView {
  readonly flagText: FlagText;
  #uids: UidView;
  #firstRecentUid: number;
  #pending: MessagesChange[] = [];
  #held: Uint32Array[] = [];
  #needsResync = false;
  /** The UID that the next arrival must have. */
  #uidNext: number;
  /** Own changes of flags that were told by their command and that the feed has not brought yet. */
  #own: { readonly modseq: number; isOvertaken: boolean }[] = [];
  /** The highest modseq that the feed has brought. */
  #heard: number;
  modseq: number;

  constructor(snapshot: FolderSnapshot, uids: UidView = uidViewOf(snapshot.uids)) {
    this.#uids = uids;
    this.#firstRecentUid = snapshot.firstRecentUid;
    this.#uidNext = snapshot.uidNext;
    this.#heard = this.modseq = snapshot.highestModSeq;
    this.flagText = new FlagText(snapshot.keywordNames);
  }

  get uidView(): UidView {
    return this.#uids;
  }

  get count(): number {
    return this.#uids.length;
  }

  get recent(): number {
    return this.#firstRecentUid === 0 ? 0 : this.count - lowerBound(this.#uids, this.#firstRecentUid);
  }

  get hasPending(): boolean {
    return this.#pending.length > 0 || this.#held.length > 0 || this.#needsResync;
  }

  get needsResync(): boolean {
    return this.#needsResync;
  }

  /** Is the UID among what the client knows, or about to be? */
  isAware(uid: number): boolean {
    return this.#lastUid() >= uid || this.#needsResync || this.#pending.some((change) => change.added.includes(uid));
  }

  isRecent(uid: number): boolean {
    return this.#firstRecentUid !== 0 && uid >= this.#firstRecentUid;
  }

  /** UIDs that are \Recent in this session, as one pair, or none. */
  recentRange(): Uint32Array {
    return this.recent === 0 ? new Uint32Array(0) : Uint32Array.of(this.#firstRecentUid, this.#lastUid());
  }

  #lastUid(): number {
    return this.count === 0 ? 0 : (this.#uids.list.values[this.count - 1] as number);
  }

  uidAt(sequence: number): number {
    return this.#uids.list.values[sequence - 1] as number;
  }

  /** The sequence number of a UID, 0 when the client does not know it. */
  sequenceOf(uid: number): number {
    return indexOfUid(this.#uids, uid) + 1;
  }

  /** The UIDs (ascending) that a set names, or null when it names a sequence number that does not exist. */
  resolve(set: SequenceSet, isUid: boolean): Uint32Array | null {
    const pairs = this.#indexPairs(set, isUid);
    if (pairs === null) return null;
    const values = this.#uids.list.values;
    if (pairs.length === 2) return values.slice(pairs[0], pairs[1]);
    let total = 0;
    for (let index = 0; index < pairs.length; index += 2) total += (pairs[index + 1] as number) - (pairs[index] as number);
    const uids = new Uint32Array(total);
    let fill = 0;
    for (let index = 0; index < pairs.length; index += 2) {
      const part = values.subarray(pairs[index], pairs[index + 1]);
      uids.set(part, fill);
      fill += part.length;
    }
    return uids;
  }

  /** Half-open index ranges [start, end). */
  #indexPairs(set: SequenceSet, isUid: boolean): number[] | null {
    const resolved = resolveSet(set, isUid ? this.#lastUid() : this.count);
    const pairs: number[] = [];
    for (let index = 0; index < resolved.length; index += 2) {
      const first = resolved[index] as number;
      const last = resolved[index + 1] as number;
      if (isUid) {
        const start = lowerBound(this.#uids, first);
        const end = lowerBound(this.#uids, last + 1);
        if (end > start) pairs.push(start, end);
        continue;
      }
      // RFC 9051 §9 (seq-number): a number above EXISTS is an error.
      if (last > this.count) return null;
      pairs.push(first - 1, last);
    }
    return pairs;
  }

  /** UID pairs of a set of sequence numbers, for a search; numbers that do not exist name nothing. */
  uidPairs(set: SequenceSet): Uint32Array {
    const resolved = resolveSet(set, this.count);
    const pairs: number[] = [];
    for (let index = 0; index < resolved.length; index += 2) {
      const first = resolved[index] as number;
      if (first > this.count) break;
      pairs.push(this.uidAt(first), this.uidAt(Math.min(resolved[index + 1] as number, this.count)));
    }
    return Uint32Array.from(pairs);
  }

  /** "*" of a UID set stands for the largest UID that the client knows. */
  resolveUidPairs(set: SequenceSet): Uint32Array {
    return resolveSet(set, this.#lastUid());
  }

  /** Takes a change from the feed. */
  receive(change: MessagesChange): void {
    if (this.#needsResync) return;
    this.#pending.push(change);
    if (this.#pending.length > MAX_PENDING || this.#skipsArrival(change.added)) this.requireResync();
  }

  /** UIDs are given out without gaps: a gap says that an arrival was not heard of. */
  #skipsArrival(added: Uint32Array): boolean {
    if (added.length === 0) return false;
    const hasGap = (added[0] as number) > this.#uidNext;
    this.#uidNext = Math.max(this.#uidNext, (added[added.length - 1] as number) + 1);
    return hasGap;
  }

  /** Forgets what waits: the mailstore must be asked what has happened. */
  requireResync(): void {
    this.#pending = [];
    this.#needsResync = true;
  }

  /** A command has told, or was asked not to tell, of its own changes of flags up to this modseq. */
  toldOwn(modseqs: Float64Array): void {
    const modseq = modseqs.reduce((highest, value) => Math.max(highest, value), 0);
    if (modseq <= this.#heard) return;
    this.#own.push({ modseq, isOvertaken: false });
    if (this.#own.length > MAX_PENDING) this.requireResync();
  }

  /** Removals that a command of this session made. */
  receiveExpunged(uids: Uint32Array): void {
    if (uids.length > 0) this.#held.push(uids);
  }

  /** Turns what the mailstore holds now into the changes that the client has missed. */
  resync(snapshot: FolderSnapshot): void {
    this.#needsResync = false;
    this.#uidNext = snapshot.uidNext;
    const last = this.#lastUid();
    const expunged: number[] = [];
    const changed: number[] = [];
    const columns: { uids: number[]; flags: number[]; keywords: bigint[] } = { uids: [], flags: [], keywords: [] };
    let index = 0;
    for (let own = 0; own < this.count; own++) {
      const uid = this.#uids.list.values[own] as number;
      while (index < snapshot.uids.length && (snapshot.uids[index] as number) < uid) index++;
      if (snapshot.uids[index] !== uid) expunged.push(uid);
      else if ((snapshot.modseqs[index] as number) > this.modseq) changed.push(index);
    }
    for (const at of changed) {
      columns.uids.push(snapshot.uids[at] as number);
      columns.flags.push(snapshot.flags[at] as number);
      columns.keywords.push(snapshot.keywords?.[at] ?? 0n);
    }
    const added = snapshot.uids.filter((uid) => uid > last);
    this.#pending.push({
      kind: 'messages',
      account: 0 as never,
      folder: snapshot.id,
      modseq: snapshot.highestModSeq,
      added,
      addedFlags: new Uint8Array(added.length),
      changed: Uint32Array.from(columns.uids),
      changedFlags: Uint8Array.from(columns.flags),
      changedKeywords: BigUint64Array.from(columns.keywords),
      expunged: Uint32Array.from(expunged),
      keywordNames: snapshot.keywordNames,
    });
  }

  /** Tells the client what waits, as far as it may be told now. */
  announce(writer: ResponseWriter, options: AnnounceOptions): void {
    const changes = this.#pending;
    if (changes.length > 0) this.#pending = [];
    let uids = this.#uids;
    const before = uids.length;
    for (const change of changes) {
      // What came before the snapshot, or twice, is known already.
      const added = change.added.length === 0 ? change.added : newer(change.added, lastOf(uids));
      if (added.length > 0) uids = appendUids(uids, added);
      if (change.expunged.length > 0) this.#held.push(change.expunged);
    }
    this.#uids = uids;
    const removed = options.mayExpunge && this.#held.length > 0 ? this.#expunge(writer, before) : 0;
    if (this.count > before - removed) this.#tellCount(writer);
    for (const change of changes) {
      if (change.keywordNames !== undefined && this.flagText.learn(change.keywordNames)) this.#tellFlags(writer);
      if (change.changed.length > 0 && this.#mustTell(change, options.origin)) this.#tellChanged(writer, change, options);
      this.#heard = Math.max(this.#heard, change.modseq);
      if (this.#own.length > 0) this.#own = this.#own.filter((own) => own.modseq > change.modseq);
      if (change.modseq > this.modseq && this.#held.length === 0) this.modseq = change.modseq;
    }
  }

  /** Everything but what a command of this session has told already and nobody has contradicted since. */
  #mustTell(change: MessagesChange, origin: string): boolean {
    if (change.origin !== origin) {
      for (const own of this.#own) own.isOvertaken = true;
      return true;
    }
    return this.#own.find((own) => own.modseq >= change.modseq)?.isOvertaken ?? true;
  }

  #tellCount(writer: ResponseWriter): void {
    writer.ascii('* ').number(this.count).ascii(' EXISTS').crlf();
    writer.ascii('* ').number(this.recent).ascii(' RECENT').crlf();
  }

  #tellFlags(writer: ResponseWriter): void {
    writer.ascii('* FLAGS ').ascii(this.flagText.defined()).crlf();
    writer.status('*', 'OK', `PERMANENTFLAGS ${this.flagText.permanent()}`, 'Flags may be made');
  }

  /** `announced`: how many messages the client counts; those that came and went unseen are not told. Returns how many were. */
  #expunge(writer: ResponseWriter, announced: number): number {
    const removed = this.#held.length === 1 ? (this.#held[0] as Uint32Array) : ascending(this.#held);
    this.#held = [];
    let told = 0;
    for (const uid of removed) {
      const index = indexOfUid(this.#uids, uid);
      if (index < 0 || index >= announced) continue;
      // Each EXPUNGE moves the numbers above it down by one.
      writer
        .ascii('* ')
        .number(index + 1 - told)
        .ascii(' EXPUNGE')
        .crlf();
      told++;
    }
    this.#uids = removeUids(this.#uids, removed);
    return told;
  }

  #tellChanged(writer: ResponseWriter, change: MessagesChange, options: AnnounceOptions): void {
    for (let row = 0; row < change.changed.length; row++) {
      const uid = change.changed[row] as number;
      const sequence = this.sequenceOf(uid);
      if (sequence === 0) continue;
      writer.ascii('* ').number(sequence).ascii(' FETCH (');
      if (options.withUid) writer.ascii('UID ').number(uid).ascii(' ');
      if (options.withModSeq) writer.ascii('MODSEQ (').number(change.modseq).ascii(') ');
      const flags = this.flagText.of(change.changedFlags[row] as number, change.changedKeywords?.[row] ?? 0n, this.isRecent(uid));
      writer.ascii('FLAGS ').ascii(flags).ascii(')').crlf();
    }
  }

  /** Leaves only what the client knows, for search results. */
  known(uids: Uint32Array): Uint32Array {
    return uids.length > 0 && indexOfUid(this.#uids, uids[uids.length - 1] as number) < 0
      ? uids.filter((uid) => this.sequenceOf(uid) > 0)
      : uids;
  }
}

function lastOf({ list, length }: UidView): number {
  return length === 0 ? 0 : (list.values[length - 1] as number);
}

function newer(uids: Uint32Array, than: number): Uint32Array {
  let start = 0;
  while (start < uids.length && (uids[start] as number) <= than) start++;
  return start === 0 ? uids : uids.subarray(start);
}

function ascending(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((total, part) => total + part.length, 0));
  let fill = 0;
  for (const part of parts) {
    all.set(part, fill);
    fill += part.length;
  }
  all.sort();
  return all.filter((uid, index) => index === 0 || uid !== all[index - 1]);
}
