/**
 * From the outcomes of one try to what is kept of it: who leaves the queue, who waits until when, which DSNs go out, what
 * tracking tells. Decides and builds; does nothing.
 *
 * 1. A deferral after the lifetime of the message is a failure (RFC 5321 §4.5.4.1).
 * 2. A delay is told once a recipient.
 * 3. `bounced` in tracking means that the sender is told, `failed` that nobody is.
 * 4. A forward that fails is told of the address it led to, which is what was tried; the forwarder stands in the detail.
 */
import type { SettledRetry, Settlement } from '../../queue/claim.ts';
import type { NewQueueMessage, QueueRecipient } from '../../queue/queue.ts';
import type { TrackingEvent, TrackingEventKind } from '../../tracking/tracking.ts';
import type { AccountId, Address, CustomerId } from '../../wire/ids.ts';
import type { Batch, RecipientOutcome } from './outcome.ts';
import { isReported, type Reportable, reportMessage } from './report.ts';
import { type RetrySettings, retryWait } from './retry-schedule.ts';

export interface ConcludeContext {
  readonly hostname: string;
  readonly nowMs: number;
  readonly retry: RetrySettings;
  readonly random: () => number;
  readonly addressees: (sender: Address) => readonly QueueRecipient[];
  readonly customerOf: (account: AccountId) => CustomerId | null;
}

export interface Conclusion {
  readonly settlement: Settlement;
  readonly reports: readonly NewQueueMessage[];
  readonly events: readonly TrackingEvent[];
}

export function conclude(batch: Batch, outcomes: readonly RecipientOutcome[], original: Buffer, context: ConcludeContext): Conclusion {
  return new Concluding(batch, context).run(outcomes, original);
}

class Concluding {
  readonly #batch: Batch;
  readonly #context: ConcludeContext;
  readonly #done: number[] = [];
  readonly #retry: SettledRetry[] = [];
  readonly #told: Reportable[] = [];
  readonly #events: TrackingEvent[] = [];
  #hold: string | undefined;

  constructor(batch: Batch, context: ConcludeContext) {
    this.#batch = batch;
    this.#context = context;
  }

