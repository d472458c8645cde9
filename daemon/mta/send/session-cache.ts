/**
 * Open connections that wait for the next message to the same address: bounded in number, age and messages.
 * A connection may serve several domains whose MX is the same host.
 */
import type { Hop, SmtpSession } from './session.ts';

const IDLE_MS = 30_000;
const MAX_IDLE = 200;
const MAX_MESSAGES = 100;

export class SessionCache {
  readonly #idle = new Map<string, { readonly session: SmtpSession; readonly timer: NodeJS.Timeout }[]>();
  #count = 0;

  /** An open connection to `hop`, which is the caller's from now on. */
  take(hop: Hop): SmtpSession | undefined {
    const key = keyOf(hop);
    const waiting = this.#idle.get(key);
    while (waiting !== undefined && waiting.length > 0) {
      const entry = waiting.pop();
      this.#count -= 1;
      if (waiting.length === 0) this.#idle.delete(key);
      clearTimeout(entry?.timer);
      if (entry?.session.isUsable === true) return entry.session;
      entry?.session.destroy();
    }
    return undefined;
  }

  has(hop: Hop): boolean {
    return this.#idle.has(keyOf(hop));
  }

  /** Keeps the connection for others, or ends it. */
  give(session: SmtpSession): void {
    if (!session.isUsable || session.messages >= MAX_MESSAGES || this.#count >= MAX_IDLE) return session.close();
    const key = keyOf(session.hop);
    const timer = setTimeout(() => this.#expire(key, session), IDLE_MS);
    timer.unref();
    const waiting = this.#idle.get(key);
    if (waiting === undefined) this.#idle.set(key, [{ session, timer }]);
    else waiting.push({ session, timer });
    this.#count += 1;
  }

  closeAll(): void {
    for (const waiting of this.#idle.values()) {
      for (const { session, timer } of waiting) {
        clearTimeout(timer);
        session.close();
      }
    }
    this.#idle.clear();
    this.#count = 0;
  }

  #expire(key: string, session: SmtpSession): void {
    const waiting = this.#idle.get(key) ?? [];
    const place = waiting.findIndex((entry) => entry.session === session);
    if (place === -1) return;
    waiting.splice(place, 1);
    if (waiting.length === 0) this.#idle.delete(key);
    this.#count -= 1;
    session.close();
  }
}

function keyOf({ name, address, port }: Hop): string {
  return `${name} ${address}:${port}`;
}
