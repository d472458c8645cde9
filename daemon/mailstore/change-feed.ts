/**
 * The store thread's end of the change feed: who listens to which account, and what waits for them.
 *
 * 1. A feed is one stream per client port; its accounts come and go by `subscribe` and `unsubscribe`.
 * 2. Changes are published after their commit, in order, and leave together at the end of the turn.
 * 3. At most 1,000 Changes wait in a feed; beyond that they are dropped and each of its accounts gets one `resync`.
 * 4. Listening costs no open file.
 */
import type { AccountId } from '../wire/ids.ts';
import type { Change } from './mailstore.ts';

const MAX_WAITING = 1000;

class Feed {
  readonly accounts = new Set<AccountId>();
  #waiting: Change[] = [];
  #overflowed = false;
  #wake: (() => void) | undefined;

  push(change: Change): void {
    if (this.#overflowed) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#waiting = [];
      this.#overflowed = true;
    } else {
      this.#waiting.push(change);
    }
    this.#wake?.();
  }

  async *pages(): AsyncGenerator<Change[]> {
    for (;;) {
      if (this.#overflowed) {
        this.#overflowed = false;
        for (const account of this.accounts) this.#waiting.push({ kind: 'resync', account });
      }
      if (this.#waiting.length > 0) {
        const page = this.#waiting;
        this.#waiting = [];
        yield page;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}

export class ChangeFeeds {
  readonly #feeds = new Map<string, Feed>();
  readonly #listeners = new Map<AccountId, Set<Feed>>();

  /** The stream of one client; `id` is its own, unguessed but unique. Ends with the stream's reader. */
  async *open(id: string): AsyncGenerator<Change[]> {
    const feed = new Feed();
    this.#feeds.set(id, feed);
    try {
      // The first page says that subscriptions are heard from here on.
      yield [];
      yield* feed.pages();
    } finally {
      for (const account of feed.accounts) this.#drop(feed, account);
      this.#feeds.delete(id);
    }
  }

  subscribe(id: string, account: AccountId): void {
    const feed = this.#feeds.get(id);
    if (feed === undefined) return;
    feed.accounts.add(account);
    let listeners = this.#listeners.get(account);
    if (listeners === undefined) this.#listeners.set(account, (listeners = new Set()));
    listeners.add(feed);
  }

  unsubscribe(id: string, account: AccountId): void {
    const feed = this.#feeds.get(id);
    if (feed === undefined) return;
    feed.accounts.delete(account);
    this.#drop(feed, account);
  }

  isHeard(account: AccountId): boolean {
    return this.#listeners.has(account);
  }

  publish(change: Change): void {
    for (const feed of this.#listeners.get(change.account) ?? []) feed.push(change);
  }

  publishAll(changes: readonly Change[]): void {
    for (const change of changes) this.publish(change);
  }

  #drop(feed: Feed, account: AccountId): void {
    const listeners = this.#listeners.get(account);
    listeners?.delete(feed);
    if (listeners?.size === 0) this.#listeners.delete(account);
  }
}