  run(outcomes: readonly RecipientOutcome[], original: Buffer): Conclusion {
    for (const outcome of outcomes) this.#take(outcome);
    const { message } = this.#batch;
    const until = message.receivedAtMs + this.#context.retry.lifetimeMs;
    const reports: NewQueueMessage[] = [];
    for (const action of ['failed', 'delayed', 'delivered', 'relayed'] as const) {
      const told = this.#told.filter((each) => each.action === action);
      const report = reportMessage(message, told, original, { ...this.#context, retryUntilMs: until });
      if (report !== undefined) reports.push(report);
    }
    const settlement = {
      seq: message.seq,
      done: this.#done,
      retry: this.#retry,
      ...(this.#hold === undefined ? {} : { hold: this.#hold }),
    };
    return { settlement, reports, events: this.#events };
  }

  #take(outcome: RecipientOutcome): void {
    switch (outcome.kind) {
      case 'delivered':
        return this.#delivered(outcome);
      case 'discarded':
        this.#done.push(outcome.recipient.number);
        return this.#event(outcome, 'discarded');
      case 'failed':
        return this.#failed(outcome, outcome.reply);
      case 'deferred':
        return this.#deferred(outcome);
      case 'held':
        this.#hold = outcome.reply;
        this.#retry.push({ ...this.#again(outcome.recipient.number), nextAttemptMs: this.#context.nowMs });
    }
  }

  #delivered(outcome: Extract<RecipientOutcome, { kind: 'delivered' }>): void {
    this.#done.push(outcome.recipient.number);
    this.#event(outcome, outcome.junk ? 'junked' : 'delivered');
    // RFC 3461 §5.2.2 and §5.2.3: final delivery is ours to tell, a relay only when the next server will not.
    const action = outcome.isLocal ? 'delivered' : 'relayed';
    if (!outcome.noticesPassedOn && isReported(this.#batch.message, outcome.recipient, action)) this.#report(outcome, action);
  }

  #failed(outcome: RecipientOutcome, reply: string): void {
    this.#done.push(outcome.recipient.number);
    const { message } = this.#batch;
    // A report needs a place to go to as well: the sender of a forward may lead back to an address that is gone.
    const isTold =
      message.sender !== '' && isReported(message, outcome.recipient, 'failed') && this.#context.addressees(message.sender).length > 0;
    this.#event({ ...outcome, reply }, isTold ? 'bounced' : 'failed');
    if (isTold) this.#report({ ...outcome, reply }, 'failed');
  }

  #deferred(outcome: Extract<RecipientOutcome, { kind: 'deferred' }>): void {
    const { nowMs, retry, random } = this.#context;
    const ageMs = nowMs - this.#batch.message.receivedAtMs;
    if (ageMs >= retry.lifetimeMs) {
      // RFC 3463 §3.5: 4.7, delivery time expired.
      return this.#failed(
        outcome,
        outcome.counts ? outcome.reply.replace(/^4\d\d (?:4\.\d+\.\d+ )?/, '554 5.4.7 Given up: ') : '554 5.4.7 Given up',
      );
    }
    const { recipient } = outcome;
    const failures = recipient.attempts + (outcome.counts ? 1 : 0);
    const wait = retryWait(retry, Math.max(1, failures), outcome.reason, random());
    const nextAttemptMs = Math.trunc(Math.max(nowMs + wait, outcome.notBeforeMs + random() * 10_000));
    this.#event(outcome, 'deferred', nextAttemptMs);
    const isNoticeDue = !recipient.delayTold && ageMs >= retry.noticeMs && isReported(this.#batch.message, recipient, 'delayed');
    if (isNoticeDue) {
      this.#report(outcome, 'delayed');
      this.#event(outcome, 'delayed');
    }
    const { reason, reply, counts } = outcome;
    this.#retry.push({ number: recipient.number, nextAttemptMs, reason, reply, counts, delayTold: recipient.delayTold || isNoticeDue });
  }

  #again(number: number): SettledRetry {
    return { number, nextAttemptMs: 0, reason: 'held', reply: '', delayTold: false, counts: false };
  }

  #report(outcome: RecipientOutcome, action: Reportable['action']): void {
    const { recipient, reply, remote } = outcome;
    this.#told.push({ recipient, action, reply, remote });
  }

  #event(outcome: RecipientOutcome, kind: TrackingEventKind, nextAttemptMs?: number): void {
    const { message } = this.#batch;
    const { recipient } = outcome.recipient;
    const isLostForward = message.origin === 'forward' && (kind === 'bounced' || kind === 'failed');
    const about = isLostForward ? recipient.address : recipient.original;
    const otherAddress = isLostForward ? { forwarder: recipient.original } : { address: recipient.address };
    const common = {
      message: message.id,
      atMs: this.#context.nowMs,
      kind,
      sender: message.sender,
      recipient: about,
      subject: message.subject,
      messageId: message.messageId,
      sizeBytes: message.sizeBytes,
      remote: outcome.remote,
      reply: outcome.reply,
      detail: recipient.address === recipient.original ? outcome.detail : { ...outcome.detail, ...otherAddress },
      ...(nextAttemptMs === undefined ? {} : { nextAttemptMs }),
    };
    const { destination } = recipient;
    const submitter = message.account;
    if (destination.kind === 'remote') {
      this.#events.push({ ...common, direction: 'out', account: submitter, customer: message.customer });
      return;
    }
    const direction = message.origin === 'mx' || message.origin === 'forward' ? 'in' : 'local';
    this.#events.push({ ...common, direction, account: destination.account, customer: this.#context.customerOf(destination.account) });
    // Who sent it sees what became of it; the recipient's owner sees what came in.
    if (submitter !== null && submitter !== destination.account) {
      this.#events.push({ ...common, direction: 'out', account: submitter, customer: message.customer });
    }
  }
}
