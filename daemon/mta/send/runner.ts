/**
 * The runner thread's work: takes due recipients from the queue, delivers them here or to other servers, keeps what became
 * of them. A thread of its own beside the protocol threads (decisions/0002-runner-thread.md).
 *
 * 1. At most MAX_IN_HAND recipients and MAX_BYTES of bodies are in hand, counted apart for our mailboxes and for other
 *    servers, so that slow servers never hold up local mail; more is claimed only as these go.
 * 2. Every recipient that was claimed gets an outcome; a defect defers it and is logged, it never loses or bounces mail.
 * 3. After `close` nothing new begins; what runs on until the deadline is kept, the rest is due again at the next start.
 */
import { isAscii } from 'node:buffer';
import { Unavailable } from '../../lib/errors.ts';
import type { ClaimedMessage, ClaimedRecipient, ClaimScope, RunnerQueue } from '../../queue/claim.ts';
import type { NewQueueMessage } from '../../queue/queue.ts';
import { createRunnerQueue } from '../../queue/queue-client.ts';
import type { NextHops } from '../route.ts';
import { TlsMemory } from '../tls-memory.ts';
import { addressees } from './addressees.ts';
import { type AttemptTools, attempt } from './attempt.ts';
import { type Conclusion, conclude } from './conclude.ts';
import { Destination, type DestinationTools } from './destination.ts';
import { HostHealth } from './host-health.ts';
import { deliverHere, rerouteHere } from './local.ts';
import { MessageBodies } from './message-body.ts';
import type { SessionOptions } from './open-session.ts';
import { outboundRoutes } from './outbound-routes.ts';
import type { Batch, RecipientOutcome } from './outcome.ts';
import { Places, PlacesByKey } from './places.ts';
import { type RunnerContext, retrySettings } from './runner-context.ts';
import { DEFAULT_LIMITS } from './session.ts';
import { SessionCache } from './session-cache.ts';
import { Settler } from './settler.ts';
import { loadSmtpClient, type SmtpClientClass } from './smtp-client.ts';

export interface Runner {
  start(): void;
  /** Ends by `deadlineMs` from now. */
  close(deadlineMs: number): Promise<void>;
}

const MAX_IN_HAND = { local: 500, remote: 4_000 } as const;
const MAX_BYTES = { local: 16 << 20, remote: 48 << 20 } as const;
const MAX_CLAIM = 256;
const MIN_CLAIM = 32;
const MAX_CONNECTIONS = 200;
const MAX_HOST_CONNECTIONS = 20;
const MAX_DESTINATIONS = 5_000;
const PAUSE_MS = 250;
const DEFECT_MS = 5 * 60_000;
const REATTACH_MS = 30_000;

export function createRunner(context: RunnerContext): Runner {
  return new QueueRunner(context);
}

class QueueRunner implements Runner {
  readonly #context: RunnerContext;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #queue: RunnerQueue;
  readonly #bodies: MessageBodies;
  readonly #settler: Settler;
  readonly #cache = new SessionCache();
  readonly #health: HostHealth;
  readonly #tls: TlsMemory;
  readonly #destinations = new Map<string, Destination>();
  readonly #destinationTools: DestinationTools;
  readonly #attemptTools: AttemptTools;
  readonly #places = new Places(MAX_CONNECTIONS);
  readonly #stop = new AbortController();
  #Client: SmtpClientClass | undefined;
  readonly #bytes = { local: 0, remote: 0 };
  readonly #wakes: (() => void)[] = [];

