/**
 * One try of one message for recipients of one domain: host after host until each recipient has an answer.
 *
 * 1. A host that cannot be reached, or breaks off before the message was there, is followed by the next one, at most MAX_HOPS.
 * 2. After the final dot nobody else is asked: the message may have arrived.
 * 3. A 5yz reply to a recipient is final; a 4yz goes to the next host, except for greylisting, which every host of a site shares.
 *
 * Specifications: RFC 5321 §5.1, §4.5.3.1.10, §4.5.4.1; RFC 3461 §5.2.
 */
import type { Readable } from 'node:stream';
import type { ClaimedRecipient } from '../../queue/claim.ts';
import type { QueueReason } from '../../queue/queue.ts';
import { encodeXtext } from '../../wire/smtp/parameters.ts';
import type { RankedHop } from '../route.ts';
import type { HostHealth } from './host-health.ts';
import { openSession, type SessionOptions } from './open-session.ts';
import type { Batch, RecipientOutcome } from './outcome.ts';
import type { PlacesByKey } from './places.ts';
import { deferReason, isFinal, isTooManyRecipients } from './reply-class.ts';
import type { SmtpSession, Transaction } from './session.ts';
import type { SessionCache } from './session-cache.ts';

/** What is tried: `hasUtf8Header` when the header of the message holds more than ASCII (RFC 6532). */
export interface AttemptBatch extends Batch {
  readonly hasUtf8Header: boolean;
}

export interface AttemptTools {
  readonly cache: SessionCache;
  readonly health: HostHealth;
  /** Connections to one address at a time, whatever domains they serve. */
  readonly hostPlaces: PlacesByKey;
  readonly session: () => SessionOptions;
  /** The message; each call gives it anew. */
  readonly body: (batch: Batch) => () => Buffer | Readable;
}

export interface AttemptResult {
  readonly outcomes: readonly RecipientOutcome[];
  /** The destination answered and did not ask for less: it may get more at a time. */
  readonly isHealthy: boolean;
}

const MAX_HOPS = 6;
const MAX_RECIPIENTS = 100;

interface Pending {
  readonly recipient: ClaimedRecipient;
  /** The last temporary answer. */
  last:
    | { readonly reply: string; readonly remote: string; readonly detail: Readonly<Record<string, string>>; readonly reason: QueueReason }
    | undefined;
}

export async function attempt(batch: AttemptBatch, hops: readonly RankedHop[], tools: AttemptTools): Promise<AttemptResult> {
  return new Attempt(batch, tools).run(hops);
}

class Attempt {
  readonly #batch: AttemptBatch;
  readonly #tools: AttemptTools;
  readonly #outcomes: RecipientOutcome[] = [];
  #pending: Pending[];
  #isHealthy = true;
  #tries = 0;
  /** Addresses of a family that this machine has no way to: they cost nothing. */
  #withoutNetwork = 0;
  #restUntilMs = Infinity;
  #unreachable = { reply: '451 4.4.1 No mail server of the domain can be reached', remote: '' };

  constructor(batch: AttemptBatch, tools: AttemptTools) {
    this.#batch = batch;
    this.#tools = tools;
    this.#pending = batch.recipients.map((recipient) => ({ recipient, last: undefined }));
  }

