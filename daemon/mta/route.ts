/**
 * From a destination domain to the addresses that are tried for it, in order, or to the words for why there are none.
 * The look-ups are daemon/dns/route.ts; here its union becomes what the sender acts upon.
 *
 * 1. Only what DNS says for certain is final; every other trouble is temporary (never a bounce for SERVFAIL).
 *
 * Specifications: RFC 5321 §5.1, RFC 7505 §4 (556 5.1.10), RFC 3463 §3.2.
 */

import type { Resolver } from '../dns/resolver.ts';
import { type MailRoute, mailRoute, type OwnHost, type RouteOptions } from '../dns/route.ts';
import type { Hop } from './send/session.ts';

export interface RankedHop extends Hop {
  readonly preference: number;
}

export type NextHops =
  | { readonly kind: 'hops'; readonly hops: readonly RankedHop[]; readonly ttlMs: number }
  /** Final: `reply` is told to the sender. */
  | { readonly kind: 'undeliverable'; readonly reply: string }
  | { readonly kind: 'temporary'; readonly reply: string }
  /** Hosted here by now: nothing leaves the machine. */
  | { readonly kind: 'local' };

export type FindNextHops = (domain: string) => Promise<NextHops>;

/** Look-ups for `port` (25 unless configured). */
export function nextHopFinder(resolver: Resolver, own: OwnHost, options: RouteOptions & { readonly port: number }): FindNextHops {
  return async (domain) => toNextHops(await mailRoute(resolver, domain, own, options), domain, options.port);
}

export function toNextHops(route: MailRoute, domain: string, port: number): NextHops {
  switch (route.kind) {
    case 'hosts': {
      const hops = route.hosts.flatMap(({ name, addresses, preference }) =>
        addresses.map((address) => ({ name: name.startsWith('[') ? address : name, address, preference, port })),
      );
      return { kind: 'hops', hops, ttlMs: route.ttl * 1000 };
    }
    case 'nullMx':
      // RFC 7505 §4.2
      return { kind: 'undeliverable', reply: `556 5.1.10 ${domain} does not accept mail (null MX)` };
    case 'noSuchDomain':
      return { kind: 'undeliverable', reply: `550 5.1.2 There is no domain ${domain}` };
    case 'noUsableHost':
      return route.reason === 'privateAddress'
        ? { kind: 'undeliverable', reply: `550 5.4.4 The mail servers of ${domain} have private addresses only` }
        : { kind: 'undeliverable', reply: `550 5.4.4 ${domain} has no mail server with an address` };
    case 'loopsToSelf':
      return { kind: 'undeliverable', reply: `554 5.4.6 Mail for ${domain} is led to this server (${route.name}), which does not host it` };
    case 'temporary':
      return { kind: 'temporary', reply: `451 4.4.3 DNS gave no answer for ${route.question}: ${route.status}` };
  }
}
