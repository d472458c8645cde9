/**
 * Hands due recipients to the runner: owns the lanes, the messages that were put a moment ago, and the claim that waits.
 * Part of the queue server (queue-server.ts), on the ledger thread; it reads rows and never writes one.
 *
 * 1. Bodies that wait for their claim in memory are at most FRESH_BYTES and FRESH_MESSAGES; what is above is read again
 *    from the file.
 * 2. One claim a scope waits at a time; a later one, or a new runner, answers it with nothing.
 */
import { transferring } from '../lib/port-call.ts';
import { CLAIM_BODY_BYTES, type ClaimedMessage, type ClaimLimits, type ClaimScope } from './claim.ts';
import { type LaneLimits, Lanes, type ReadyGroup } from './lanes.ts';
import type { NewQueueMessage, QueueId } from './queue.ts';
import { laneOf, type MessageFields, type QueueStore } from './queue-store.ts';

export type IdentifiedMessage = NewQueueMessage & { readonly id: QueueId };

const FRESH_BYTES = 32 << 20;
const FRESH_MESSAGES = 5_000;
const FRESH_RECIPIENTS = 1_000;
const LONGEST_SLEEP_MS = 60_000;

/** A message that was put a moment ago, kept until its recipients are claimed. */
interface Fresh {
  readonly fields: MessageFields;
  readonly body: Uint8Array;
  unclaimed: number;
}

interface Waiting {
  readonly limits: ClaimLimits;
  readonly resolve: (messages: readonly ClaimedMessage[]) => void;
}

export class ClaimDesk {
  readonly lanes: Lanes<Fresh>;
  readonly #store: QueueStore;
  readonly #now: () => number;
  #freshBytes = 0;
  #freshCount = 0;
  readonly #waiting = new Map<ClaimScope, Waiting>();
  #wakeTimer: NodeJS.Timeout | undefined;
  #wakeAt = Infinity;
  #closed = false;

  constructor(store: QueueStore, now: () => number, limits: LaneLimits) {
    this.#store = store;
    this.#now = now;
    this.lanes = new Lanes<Fresh>(store, limits, (group) => this.#used(group));
    for (const { lane, at } of store.lanes()) this.lanes.due(lane, at);
  }

  get isWanted(): boolean {
    return this.#waiting.size > 0;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#wakeTimer);
    this.#dismissAll();
  }

  attach(): void {
    this.#dismissAll();
    this.lanes.releaseAll(this.#now());
  }

  claim(limits: ClaimLimits): Promise<readonly ClaimedMessage[]> {
    this.#waiting.get(limits.scope)?.resolve([]);
    return new Promise((resolve) => {
      this.#waiting.set(limits.scope, { limits, resolve });
      this.serve();
    });
  }

  /** A message that was committed just now and is due at once. */
  admit(seq: number, message: IdentifiedMessage): void {
    const { body, recipients } = message;
    const size = body.byteLength;
    const hasRoom = this.#freshBytes + size <= FRESH_BYTES && this.#freshCount < FRESH_MESSAGES;
    if (!hasRoom || size > CLAIM_BODY_BYTES || recipients.length > FRESH_RECIPIENTS) {
      for (const lane of new Set(recipients.map(laneOf))) this.lanes.due(lane, this.#now());
      return;
    }
    const fresh: Fresh = { fields: fieldsOf(seq, message), body, unclaimed: recipients.length };
    this.#freshBytes += size;
    this.#freshCount += 1;
    const byLane = new Map<string, ReadyGroup<Fresh>>();
    recipients.forEach((recipient, number) => {
      const lane = laneOf(recipient);
      let group = byLane.get(lane);
      if (group === undefined) byLane.set(lane, (group = { seq, message: fresh, recipients: [] }));
      group.recipients.push({ number, recipient, attempts: 0, delayTold: false, urgent: false, giveUp: false });
    });
    for (const [lane, group] of byLane) this.lanes.add(lane, group);
  }

  /** Answers the claims that wait, as far as something is due for them. */
  serve(): void {
    if (this.#closed) return;
    const nowMs = this.#now();
    for (const waiting of this.#waiting.values()) this.#answer(waiting, nowMs);
    if (this.#waiting.size > 0) this.#sleep(nowMs);
  }

  #answer({ limits, resolve }: Waiting, nowMs: number): void {
    const claims = this.lanes.claim(nowMs, limits.scope, limits.recipients);
    if (claims.length === 0) return;
    this.#waiting.delete(limits.scope);
    const answer: ClaimedMessage[] = [];
    const transfers: ArrayBuffer[] = [];
    let bytes = limits.bytes;
    for (const { lane, group } of claims) {
      const { fields, body } = this.#read(group, bytes);
      if (fields === undefined) {
        for (const { number } of group.recipients) this.lanes.settle(group.seq, number, undefined);
        continue;
      }
      bytes -= body?.byteLength ?? 0;
      if (body !== null && body.byteLength > 0) transfers.push(body.buffer as ArrayBuffer);
      answer.push({ ...fields, lane, body, recipients: group.recipients });
    }
    resolve(transferring(answer, transfers));
  }

  #dismissAll(): void {
    for (const { resolve } of this.#waiting.values()) resolve([]);
    this.#waiting.clear();
  }

  /** The fields and, when it is small and there is room, the body in a buffer of its own. */
  #read(group: ReadyGroup<Fresh>, room: number): { fields: MessageFields | undefined; body: Uint8Array | null } {
    const fresh = group.message;
    if (fresh !== undefined) {
      if (!this.#used(group)) return { fields: fresh.fields, body: fresh.body.slice() };
      const whole = fresh.body.byteLength === fresh.body.buffer.byteLength;
      return { fields: fresh.fields, body: whole ? fresh.body : fresh.body.slice() };
    }
    const row = this.#store.message(group.seq);
    if (row === undefined) return { fields: undefined, body: null };
    const { held: _held, ...fields } = row;
    if (fields.sizeBytes > CLAIM_BODY_BYTES || fields.sizeBytes > room) return { fields, body: null };
    const part = this.#store.bodyPart(group.seq, 0);
    return { fields, body: part === undefined ? null : part.byteLength === part.buffer.byteLength ? part : part.slice() };
  }

  /** These recipients need the kept message no more. True when nobody does. */
  #used({ message, recipients }: ReadyGroup<Fresh>): boolean {
    if (message === undefined) return true;
    message.unclaimed -= recipients.length;
    if (message.unclaimed > 0) return false;
    this.#freshBytes -= message.body.byteLength;
    this.#freshCount -= 1;
    return true;
  }

  #sleep(nowMs: number): void {
    const wakeMs = this.lanes.nextWakeMs();
    if (wakeMs === undefined || wakeMs >= this.#wakeAt) return;
    this.#wakeAt = wakeMs;
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = setTimeout(
      () => {
        this.#wakeAt = Infinity;
        this.serve();
      },
      Math.min(Math.max(wakeMs - nowMs, 0), LONGEST_SLEEP_MS),
    );
  }
}

function fieldsOf(seq: number, message: IdentifiedMessage): MessageFields {
  const { id, sender, account, customer, origin, vouched, smtpUtf8, eightBit, receivedAtMs, subject, messageId } = message;
  const sizeBytes = message.body.byteLength;
  const { envid = null, ret = null } = message;
  return {
    seq,
    id,
    sender,
    account,
    customer,
    origin,
    vouched,
    smtpUtf8,
    eightBit,
    envid,
    ret,
    receivedAtMs,
    subject,
    messageId,
    sizeBytes,
  };
}
