/**
 * SPF for MAIL FROM and HELO (RFC 7208), each answer kept as long as the DNS records behind it.
 *
 * 1. The same (client address, HELO, domain) is evaluated once while its records live, at most 5 minutes, unless the
 *    policy looked at the local part (RFC 7208 §7.2 macros) or something failed temporarily.
 * 2. Loopback and private clients are evaluated like all others: trust is not this file's business.
 */
import { isIP } from 'node:net';
import type { Resolver } from '../dns/resolver.ts';
import type { SpfCheck, SpfResult } from './analysis.ts';
import { LookUps } from './look-ups.ts';
import type { MailauthParts } from './mailauth-parts.ts';
import { TimedCache } from './timed-cache.ts';

const NOT_ASKED: SpfCheck = { result: 'none', domain: '' };
const RESULTS: ReadonlySet<string> = new Set<SpfResult>(['pass', 'fail', 'softfail', 'neutral', 'none', 'temperror', 'permerror']);

export interface SpfQuestion {
  readonly clientAddress: string;
  readonly helo: string;
  /** `local@domain`, '' to check the HELO identity (RFC 7208 §2.3, §2.4). */
  readonly sender: string;
}

export class SpfChecker {
  readonly #parts: () => MailauthParts;
  readonly #resolver: Resolver;
  readonly #hostname: string;
  readonly #now: () => number;
  readonly #kept = new TimedCache<SpfCheck>(10_000);

  constructor(parts: () => MailauthParts, resolver: Resolver, hostname: string, now: () => number) {
    this.#parts = parts;
    this.#resolver = resolver;
    this.#hostname = hostname;
    this.#now = now;
  }

  /** Never rejects; a kept answer comes without waiting. */
  check(question: SpfQuestion, endsAtMs: number): SpfCheck | Promise<SpfCheck> {
    const domain = question.sender === '' ? question.helo : question.sender.slice(question.sender.lastIndexOf('@') + 1);
    const key = `${question.sender === '' ? 'h' : 'm'} ${question.clientAddress} ${question.helo} ${domain}`;
    const kept = this.#kept.get(key, this.#now());
    if (kept !== undefined) return kept;
    // RFC 7208 §2.3: an address literal or a bare label as HELO cannot be checked.
    if (domain === '' || domain.startsWith('[') || !domain.includes('.') || isIP(domain) !== 0) return NOT_ASKED;
    return this.#evaluate(question, domain, { key, endsAtMs });
  }

  async #evaluate(question: SpfQuestion, domain: string, kept: { key: string; endsAtMs: number }): Promise<SpfCheck> {
    const lookUps = new LookUps(this.#resolver, kept.endsAtMs, this.#now);
    const { status } = await this.#parts().spf({
      sender: question.sender,
      ip: question.clientAddress,
      helo: question.helo,
      mta: this.#hostname,
      resolver: lookUps.resolve,
      maxElapsedTime: Math.max(1, kept.endsAtMs - this.#now()),
      strict: true,
    });
    const check: SpfCheck = { result: RESULTS.has(status.result) ? (status.result as SpfResult) : 'permerror', domain };
    // In strict mode the whole sender is reported exactly when the record's macros used its local part.
    const reported = status.smtp?.['mailfrom'];
    const usedLocalPart = typeof reported === 'string' && reported.includes('@');
    if (!usedLocalPart && lookUps.keepForS > 0 && check.result !== 'temperror') {
      this.#kept.set(kept.key, check, this.#now() + lookUps.keepForS * 1_000);
    }
    return check;
  }
}
