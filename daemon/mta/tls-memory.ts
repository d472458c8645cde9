/**
 * Opportunistic TLS towards other servers (RFC 3207, RFC 7435): any encryption is better than none, a handshake that
 * fails is followed by a connection in clear, and that is remembered so the next message does not try in vain.
 *
 * 1. Certificates are verified and the result is told in tracking, but without a policy of the receiver nothing hangs on it.
 * 2. Sessions are not resumed: a resumed one shows no certificate.
 */
import { createSecureContext, type SecureContext } from 'node:tls';

const REMEMBER_MS = 3_600_000;
const MAX_REMEMBERED = 10_000;

export class TlsMemory {
  readonly #now: () => number;
  readonly #broken = new Map<string, { readonly untilMs: number; readonly why: string }>();
  #context: SecureContext | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** One for all connections: the root certificates are read once. */
  get context(): SecureContext {
    // RFC 7435 §3: an old protocol or cipher still keeps listeners out, refusing it would mean clear text.
    this.#context ??= createSecureContext({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    return this.#context;
  }

  /** Why TLS is not tried with this address for now. */
  broken(address: string): string | undefined {
    const known = this.#broken.get(address);
    if (known === undefined) return undefined;
    if (known.untilMs > this.#now()) return known.why;
    this.#broken.delete(address);
    return undefined;
  }

  noteBroken(address: string, why: string): void {
    if (this.#broken.size >= MAX_REMEMBERED) {
      const oldest = this.#broken.keys().next().value;
      if (oldest !== undefined) this.#broken.delete(oldest);
    }
    this.#broken.set(address, { untilMs: this.#now() + REMEMBER_MS, why });
  }
}
