/**
 * What a reply says about the question: the CNAME chain is walked inside the reply, the records at its end are picked.
 *
 * Invariants: 1. only records whose owner is on the chain count, whatever else the server put in; 2. a chain that
 * returns to a name already passed is the zone's fault and ends as 'servfail'.
 *
 * Specifications: RFC 1034 §3.6.2 (CNAME), RFC 2308 §2 (NXDOMAIN, NODATA), RFC 8914 §4 (extended errors).
 */
import type { DnsStatus } from './answer.ts';
import type { Reply, ReplyRecord } from './packet.ts';

export type Reading =
  | {
      readonly kind: 'answer';
      readonly name: string;
      readonly passed: readonly string[];
      readonly ttl: number;
      readonly records: readonly unknown[];
    }
  | {
      readonly kind: 'none';
      readonly status: Exclude<DnsStatus, 'ok'>;
      readonly name: string;
      readonly passed: readonly string[];
      readonly ttl: number;
    }
  /** The chain leaves what this server told: the rest is to be asked for. */
  | { readonly kind: 'chase'; readonly name: string; readonly passed: readonly string[]; readonly ttl: number };

export const MAX_CNAMES = 8;

const NOERROR = 0;
const SERVFAIL = 2;
const NXDOMAIN = 3;
/** RFC 8914 §4.7-§4.13: DNSSEC Bogus to NSEC Missing. */
const EDE_BOGUS_FIRST = 6;
const EDE_BOGUS_LAST = 12;

/** Reads the reply to (name, type); `maxTtl` bounds what it gives as ttl when it holds nothing. */
export function interpret(reply: Reply, name: string, type: string): Reading {
  if (reply.rcode !== NOERROR && reply.rcode !== NXDOMAIN) {
    return { kind: 'none', status: failure(reply), name, passed: [], ttl: 0 };
  }
  const passed: string[] = [];
  let current = name;
  let ttl = Number.POSITIVE_INFINITY;
  for (;;) {
    const records = recordsOf(reply.answers, current, type);
    if (records.length > 0) {
      for (const record of records) ttl = Math.min(ttl, record.ttl);
      return { kind: 'answer', name: current, passed, ttl, records: records.map((record) => record.data) };
    }
    const alias = type === 'CNAME' ? undefined : recordsOf(reply.answers, current, 'CNAME')[0];
    if (alias === undefined) break;
    passed.push(current);
    ttl = Math.min(ttl, alias.ttl);
    current = alias.data as string;
    if (passed.includes(current) || passed.length > MAX_CNAMES) return { kind: 'none', status: 'servfail', name: current, passed, ttl };
  }
  return withoutRecords(reply, { name: current, passed, ttl });
}

function withoutRecords(reply: Reply, at: { name: string; passed: readonly string[]; ttl: number }): Reading {
  const negativeTtl = Math.min(at.ttl, negativeTtlOf(reply));
  if (reply.rcode === NXDOMAIN) return { kind: 'none', status: 'nxdomain', ...at, ttl: negativeTtl };
  // RFC 2308 §2.2: a "no" from the zone of the chain's end carries its SOA; without it only the chain was told.
  if (at.passed.length > 0 && reply.soa === undefined) return { kind: 'chase', ...at };
  // RFC 2308 §2.2.1: NS without SOA is a referral, not a "no".
  if (reply.soa === undefined && reply.delegates && !reply.authoritative) return { kind: 'none', status: 'lame', ...at, ttl: 0 };
  return { kind: 'none', status: 'nodata', ...at, ttl: negativeTtl };
}

function negativeTtlOf(reply: Reply): number {
  const soa = reply.soa;
  // RFC 2308 §5: the smaller of the SOA's own TTL and its minimum field.
  return soa === undefined ? 0 : Math.min(soa.ttl, (soa.data as { minimum: number }).minimum);
}

function failure(reply: Reply): 'servfail' | 'bogus' | 'refused' {
  if (reply.rcode !== SERVFAIL) return 'refused';
  const extended = reply.extendedError ?? -1;
  return extended >= EDE_BOGUS_FIRST && extended <= EDE_BOGUS_LAST ? 'bogus' : 'servfail';
}

function recordsOf(answers: readonly ReplyRecord[], name: string, type: string): ReplyRecord[] {
  return answers.filter((record) => record.type === type && record.name === name);
}
