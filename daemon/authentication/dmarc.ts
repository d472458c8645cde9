/**
 * DMARC (RFC 9989): who the author domain is, what its record asks for, and whether SPF or DKIM speak for it.
 *
 * 1. With the same author domain and the same passing identities the answer is the same: it is kept while its records
 *    live, at most 5 minutes.
 * 2. Zero, several or unreadable author domains give `none` with a reason (RFC 9989 §5.3.1), never `pass`.
 */

import type { Resolver } from '../dns/resolver.ts';
import { parseDomain } from '../wire/address/domain.ts';
import { listedMailboxes, parseAddressList } from '../wire/address/header-list.ts';
import type { Domain } from '../wire/ids.ts';
import type { DmarcCheck, DmarcPolicy, DmarcResult } from './analysis.ts';
import { fieldsNamed, fieldText, type HeaderBlock } from './header-fields.ts';
import { LookUps } from './look-ups.ts';
import type { MailauthParts } from './mailauth-parts.ts';
import { TimedCache } from './timed-cache.ts';

const RESULTS: ReadonlySet<string> = new Set<DmarcResult>(['pass', 'fail', 'none', 'temperror', 'permerror']);
const MAX_AUTHORS = 100;

/** What From says. */
export interface Author {
  readonly fields: number;
  readonly addresses: readonly string[];
  /** The one domain of all authors, undefined otherwise. */
  readonly domain: Domain | undefined;
}

/** Reads the From field(s); several mailboxes of one domain have that domain. */
export function readAuthor(header: HeaderBlock): Author {
  const fields = fieldsNamed(header, 'from');
  const addresses = fields.flatMap((field) => listedMailboxes(parseAddressList(fieldText(header, field, 16_384), MAX_AUTHORS)));
  const domains = new Set(addresses.map((address) => parseDomain(address.slice(address.lastIndexOf('@') + 1))));
  const only = domains.size === 1 && fields.length === 1 ? domains.values().next().value : undefined;
  return { fields: fields.length, addresses, domain: only };
}

export interface PassingIdentities {
  /** The MAIL FROM (or HELO, for the null sender) domain when SPF passed, else ''. */
  readonly spfDomain: string;
  readonly dkim: readonly { readonly domain: string; readonly underSized?: number }[];
}

export class DmarcChecker {
  readonly #parts: () => MailauthParts;
  readonly #resolver: Resolver;
  readonly #now: () => number;
  readonly #kept = new TimedCache<DmarcCheck>(10_000);

  constructor(parts: () => MailauthParts, resolver: Resolver, now: () => number) {
    this.#parts = parts;
    this.#resolver = resolver;
    this.#now = now;
  }

  /** Never rejects; a kept answer comes without waiting. */
  check(author: Author, passing: PassingIdentities, endsAtMs: number): DmarcCheck | Promise<DmarcCheck> {
    if (author.domain === undefined) {
      const reason = author.fields === 0 ? 'no From field' : author.fields > 1 ? 'several From fields' : 'no single author domain';
      return { result: 'none', policy: 'none', domain: '', reason };
    }
    const dkimDomains = passing.dkim.map((signature) => signature.domain).join(' ');
    const key = `${author.domain} ${passing.spfDomain} ${dkimDomains}`;
    return this.#kept.get(key, this.#now()) ?? this.#evaluate({ ...author, domain: author.domain }, passing, { key, endsAtMs });
  }

  async #evaluate(
    author: Author & { domain: Domain },
    passing: PassingIdentities,
    kept: { key: string; endsAtMs: number },
  ): Promise<DmarcCheck> {
    const lookUps = new LookUps(this.#resolver, kept.endsAtMs, this.#now);
    const { response, reason } = await this.#parts().evaluateDmarc({
      headerFrom: [`author@${author.domain}`],
      fromFields: 1,
      spfDomains: passing.spfDomain === '' ? [] : [passing.spfDomain],
      dkimDomains: passing.dkim,
      resolver: lookUps.resolve,
      strict: true,
    });
    if (response === false) return { result: 'none', policy: 'none', domain: '', reason: reason ?? 'no author domain' };
    const check: DmarcCheck = {
      result: RESULTS.has(response.status.result) ? (response.status.result as DmarcResult) : 'permerror',
      policy: toPolicy(response.policy),
      domain: author.domain,
      reason: '',
    };
    if (lookUps.keepForS > 0 && check.result !== 'temperror') {
      this.#kept.set(kept.key, check, this.#now() + lookUps.keepForS * 1_000);
    }
    return check;
  }
}

function toPolicy(policy: string | undefined): DmarcPolicy {
  return policy === 'reject' || policy === 'quarantine' ? policy : 'none';
}
