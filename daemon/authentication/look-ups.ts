/**
 * DNS as one message's checks may use it: within their time, and noting for how long what they learnt stays true.
 *
 * 1. After `endsAtMs` every question fails as a time-out at once, so a long chain of look-ups ends by itself.
 * 2. `keepForS` is the smallest TTL seen, 0 as soon as one question failed temporarily: such results are not kept.
 */

import { isTemporary } from '../dns/answer.ts';
import { asNodeResolve, type NodeResolve, ResolveError } from '../dns/node-resolve.ts';
import type { Resolver } from '../dns/resolver.ts';

const KEEP_MAX_S = 300;
/** An answer about nothing (NXDOMAIN) may come without a TTL of its own. */
const KEEP_NEGATIVE_S = 60;

export class LookUps {
  readonly resolve: NodeResolve;
  #keepForS = KEEP_MAX_S;

  constructor(resolver: Resolver, endsAtMs: number, now: () => number) {
    const query: Resolver['query'] = async (name, type, options) => {
      const answer = await resolver.query(name, type, options);
      const ttl = isTemporary(answer) ? 0 : answer.status === 'ok' ? answer.ttl : Math.max(answer.ttl, KEEP_NEGATIVE_S);
      if (ttl < this.#keepForS) this.#keepForS = ttl;
      return answer;
    };
    // Only `query` is called by the adapter.
    const noting = asNodeResolve({ query } as Resolver);
    this.resolve = (name, rrtype = 'A') => {
      if (now() < endsAtMs) return noting(name, rrtype);
      this.#keepForS = 0;
      return Promise.reject(new ResolveError('ETIMEOUT', rrtype, name));
    };
  }

  get keepForS(): number {
    return this.#keepForS;
  }
}
