/**
 * What open panels are told as it happens: follows the use cases' events, the checker, queue and tracking once for all
 * streams, and hands each stream what its actor may know.
 *
 * 1. The ledger is followed only while somebody listens; when it restarts, it is followed again a second later.
 * 2. Others than the host hear of what belongs to their customers, mailbox users of their own mailbox.
 * 3. A stream ends with its session, with any token revoked (if opened by token), and after STREAM_MAX_MS: the browser
 *    comes back and is looked at anew.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Actor, isHost } from '../admin/actor.ts';
import type { AdminEvent } from '../admin/admin-events.ts';
import { domainByName } from '../directory/records/domains.ts';
import { isKnownError } from '../lib/errors.ts';
import type { QueueSummary } from '../queue/queue.ts';
import type { Counters, TrackingEvent, TrackingPulse } from '../tracking/tracking.ts';
import type { HttpContext } from './context.ts';
import type { LiveEvent } from './contract/api.ts';
import { maySee, messageOfEvents } from './ledger-views.ts';
import type { LiveStream } from './live-stream.ts';

const STREAMS_MAX = 1_000;
const STREAMS_PER_LOGIN = 12;
const HEARTBEAT_MS = 20_000;
const STREAM_MAX_MS = 15 * 60_000;
const RETRY_MS = 1_000;
const MESSAGES_PER_PULSE = 50;
const STORIES_MAX = 1_000;
const STORY_EVENTS_MAX = 50;

type Counts = Omit<Counters, 'startMs'>;

export class LiveFeed {
  readonly #context: HttpContext;
  readonly #streams = new Set<LiveStream>();
  /** Recent messages with their events, so that a row that changes is told whole. */
  readonly #stories = new Map<string, TrackingEvent[]>();
  readonly #stops: (() => void)[];
  readonly #closing = new AbortController();
  readonly #open = new Set<AsyncIterator<unknown>>();
  #heartbeat: NodeJS.Timeout | undefined;
  #isSummarising = false;

  constructor(context: HttpContext) {
    this.#context = context;
    this.#stops = [
      context.admin.events.listen((event) => this.#hearAdmin(event)),
      context.checker.onChecked((domain) => this.#hearChecked(domain)),
    ];
  }

  /** False when there are too many streams, or too many of this log-in. */
  add(stream: LiveStream): boolean {
    const same = [...this.#streams].filter((other) => other.key === stream.key).length;
    if (this.#closing.signal.aborted || this.#streams.size >= STREAMS_MAX || same >= STREAMS_PER_LOGIN) return false;
    this.#streams.add(stream);
    stream.onEnd(() => this.#streams.delete(stream));
    if (this.#heartbeat === undefined) this.#start();
    return true;
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#heartbeat);
    for (const stop of this.#stops) stop();
    for (const stream of [...this.#streams]) stream.end();
    for (const iterator of this.#open) void iterator.return?.();
  }

  #start(): void {
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    const { tracking, queue } = this.#context;
    void this.#follow(
      () => tracking.watch(),
      (pulse) => this.#hearPulse(pulse),
    );
    void this.#follow(
      () => queue.watch(),
      (summary) => this.#hearQueue(summary),
    );
  }

  #beat(): void {
    const oldest = this.#context.now() - STREAM_MAX_MS;
    for (const stream of [...this.#streams]) {
      if (stream.openedMs < oldest) stream.end();
      else stream.beat();
    }
  }

  async #follow<T>(open: () => AsyncIterable<T>, hear: (item: T) => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const iterator = open()[Symbol.asyncIterator]();
        this.#open.add(iterator);
        for (let step = await iterator.next(); step.done !== true && !signal.aborted; step = await iterator.next()) hear(step.value);
        this.#open.delete(iterator);
      } catch (error) {
        if (!isKnownError(error)) this.#context.log.error({ err: error }, 'live-feed-defect');
      }
      await pause(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #hearAdmin(event: AdminEvent): void {
    if (event.kind === 'session-ended') this.#endWhere((stream) => stream.session === event.session);
    else if (event.kind === 'revoked') this.#endWhere(({ actor }) => actor.kind === 'account' && actor.id === event.account);
    else if (event.resource !== 'panel-users') {
      const { kind, resource, id, change, customer } = event;
      const told: LiveEvent = { kind, resource, id, change };
      for (const stream of this.#streams) if (mayHear(this.#context, stream.actor, { resource, id, customer })) stream.tell(told);
      if (resource === 'tokens' && change === 'removed') this.#endWhere((stream) => stream.session === undefined);
    }
  }

  #hearChecked(domain: string): void {
    const { db } = this.#context.admin.control;
    const customer = domainByName(db, domain)?.customerId ?? null;
    for (const stream of this.#streams) if (maySee(db, stream.actor, customer)) stream.tell({ kind: 'checked', domain });
  }

  #hearPulse({ events, counted }: TrackingPulse): void {
    for (const event of events) this.#remember(event);
    const { db } = this.#context.admin.control;
    const changed = [...new Set(events.map((event) => event.message))].slice(-MESSAGES_PER_PULSE);
    for (const stream of this.#streams) {
      if (stream.actor.kind === 'account') continue;
      const visible = isHost(stream.actor) ? events : events.filter((event) => maySee(db, stream.actor, event.customer));
      const counts = isHost(stream.actor) ? counted : countOf(visible);
      if (Object.values(counts).some((count) => count > 0)) stream.tell({ kind: 'counters', ...counts });
      for (const id of changed) {
        const story = (this.#stories.get(id) ?? []).filter((event) => maySee(db, stream.actor, event.customer));
        if (story.length > 0 && visible.some((event) => event.message === id))
          stream.tell({ kind: 'message', message: messageOfEvents(story) });
      }
    }
  }

  #hearQueue(summary: QueueSummary): void {
    for (const stream of this.#streams) if (isHost(stream.actor)) stream.tell(queueEvent(summary));
    void this.#tellOwnQueues();
  }

  /** Each customer who listens is told of its own part; while one round runs, further ones are left out. */
  async #tellOwnQueues(): Promise<void> {
    const others = [...this.#streams].filter(({ actor }) => !isHost(actor) && actor.kind !== 'account' && actor.customer !== null);
    if (others.length === 0 || this.#isSummarising) return;
    this.#isSummarising = true;
    try {
      for (const customer of new Set(others.map(({ actor }) => actor.customer))) {
        if (customer === null) continue;
        const own = queueEvent(await this.#context.queue.summary(customer));
        for (const stream of others) if (stream.actor.customer === customer) stream.tell(own);
      }
    } catch (error) {
      if (!isKnownError(error)) this.#context.log.error({ err: error }, 'live-feed-defect');
    } finally {
      this.#isSummarising = false;
    }
  }

  #remember(event: TrackingEvent): void {
    const story = this.#stories.get(event.message) ?? [];
    this.#stories.delete(event.message);
    if (story.length < STORY_EVENTS_MAX) story.push(event);
    else story[STORY_EVENTS_MAX - 1] = event;
    this.#stories.set(event.message, story);
    const [oldest] = this.#stories.keys();
    if (this.#stories.size > STORIES_MAX && oldest !== undefined) this.#stories.delete(oldest);
  }

  #endWhere(fits: (stream: LiveStream) => boolean): void {
    for (const stream of [...this.#streams]) if (fits(stream)) stream.end();
  }
}

function mayHear(
  context: HttpContext,
  actor: Actor,
  { resource, id, customer }: { resource: string; id: string; customer: number | null },
): boolean {
  if (actor.kind === 'account') return resource === 'mailboxes' && id === String(actor.id);
  return maySee(context.admin.control.db, actor, customer);
}

/** The oldest one's time tells one message from the next: a queue that emptied and filled between two looks is news. */
function queueEvent({ messages, recipients, held, oldestMs }: QueueSummary): LiveEvent {
  const oldestAt = oldestMs === null ? null : new Date(oldestMs).toISOString();
  return { kind: 'queue', messages, recipients, held, oldestAt };
}

/** As tracking counts: what is sent out, delivered here, turned away, came back. */
function countOf(events: readonly TrackingEvent[]): Counts {
  const counts = { delivered: 0, turnedAway: 0, sent: 0, cameBack: 0 };
  for (const { kind, direction } of events) {
    if (kind === 'delivered' && direction === 'out') counts.sent += 1;
    else if (kind === 'delivered' || kind === 'junked') counts.delivered += 1;
    else if (kind === 'refused') counts.turnedAway += 1;
    else if (kind === 'bounced' || kind === 'failed') counts.cameBack += 1;
  }
  return counts;
}