  constructor(context: RunnerContext) {
    this.#context = context;
    this.#now = context.now ?? Date.now;
    this.#random = context.random ?? Math.random;
    this.#queue = createRunnerQueue(context.ledger);
    this.#bodies = new MessageBodies(this.#queue);
    this.#health = new HostHealth(this.#now);
    this.#tls = new TlsMemory(this.#now);
    this.#settler = new Settler({
      queue: this.#queue,
      onSettled: () => this.#wake(),
      onDefect: (error) => this.#settleDefect(error),
    });
    this.#attemptTools = {
      cache: this.#cache,
      health: this.#health,
      hostPlaces: new PlacesByKey(MAX_HOST_CONNECTIONS),
      session: () => this.#sessionOptions(),
      body: (batch) => () => this.#bodies.source(batch.message),
    };
    this.#destinationTools = this.#makeDestinationTools();
  }

  start(): void {
    void this.#run();
  }

  async close(deadlineMs: number): Promise<void> {
    this.#stop.abort();
    this.#wake();
    // Ends the open claims: what comes due from now on is for the next runner.
    void this.#queue.attach().catch(() => undefined);
    const timer = new AbortController();
    const late = new Promise<void>((resolve) => {
      const handle = setTimeout(resolve, deadlineMs);
      timer.signal.addEventListener('abort', () => clearTimeout(handle));
    });
    await Promise.race([this.#settler.whenIdle(), late]);
    timer.abort();
    this.#settler.stop();
    this.#cache.closeAll();
    await Promise.race([this.#context.tracking.flush(), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  }

  /** Attaches, then claims both scopes until it is stopped; a ledger that restarts is waited for. */
  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#queue.attach();
        await this.#claimBoth();
      } catch (error) {
        if (error instanceof Unavailable) this.#context.log.info({}, 'runner.ledger-away');
        else this.#context.log.error({ err: error }, 'runner.claim');
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** Ends when both loops have ended: two loops of one scope would take the claim from each other for ever. */
  async #claimBoth(): Promise<void> {
    const over = new AbortController();
    const until = async (scope: ClaimScope): Promise<void> => {
      try {
        await this.#claim(scope, AbortSignal.any([over.signal, this.#stop.signal]));
      } finally {
        over.abort();
        this.#wake();
        // The other loop's open claim is answered by this; a ledger that is gone has rejected it.
        await this.#queue.attach().catch(() => undefined);
      }
    };
    const ends = await Promise.allSettled([until('local'), until('remote')]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #claim(scope: ClaimScope, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const room = Math.min(MAX_CLAIM, MAX_IN_HAND[scope] - this.#settler.inHand(scope));
      if (room < MIN_CLAIM) {
        await new Promise<void>((resolve) => this.#wakes.push(resolve));
        continue;
      }
      const bytes = Math.max(0, MAX_BYTES[scope] - this.#bytes[scope]);
      for (const message of await this.#queue.claim({ scope, recipients: room, bytes })) this.#accept(message);
    }
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  #accept(claimed: ClaimedMessage): void {
    // What comes after the stop stays claimed and is due again with the next runner.
    if (this.#stop.signal.aborted) return;
    const message = this.#settler.take(claimed);
    if (message === undefined) return;
    this.#bytes[scopeOf(message)] += message.body?.byteLength ?? 0;
    const given = message.recipients.filter(({ giveUp }) => giveUp);
    const rest = message.recipients.filter(({ giveUp }) => !giveUp);
    if (given.length > 0)
      void this.#finish(
        { message, recipients: given },
        given.map((recipient) => outcomeOf(recipient, 'failed', '554 5.7.0 Returned by the administrator')),
      );
    if (rest.length === 0) return;
    const batch = { message, recipients: rest };
    const suspended =
      message.origin === 'submission' &&
      message.account !== null &&
      this.#context.directory.account(message.account)?.suspendedOut === true;
    if (suspended)
      void this.#finish(
        batch,
        rest.map((recipient) => outcomeOf(recipient, 'held', 'Sending is suspended for this mailbox')),
      );
    else if (message.lane === '') void this.#deliverHere(batch);
    else this.#destination(message.lane).add(batch);
  }

  async #deliverHere(batch: Batch): Promise<void> {
    try {
      await this.#bodies.whole(batch.message, async (body) => {
        const outcomes = await Promise.all(
          batch.recipients.map((recipient) => deliverHere(batch.message, recipient, body, this.#context.deliverLocal)),
        );
        await this.#finish(batch, outcomes);
      });
    } catch (error) {
      this.#broken(batch, error);
    }
  }

  #destination(domain: string): Destination {
    let destination = this.#destinations.get(domain);
    if (destination === undefined) {
      destination = new Destination(domain, this.#destinationTools);
      this.#destinations.set(domain, destination);
    }
    return destination;
  }

  #makeDestinationTools(): DestinationTools {
    const { directory } = this.#context;
    return {
      now: this.#now,
      maximum: () => directory.setting<number>('mailOut.connectionsPerDestination'),
      route: outboundRoutes(this.#context, this.#random),
      attempt: async (batch, { hops }) => attempt({ ...batch, hasUtf8Header: await this.#hasUtf8Header(batch) }, hops, this.#attemptTools),
      unroutable: (batch, why) => void this.#unroutable(batch, why),
      concluded: (batch, { outcomes }) => void this.#finish(batch, outcomes),
      broken: (batch, error) => this.#broken(batch, error),
      place: () => this.#places.take(),
      idle: (domain) => {
        if (this.#destinations.size > MAX_DESTINATIONS) this.#destinations.delete(domain);
      },
    };
  }

  /** RFC 6531 §3.4: a client may say SMTPUTF8 without need; then the message is sent without it. */
  async #hasUtf8Header({ message }: Batch): Promise<boolean> {
    if (!message.smtpUtf8) return false;
    const head = await this.#bodies.head(message);
    const end = head.indexOf('\r\n\r\n');
    return !isAscii(end === -1 ? head : head.subarray(0, end));
  }

  async #unroutable(batch: Batch, why: Exclude<NextHops, { kind: 'hops' }>): Promise<void> {
    if (why.kind === 'local') return this.#reroute(batch);
    const outcomes = batch.recipients.map((recipient) =>
      why.kind === 'undeliverable'
        ? outcomeOf(recipient, 'failed', why.reply)
        : {
            ...outcomeOf(recipient, 'deferred', why.reply),
            kind: 'deferred' as const,
            reason: 'dns' as const,
            notBeforeMs: 0,
            counts: true,
          },
    );
    await this.#finish(batch, outcomes);
  }

  /** The domain came to this server while the message waited: it goes on as a message for our mailboxes. */
  async #reroute(batch: Batch): Promise<void> {
    try {
      await this.#bodies.whole(batch.message, async (body) => {
        const { outcomes, message } = rerouteHere(batch, body, this.#context.directory);
        await this.#finish(batch, outcomes, message === undefined ? [] : [message]);
      });
    } catch (error) {
      this.#broken(batch, error);
    }
  }

  async #finish(batch: Batch, outcomes: readonly RecipientOutcome[], puts: readonly NewQueueMessage[] = []): Promise<void> {
    try {
      const isQuiet = outcomes.every(({ kind, recipient }) => kind === 'delivered' && recipient.recipient.notify === undefined);
      const head = isQuiet ? Buffer.alloc(0) : await this.#bodies.head(batch.message);
      this.#keep(batch, this.#conclude(batch, outcomes, head), puts);
    } catch (error) {
      this.#broken(batch, error);
    }
  }

  #conclude(batch: Batch, outcomes: readonly RecipientOutcome[], head: Buffer): Conclusion {
    const { hostname, directory, reverseSender } = this.#context;
    return conclude(batch, outcomes, head, {
      hostname,
      nowMs: this.#now(),
      retry: retrySettings(directory),
      random: this.#random,
      addressees: (sender) => addressees({ directory, reverseSender }, sender),
      customerOf: (account) => directory.account(account)?.customer ?? null,
    });
  }

  #keep({ message, recipients }: Batch, { settlement, reports, events }: Conclusion, puts: readonly NewQueueMessage[]): void {
    this.#settler.settle(message.lane, settlement, puts.length === 0 ? reports : [...reports, ...puts]);
    for (const event of events) {
      this.#context.tracking.record(event);
      const { kind, recipient, remote, reply } = event;
      this.#context.log.info({ queue: message.id, recipient, remote, reply }, `recipient.${kind}`);
    }
    if (message.body !== null)
      this.#bytes[scopeOf(message)] -= Math.trunc((message.body.byteLength * recipients.length) / message.recipients.length);
    this.#wake();
  }

  /** Invariant 2: a defect of ours defers. */
  #broken(batch: Batch, error: unknown): void {
    this.#context.log.error({ err: error, queue: batch.message.id }, 'runner.defect');
    const reply = '451 4.3.0 Something went wrong on this server';
    const retry = batch.recipients.map(({ number, delayTold }) => ({
      number,
      nextAttemptMs: this.#now() + DEFECT_MS,
      reason: 'local' as const,
      reply,
      delayTold,
      counts: true,
    }));
    this.#keep(batch, { settlement: { seq: batch.message.seq, done: [], retry }, reports: [], events: [] }, []);
  }

  #settleDefect(error: unknown): void {
    this.#context.log.error({ err: error }, 'runner.settle');
    // The ledger answers the open claims with nothing then, and offers again what was not kept.
    setTimeout(() => void this.#queue.attach().catch(() => undefined), REATTACH_MS).unref();
  }

  #sessionOptions(): SessionOptions {
    this.#Client ??= loadSmtpClient();
    return { Client: this.#Client, hostname: this.#context.hostname, tls: this.#tls, limits: this.#context.limits ?? DEFAULT_LIMITS };
  }
}

function outcomeOf<K extends 'failed' | 'held' | 'deferred'>(recipient: ClaimedRecipient, kind: K, reply: string) {
  return { kind, recipient, reply, remote: '', detail: {} };
}

function scopeOf({ lane }: ClaimedMessage): ClaimScope {
  return lane === '' ? 'local' : 'remote';
}
