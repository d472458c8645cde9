/**
 * The subscriber's end of the change feed, on a protocol, runner or main thread.
 *
 * 1. One feed per store thread and one subscription per account, however many sessions listen to it.
 * 2. When a store thread was replaced, the feed is opened on the new port and every listener gets `resync`.
 * 3. Listeners are called in the order in which they subscribed; one that throws stops no other.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Unavailable } from '../lib/errors.ts';
import type { PortSlot } from '../lib/port-call.ts';
import type { AccountId } from '../wire/ids.ts';
import type { Change, Subscription } from './mailstore.ts';

/** How soon a store thread that went away is looked for again. */
const RETRY_MS = 50;

type Listener = (change: Change) => void;

export class FeedClient {
  readonly #slot: PortSlot;
  readonly #onDefect: (error: unknown) => void;
  readonly #listeners = new Map<AccountId, Set<Listener>>();
  #feedId = '';
  #isRunning = false;
  #isClosed = false;

  constructor(slot: PortSlot, onDefect: (error: unknown) => void) {
    this.#slot = slot;
    this.#onDefect = onDefect;
  }

  subscribe(account: AccountId, listener: Listener): Subscription {
    // A listener of its own, so that the same function may subscribe twice.
    const own: Listener = (change) => listener(change);
    const listeners = this.#listeners.get(account);
    if (listeners !== undefined) {
      listeners.add(own);
    } else {
      this.#listeners.set(account, new Set([own]));
      if (this.#isRunning) this.#ask('subscribe', account);
      else void this.#run();
    }
    return { close: () => this.#close(account, own) };
  }

  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
  }

  #close(account: AccountId, own: Listener): void {
    const listeners = this.#listeners.get(account);
    if (listeners === undefined || !listeners.delete(own) || listeners.size > 0) return;
    this.#listeners.delete(account);
    this.#ask('unsubscribe', account);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let isFirst = true; !this.#isClosed; isFirst = false) {
      try {
        await this.#listen(isFirst);
      } catch (error) {
        if (!(error instanceof Unavailable)) this.#onDefect(error);
      }
      await wait(RETRY_MS, undefined, { ref: false });
    }
  }

  async #listen(isFirst: boolean): Promise<void> {
    this.#feedId = randomUUID();
    const pages = this.#slot.stream<Change[]>('feed', this.#feedId);
    // The stream is asked for before the subscriptions: the port keeps that order.
    let page = pages.next();
    for (const account of this.#listeners.keys()) this.#ask('subscribe', account);
    let mustResync = !isFirst;
    for (;;) {
      const { value, done } = await page;
      if (done === true || this.#isClosed) return;
      if (mustResync) for (const account of [...this.#listeners.keys()]) this.#dispatch({ kind: 'resync', account });
      mustResync = false;
      for (const change of value) this.#dispatch(change);
      page = pages.next();
    }
  }

  #dispatch(change: Change): void {
    for (const listener of this.#listeners.get(change.account) ?? []) {
      try {
        listener(change);
      } catch (error) {
        this.#onDefect(error);
      }
    }
  }

  // A port that is gone forgets its subscriptions: `#listen` asks for all of them on the next one.
  #ask(method: 'subscribe' | 'unsubscribe', account: AccountId): void {
    this.#slot.call<void>(method, this.#feedId, account).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) this.#onDefect(error);
    });
  }
}
