/**
 * Hands conclusions to the ledger in groups, again and again until they are kept.
 *
 * 1. What is in hand (`inHand`) is tried by nobody else: claims that a restarted ledger makes once more are ignored until
 *    the outcome is kept, so a ledger's restart doubles no delivery.
 * 2. A settlement that the ledger refuses for a defect is given up after its log line; its recipients come back by `attach`.
 */
import { Unavailable } from '../../lib/errors.ts';
import type { ClaimedMessage, ClaimedRecipient, ClaimScope, RunnerQueue, Settlement } from '../../queue/claim.ts';
import type { NewQueueMessage } from '../../queue/queue.ts';

export interface SettlerOptions {
  readonly queue: RunnerQueue;
  /** Numbers in hand became fewer. */
  readonly onSettled: () => void;
  readonly onDefect: (error: unknown) => void;
}

interface Entry {
  readonly scope: ClaimScope;
  readonly settlement: Settlement;
  readonly puts: readonly NewQueueMessage[];
}

const PAUSE_MS = 200;
const MAX_GROUP = 200;

export class Settler {
  readonly #options: SettlerOptions;
  readonly #inHand = new Map<number, Set<number>>();
  readonly #counts = { local: 0, remote: 0 };
  #waiting: Entry[] = [];
  #singles = 0;
  #isSending = false;
  #isStopped = false;
  #idle: (() => void)[] = [];

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Recipients in hand. */
  inHand(scope: ClaimScope): number {
    return this.#counts[scope];
  }

  /** Takes the recipients of a claim that are not in hand already; undefined when all are. */
  take(message: ClaimedMessage): ClaimedMessage | undefined {
    let numbers = this.#inHand.get(message.seq);
    const fresh: ClaimedRecipient[] =
      numbers === undefined ? [...message.recipients] : message.recipients.filter(({ number }) => numbers?.has(number) !== true);
    if (fresh.length === 0) return undefined;
    if (numbers === undefined) this.#inHand.set(message.seq, (numbers = new Set()));
    for (const { number } of fresh) numbers.add(number);
    this.#counts[scopeOf(message.lane)] += fresh.length;
    return fresh.length === message.recipients.length ? message : { ...message, recipients: fresh };
  }

  settle(lane: string, settlement: Settlement, puts: readonly NewQueueMessage[]): void {
    this.#waiting.push({ scope: scopeOf(lane), settlement, puts });
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => void this.#send());
  }

  /** Resolves when nothing is in hand. */
  whenIdle(): Promise<void> {
    return this.#isBusy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** No more tries; what is not kept by now is due again at the next start. */
  stop(): void {
    this.#isStopped = true;
  }

  get #isBusy(): boolean {
    return this.#counts.local + this.#counts.remote > 0;
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isStopped) {
      const group = this.#waiting.splice(0, this.#singles > 0 ? 1 : MAX_GROUP);
      this.#singles = Math.max(0, this.#singles - 1);
      try {
        await this.#options.queue.settle(
          group.map(({ settlement }) => settlement),
          group.flatMap(({ puts }) => puts),
        );
        this.#release(group);
      } catch (error) {
        if (error instanceof Unavailable) {
          this.#waiting.unshift(...group);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        } else if (group.length > 1) {
          // One of them is at fault: each goes alone.
          this.#waiting.unshift(...group);
          this.#singles = group.length;
        } else {
          this.#options.onDefect(error);
          this.#release(group);
        }
      }
    }
    this.#isSending = false;
  }

  #release(group: readonly Entry[]): void {
    for (const { settlement, scope } of group) {
      const numbers = this.#inHand.get(settlement.seq);
      if (numbers === undefined) continue;
      for (const number of settlement.done) this.#counts[scope] -= Number(numbers.delete(number));
      for (const { number } of settlement.retry) this.#counts[scope] -= Number(numbers.delete(number));
      if (numbers.size === 0) this.#inHand.delete(settlement.seq);
    }
    this.#options.onSettled();
    if (this.#isBusy) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function scopeOf(lane: string): ClaimScope {
  return lane === '' ? 'local' : 'remote';
}