  async run(hops: readonly RankedHop[]): Promise<AttemptResult> {
    const isUrgent = this.#batch.recipients.some(({ urgent }) => urgent);
    for (const hop of this.#preferOpen(hops)) {
      if (this.#pending.length === 0 || this.#tries - this.#withoutNetwork >= MAX_HOPS) break;
      const rest = isUrgent ? undefined : this.#tools.health.resting(hop.address);
      if (rest === undefined) await this.#tryHop(hop);
      else {
        this.#restUntilMs = Math.min(this.#restUntilMs, rest.untilMs);
        this.#unreachable = notReached(hop, rest.words);
      }
    }
    for (const pending of this.#pending) this.#outcomes.push(this.#deferred(pending));
    return { outcomes: this.#outcomes, isHealthy: this.#isHealthy && this.#tries > 0 };
  }

  /** Of equally preferred hosts one with an open connection comes first. */
  #preferOpen(hops: readonly RankedHop[]): readonly RankedHop[] {
    const best = hops[0]?.preference;
    const open = hops.find((hop) => hop.preference === best && this.#tools.cache.has(hop));
    return open === undefined ? hops : [open, ...hops.filter((hop) => hop !== open)];
  }

  async #tryHop(hop: RankedHop): Promise<void> {
    const leave = await this.#tools.hostPlaces.take(hop.address);
    try {
      await this.#sendOver(hop);
    } finally {
      leave();
    }
  }

  async #sendOver(hop: RankedHop): Promise<void> {
    const kept = this.#tools.cache.take(hop);
    if (kept !== undefined && (await this.#use(kept)) !== 'stale') return;
    if (this.#pending.length === 0) return;
    this.#tries += 1;
    const opened = await openSession(hop, this.#tools.session());
    if (opened.kind === 'failed') {
      if (opened.words === 'ENETUNREACH' || opened.words === 'EADDRNOTAVAIL') this.#withoutNetwork += 1;
      else this.#isHealthy = false;
      this.#tools.health.failed(hop.address, opened.reply === '' ? opened.words : opened.reply);
      this.#unreachable = opened.reply.startsWith('4')
        ? { reply: opened.reply, remote: remoteOf(hop) }
        : notReached(hop, opened.reply === '' ? opened.words : `it answered ${opened.reply}`);
      return;
    }
    this.#tools.health.answered(hop.address);
    await this.#use(opened.session);
  }

  /** Sends over the session and gives it back. 'stale': it was closed by the peer while it waited, nothing was tried. */
  async #use(session: SmtpSession): Promise<'used' | 'stale'> {
    const waited = session.messages > 0;
    this.#tries = Math.max(this.#tries, 1);
    let open = this.#pending;
    for (let round = 0; open.length > 0; round++) {
      const part = open.slice(0, MAX_RECIPIENTS);
      const result = await session.send(this.#transaction(part));
      if (result.lost && result.undecided && waited && round === 0) return 'stale';
      const again = this.#note(part, result.replies, session, result.undecided);
      // RFC 5321 §4.5.3.1.10: what was too many for one transaction goes in another one, as long as each brings somebody on.
      const more = again.length < part.length ? again : [];
      open = [...more, ...open.slice(part.length)];
      if (result.lost) break;
    }
    this.#tools.cache.give(session);
    return 'used';
  }

  #transaction(part: readonly Pending[]): Transaction {
    const { message } = this.#batch;
    const { ret, envid } = message;
    return {
      from: message.sender,
      recipients: part.map(({ recipient }) => ({ address: recipient.recipient.address, dsnArguments: dsnArguments(recipient) })),
      sizeBytes: message.sizeBytes,
      eightBit: message.eightBit,
      needsUtf8:
        message.smtpUtf8 &&
        (this.#batch.hasUtf8Header ||
          isBeyondAscii(message.sender) ||
          part.some(({ recipient }) => isBeyondAscii(recipient.recipient.address))),
      dsn: ret === null && envid === null ? undefined : { ...(ret === null ? {} : { ret }), ...(envid === null ? {} : { envid }) },
      body: this.#tools.body(this.#batch),
    };
  }

  /** Takes the answers in; gives those back that were only too many for this transaction. */
  #note(part: readonly Pending[], replies: readonly string[], session: SmtpSession, undecided: boolean): Pending[] {
    const { detail } = session;
    const remote = remoteOf(session.hop);
    const someAccepted = replies.some((reply) => reply.startsWith('2'));
    const again: Pending[] = [];
    const decided = new Set<Pending>();
    part.forEach((pending, n) => {
      const reply = replies[n] ?? '451 4.4.2 No answer';
      const told = { recipient: pending.recipient, reply, remote, detail };
      if (reply.startsWith('2')) {
        this.#outcomes.push({ ...told, kind: 'delivered', noticesPassedOn: session.has('DSN'), isLocal: false, junk: false });
        decided.add(pending);
      } else if (someAccepted && isTooManyRecipients(reply)) {
        again.push(pending);
        pending.last = { reply, remote, detail, reason: 'busy' };
      } else if (isFinal(reply)) {
        this.#outcomes.push({ ...told, kind: 'failed' });
        decided.add(pending);
      } else {
        const reason = undecided ? 'unreachable' : deferReason(reply);
        pending.last = { reply, remote, detail, reason };
        if (reason !== 'greylisted' && reason !== 'full') this.#isHealthy = false;
        if (!undecided && (reason === 'greylisted' || reason === 'full' || reply.startsWith('451 4.4.2'))) {
          this.#outcomes.push(this.#deferred(pending));
          decided.add(pending);
        }
      }
    });
    this.#pending = this.#pending.filter((pending) => !decided.has(pending));
    return again;
  }

  #deferred({ recipient, last }: Pending): RecipientOutcome {
    if (last !== undefined) return { kind: 'deferred', recipient, ...last, notBeforeMs: 0, counts: true };
    const counts = this.#tries > 0;
    const notBeforeMs = counts ? 0 : this.#restUntilMs;
    return { kind: 'deferred', recipient, ...this.#unreachable, detail: {}, reason: 'unreachable', notBeforeMs, counts };
  }
}

/** RFC 3461 §5.2.1: what the sender asked for goes on to a server that knows it. */
function dsnArguments({ recipient }: ClaimedRecipient): string {
  const notify = recipient.notify === undefined ? '' : ` NOTIFY=${recipient.notify.join(',')}`;
  const orcpt = recipient.orcpt;
  if (orcpt === undefined) return notify;
  const [type, ...rest] = orcpt.split(';');
  return `${notify} ORCPT=${type};${encodeXtext(rest.join(';'))}`;
}

function isBeyondAscii(address: string): boolean {
  return /[^\0-\x7f]/.test(address);
}

/** Our own words about a server that took no mail: without a remote, for they are nobody's reply. */
function notReached(hop: RankedHop, words: string): { readonly reply: string; readonly remote: string } {
  return { reply: `451 4.4.1 We could not reach ${remoteOf(hop)}: ${words}`, remote: '' };
}

function remoteOf({ name, address, port }: { readonly name: string; readonly address: string; readonly port: number }): string {
  return `${name} [${address}]:${port}`;
}
