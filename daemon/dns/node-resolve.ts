/**
 * Our resolver in the shape of node's `dns.promises.resolve`, for libraries that take such a function (mailauth).
 *
 * Invariant: the four ways of having no records stay apart as error codes - ENOTFOUND, ENODATA, ESERVFAIL, ETIMEOUT -
 * so that a failing name server never looks like a missing record.
 */
import type { DnsStatus, RecordType } from './answer.ts';
import type { QueryOptions, Resolver } from './resolver.ts';

export type NodeResolve = (name: string, rrtype?: string) => Promise<unknown[]>;

const CODES: Readonly<Record<Exclude<DnsStatus, 'ok'>, string>> = {
  nxdomain: 'ENOTFOUND',
  nodata: 'ENODATA',
  servfail: 'ESERVFAIL',
  bogus: 'ESERVFAIL',
  lame: 'ESERVFAIL',
  malformed: 'EBADRESP',
  refused: 'EREFUSED',
  timeout: 'ETIMEOUT',
};

const TYPES: ReadonlySet<string> = new Set<RecordType>(['A', 'AAAA', 'CNAME', 'NS', 'PTR', 'MX', 'TXT', 'SRV', 'TLSA', 'SOA', 'CAA']);

/** An error as node's own resolver throws it: `code`, `hostname`, `syscall`. */
export class ResolveError extends Error {
  readonly code: string;
  readonly hostname: string;
  readonly syscall: string;

  constructor(code: string, rrtype: string, hostname: string) {
    super(`query${rrtype} ${code} ${hostname}`);
    this.code = code;
    this.hostname = hostname;
    this.syscall = `query${rrtype}`;
  }
}

/**
 * `(name, rrtype = 'A') => Promise<records>`; TXT records are arrays of one string, MX `{exchange, priority}`.
 * @param options bounds each question, for instance by a signal that ends with the message's time.
 */
export function asNodeResolve(resolver: Pick<Resolver, 'query'>, options?: QueryOptions): NodeResolve {
  return async (name, rrtype = 'A') => {
    const type = rrtype.toUpperCase();
    if (!TYPES.has(type)) throw new ResolveError('ENOTIMP', type, name);
    const answer = await resolver.query(name, type as RecordType, options);
    if (answer.status !== 'ok') throw new ResolveError(CODES[answer.status], type, name);
    return answer.records.map((record) => nodeShape(type, record));
  };
}

function nodeShape(type: string, record: unknown): unknown {
  if (type === 'TXT') return [record];
  if (type === 'MX') {
    const { exchange, preference } = record as { exchange: string; preference: number };
    // node writes the root as ''.
    return { exchange: exchange === '.' ? '' : exchange, priority: preference };
  }
  if (type === 'SRV') {
    const { target, ...rest } = record as { target: string };
    return { ...rest, name: target };
  }
  return record;
}
