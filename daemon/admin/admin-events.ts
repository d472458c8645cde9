/**
 * What changed, told to whoever listens in this process: the panel's event stream, and main, which tells the protocol
 * threads to end sessions.
 *
 * 1. Published after the commit, in order, never for what was rolled back.
 * 2. A listener that throws does not keep the others from hearing; its error goes to `onDefect`.
 */
import type { AccountId, CustomerId } from '../wire/ids.ts';

export type AdminResource = 'domains' | 'mailboxes' | 'forwarders' | 'settings' | 'tokens' | 'customers' | 'panel-users';

export type AdminEvent =
  | {
      readonly kind: 'changed';
      readonly resource: AdminResource;
      readonly id: string;
      /** Domain, address, key or label. */
      readonly name: string;
      /** Who may hear of it besides the host. */
      readonly customer: CustomerId | null;
      readonly change: 'created' | 'changed' | 'removed';
    }
  /** Sessions of the account end: its credentials changed, it was suspended or removed. */
  | { readonly kind: 'revoked'; readonly account: AccountId }
  /** A panel log-in ended. */
  | { readonly kind: 'session-ended'; readonly session: string };

export class AdminEvents {
  readonly #listeners = new Set<(event: AdminEvent) => void>();
  readonly #onDefect: (error: unknown) => void;

  constructor(onDefect: (error: unknown) => void) {
    this.#onDefect = onDefect;
  }

  /** Answers the function that ends it. */
  listen(listener: (event: AdminEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(event: AdminEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onDefect(error);
      }
    }
  }
}
