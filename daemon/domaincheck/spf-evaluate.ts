/**
 * Follows an SPF record through all its includes and tells, for each of our addresses, what a receiver would conclude,
 * and how much of the look-up budget the record uses.
 *
 * Unlike a receiver it does not stop at the first match: the budget that counts is that of the worst sender.
 * Invariants: 1. at most 40 look-ups and 10 levels, whatever the records say; 2. a failing name server gives 'temperror'
 * for what depends on it, never 'fail'.
 *
 * Specifications: RFC 7208 §4.6.4 (10 look-ups, 2 void), §5 (mechanisms), §6.1 (redirect), §7 (macros, without
 * transformers of the HELO name: the sender is taken to be postmaster at the domain).
 */
import { BlockList, isIPv4 } from 'node:net';
import { type DnsAnswer, isTemporary } from '../dns/answer.ts';
import { reverseName } from '../dns/names.ts';
import type { Inquiry } from './inquiry.ts';
import { serversOf } from './inquiry.ts';
import { isSpf, type Mechanism, parseSpf } from './spf-record.ts';

export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'permerror' | 'temperror';

export interface SpfReport {
  /** Of the domain's own record; undefined when it has none, or several. */
  readonly record: string | undefined;
  readonly count: number;
  /** What a receiver concludes about each address asked for. */
  readonly results: ReadonlyMap<string, SpfResult>;
  readonly lookups: number;
  readonly voids: number;
  /** What is wrong with the record or one that it includes, in words. */
  readonly problems: readonly string[];
  readonly temporary: boolean;
  readonly asked: readonly string[];
}

export const MAX_LOOKUPS = 10;
export const MAX_VOIDS = 2;
const HARD_LOOKUPS = 40;
const MAX_DEPTH = 10;

const RESULTS = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const;

/** Evaluates the SPF record of `domain` for `addresses`. */
export async function evaluateSpf(domain: string, addresses: readonly string[], inquiry: Inquiry): Promise<SpfReport> {
  const answer = await inquiry.query(domain, 'TXT');
  const records = answer.records.filter(isSpf);
  const walk = new SpfWalk(inquiry, addresses);
  const root = { count: records.length, record: records.length === 1 ? records[0] : undefined };
  if (root.record === undefined) {
    // RFC 7208 §4.5: several records are a permanent error, none is "none".
    const result = isTemporary(answer) ? 'temperror' : records.length > 1 ? 'permerror' : 'none';
    const results = new Map(addresses.map((address) => [address, result] as const));
    return { ...root, results, lookups: 0, voids: 0, problems: [], temporary: isTemporary(answer), asked: serversOf(answer) };
  }
  const results = await walk.evaluate(root.record, domain, 0);
  return {
    ...root,
    results: new Map(addresses.map((address, i) => [address, results[i] ?? 'neutral'])),
    lookups: walk.lookups,
    voids: walk.voids,
    problems: walk.problems,
    temporary: walk.temporary,
    asked: serversOf(answer),
  };
}

type Match = 'yes' | 'no' | 'permerror' | 'temperror';

class SpfWalk {
  readonly #inquiry: Inquiry;
  readonly #addresses: readonly string[];
  readonly problems: string[] = [];
  lookups = 0;
  voids = 0;
  temporary = false;

  constructor(inquiry: Inquiry, addresses: readonly string[]) {
    this.#inquiry = inquiry;
    this.#addresses = addresses;
  }

  /** The result of one record for each address. */
  async evaluate(text: string, domain: string, depth: number): Promise<SpfResult[]> {
    const parsed = parseSpf(text);
    if (parsed.kind === 'error') {
      this.problems.push(`"${parsed.term}" in the record of ${domain} cannot be read`);
      return this.#all('permerror');
    }
    const results: (SpfResult | undefined)[] = this.#addresses.map(() => undefined);
    for (const mechanism of parsed.record.mechanisms) {
      const matches = await this.#match(mechanism, domain, depth);
      for (const [i, match] of matches.entries()) {
        if (results[i] !== undefined || match === 'no') continue;
        results[i] = match === 'yes' ? RESULTS[mechanism.qualifier] : match;
      }
    }
    const { redirect, mechanisms } = parsed.record;
    // RFC 7208 §6.1: "all" makes redirect meaningless.
    if (redirect === undefined || mechanisms.some((each) => each.kind === 'all')) return results.map((result) => result ?? 'neutral');
    const beyond = await this.#included(redirect, domain, depth);
    return results.map((result, i) => result ?? notNone(beyond[i]));
  }

