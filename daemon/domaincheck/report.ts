/**
 * What a domain check says: findings in the panel's and the command line's common shape, the ways of mail as rows, and the
 * nine stations of the health line.
 *
 * Invariants:
 * 1. `level` is 'fail' only for what stops or diverts mail, 'warn' for what makes others distrust it, 'hint' for what is
 *    optional, 'unknown' when nobody could be asked; a finding never guesses.
 * 2. `fix` is the whole record as it must stand in the zone, or null when no record of this domain helps.
 * 3. The ids are listed in README.md beside this file; (id, subject) is unique in a report.
 */
import type { DnsAnswer, DnsStatus } from '../dns/answer.ts';

export type Level = 'ok' | 'hint' | 'warn' | 'fail' | 'unknown';

export type FindingId =
  | 'domain-exists'
  | 'nameservers-answer'
  | 'nameservers-agree'
  | 'resolver-agrees'
  | 'mx-present'
  | 'mx-here'
  | 'mx-others'
  | 'mx-target'
  | 'spf'
  | 'spf-addresses'
  | 'spf-lookups'
  | 'dkim'
  | 'dmarc'
  | 'ptr'
  | 'autoconfig'
  | 'autodiscover'
  | 'srv';

/** A record as it is typed into a zone; `name` and names in `value` are absolute, names in `value` end in a dot. */
export interface RecordText {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface Finding {
  readonly id: FindingId;
  /** Which of several: a selector, an address, a host, a service; '' when there is only one. */
  readonly subject: string;
  readonly level: Level;
  /** What to do, or what is good, in words that a baker knows. */
  readonly title: string;
  readonly found: string;
  readonly expected: string;
  readonly fix: RecordText | null;
  /** One sentence: why it matters. */
  readonly why: string;
  /** `address:port` of every server that was asked. */
  readonly asked: readonly string[];
}

/** One host that senders try, in the order in which they do. */
export interface MxRow {
  /** 'First', 'Second', ... ; hosts of equal preference share the word. */
  readonly order: string;
  readonly preference: number;
  readonly host: string;
  readonly addresses: readonly string[];
  readonly here: boolean;
  readonly state: 'ok' | 'hint' | 'warn' | 'fail' | 'unknown';
  readonly word: string;
  readonly sentence: string;
}

export type StationState = 'ok' | 'info' | 'warn' | 'fail' | 'wait' | 'off';

export interface Station {
  readonly id: 'name' | 'mx' | 'port25' | 'tls' | 'spf' | 'dkim' | 'dmarc' | 'blocklists' | 'autoconfig';
  readonly leg: 'in' | 'out' | 'people';
  readonly state: StationState;
  readonly name: string;
  readonly word: string;
  readonly technical: string;
  /** The id of the finding that decides the state, or null when there is none. */
  readonly finding: FindingId | null;
}

export interface DomainReport {
  readonly domain: string;
  /** Does mail for the domain come here? null: it could not be told. */
  readonly delivers: boolean | null;
  /** RFC 3339, UTC. */
  readonly checked_at: string;
  /** One sentence: what is the case. */
  readonly headline: string;
  readonly findings: readonly Finding[];
  readonly mx: readonly MxRow[];
  readonly line: readonly Station[];
}

const RANK: Readonly<Record<Level, number>> = { ok: 0, hint: 1, unknown: 2, warn: 3, fail: 4 };

/** The worst of some findings, or undefined when there are none. */
export function worst(findings: readonly Finding[]): Finding | undefined {
  let result: Finding | undefined;
  for (const finding of findings) {
    if (result === undefined || RANK[finding.level] > RANK[result.level]) result = finding;
  }
  return result;
}

const STATUS_WORDS: Readonly<Record<DnsStatus, string>> = {
  ok: 'found',
  nodata: 'no such record',
  nxdomain: 'no such name',
  servfail: 'the name server failed (SERVFAIL)',
  bogus: 'the answer does not pass DNSSEC validation',
  refused: 'the name server refuses to answer (REFUSED)',
  timeout: 'no answer in time',
  malformed: 'the answer cannot be read',
  lame: 'the name server does not know the domain',
};

/** What came back instead of records, in words. */
export function statusText(answer: DnsAnswer<unknown>): string {
  return STATUS_WORDS[answer.status];
}

/** A list for people: `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