  #all<T>(value: T): T[] {
    return this.#addresses.map(() => value);
  }

  async #match(mechanism: Mechanism, domain: string, depth: number): Promise<Match[]> {
    switch (mechanism.kind) {
      case 'all':
        return this.#all('yes');
      case 'ip4':
      case 'ip6':
        return this.#within([mechanism.target], mechanism);
      case 'include':
        // RFC 7208 §5.2: only a pass of the included record matches; none is a permanent error.
        return (await this.#included(mechanism.target, domain, depth)).map(includeMatch);
      case 'a':
        return this.#matchHosts([this.#expand(mechanism.target, domain, '') || domain], mechanism, true);
      case 'mx':
        return this.#matchMx(mechanism, domain);
      case 'exists':
        return this.#matchExists(mechanism, domain);
      case 'ptr':
        // RFC 7208 §5.5: not to be used; it counts, and we never claim to match it.
        this.lookups++;
        this.problems.push(`"${mechanism.text}" should not be used any more`);
        return this.#all('no');
    }
  }

  async #included(target: string, domain: string, depth: number): Promise<SpfResult[]> {
    const name = this.#expand(target, domain, this.#addresses[0] ?? '');
    if (!this.#spend() || depth >= MAX_DEPTH) return this.#all('permerror');
    const answer = await this.#inquiry.query(name, 'TXT');
    if (this.#isLost(answer)) return this.#all('temperror');
    this.#countVoid(answer);
    const records = answer.records.filter(isSpf);
    const [only] = records;
    if (only !== undefined && records.length === 1) return this.evaluate(only, name, depth + 1);
    this.problems.push(
      records.length === 0
        ? `${name}, which it includes, has no SPF record`
        : `${name}, which it includes, has ${records.length} SPF records`,
    );
    return this.#all(records.length === 0 ? 'none' : 'permerror');
  }

  async #matchMx(mechanism: Mechanism, domain: string): Promise<Match[]> {
    const name = this.#expand(mechanism.target, domain, '') || domain;
    if (!this.#spend()) return this.#all('permerror');
    const answer = await this.#inquiry.query(name, 'MX');
    if (this.#isLost(answer)) return this.#all('temperror');
    this.#countVoid(answer);
    // RFC 7208 §4.6.4: more than ten names are a permanent error.
    if (answer.records.length > 10) return this.#all('permerror');
    return this.#matchHosts(
      answer.records.map((record) => record.exchange),
      mechanism,
      false,
    );
  }

  async #matchHosts(hosts: readonly string[], mechanism: Mechanism, counts: boolean): Promise<Match[]> {
    if (counts && !this.#spend()) return this.#all('permerror');
    const found = await Promise.all(hosts.filter((host) => host !== '.').map((host) => this.#inquiry.addressesOf(host)));
    const lost = found.some(({ a, aaaa }) => isTemporary(a) || isTemporary(aaaa));
    if (lost) this.temporary = true;
    if (counts && !lost && found.every(({ addresses }) => addresses.length === 0)) this.voids++;
    const matches = this.#within(
      found.flatMap(({ addresses }) => addresses),
      mechanism,
    );
    return lost ? matches.map((match) => (match === 'yes' ? match : 'temperror')) : matches;
  }

  async #matchExists(mechanism: Mechanism, domain: string): Promise<Match[]> {
    if (!this.#spend()) return this.#all('permerror');
    return Promise.all(
      this.#addresses.map(async (address): Promise<Match> => {
        const answer = await this.#inquiry.query(this.#expand(mechanism.target, domain, address), 'A');
        if (this.#isLost(answer)) return 'temperror';
        return answer.status === 'ok' ? 'yes' : 'no';
      }),
    );
  }

  #within(networks: readonly string[], { prefix4, prefix6 }: Mechanism): Match[] {
    const list = new BlockList();
    for (const network of networks) {
      if (isIPv4(network)) list.addSubnet(network, prefix4, 'ipv4');
      else list.addSubnet(network, prefix6, 'ipv6');
    }
    return this.#addresses.map((address) => (list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') ? 'yes' : 'no'));
  }

  #spend(): boolean {
    this.lookups++;
    return this.lookups <= HARD_LOOKUPS;
  }

  #isLost(answer: DnsAnswer<unknown>): boolean {
    if (isTemporary(answer)) this.temporary = true;
    return isTemporary(answer);
  }

  #countVoid(answer: DnsAnswer<unknown>): void {
    if (answer.status !== 'ok') this.voids++;
  }

  /** RFC 7208 §7: macros of a domain-spec, for a sender postmaster@domain at `address`. */
  #expand(spec: string, domain: string, address: string): string {
    return spec.replace(/%(?:\{([slodiphcrtv])(\d*)(r?)([.\-+,/_=]*)\}|([%_-]))/gi, (...match) => {
      const [, letter, digits, reverse, delimiters = '', literal] = match as unknown as (string | undefined)[];
      if (letter === undefined) return literal === '%' ? '%' : literal === '_' ? ' ' : '%20';
      const value = this.#macro(letter.toLowerCase(), domain, address);
      const parts = value.split(delimiters === '' ? '.' : new RegExp(`[${delimiters.replace(/[\]\\^-]/g, '\\$&')}]`));
      if (reverse === 'r' || reverse === 'R') parts.reverse();
      return parts.slice(-Number(digits || parts.length)).join('.');
    });
  }

  #macro(letter: string, domain: string, address: string): string {
    switch (letter) {
      case 's':
        return `postmaster@${domain}`;
      case 'l':
        return 'postmaster';
      case 'o':
      case 'd':
        return domain;
      case 'i':
        return isIPv4(address) ? address : (reverseName(address) ?? '').replace('.ip6.arpa', '').split('.').reverse().join('.');
      case 'v':
        return isIPv4(address) ? 'in-addr' : 'ip6';
      case 'h':
      case 'r':
        return this.#inquiry.hostname;
      default:
        return 'unknown';
    }
  }
}

function includeMatch(result: SpfResult): Match {
  if (result === 'pass') return 'yes';
  if (result === 'temperror') return 'temperror';
  return result === 'permerror' || result === 'none' ? 'permerror' : 'no';
}

/** RFC 7208 §6.1: a redirect that leads to no record is a permanent error. */
function notNone(result: SpfResult | undefined): SpfResult {
  return result === undefined || result === 'none' ? 'permerror' : result;
}
