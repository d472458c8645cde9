/**
 * Where mail for a domain goes: its MX records in the order of delivery, with addresses, or why it cannot go anywhere.
 *
 * Invariants:
 * 1. SERVFAIL, timeouts and their kin are always 'temporary'; the A/AAAA fallback is taken only when the domain
 *    provably has no MX.
 * 2. This machine is never a next hop: it and every host of the same or a worse preference leave the list.
 *    "This machine" is one of its addresses, or its name, together with the port that is connected to.
 * 3. Every host in the list has at least one address; addresses that the Internet does not route are left out unless allowed.
 * 4. At most 16 hosts with at most 10 addresses each are given, whatever a zone holds.
 *
 * Specifications: RFC 5321 §5.1 (selection), RFC 5321 §4.1.3 (address literals), RFC 7505 (null MX), RFC 7672 §2.2 (what
 * DANE needs to know about the names).
 */
import { isIPv4, isIPv6 } from 'node:net';
import { isLoopback } from '../lib/ip-address.ts';
import { isUnroutedAddress } from './address-kind.ts';
import type { DnsAnswer, FailureStatus, MxRecord } from './answer.ts';
import { isTemporary } from './answer.ts';
import { normalAddress, normalName } from './names.ts';
import type { Resolver } from './resolver.ts';

export interface RouteHost {
  /** The name in the MX record: what certificates are compared with. */
  readonly name: string;
  /** The name after CNAMEs, the same as `name` when there are none. */
  readonly canonicalName: string;
  /** RFC 5321 §5.1 forbids MX names that are aliases; they are used all the same, as everyone does. */
  readonly isAlias: boolean;
  readonly preference: number;
  /** IPv6 and IPv4 by turns, each family shuffled. */
  readonly addresses: readonly string[];
  /** The addresses are DNSSEC-validated (RFC 7672 §2.2.2). */
  readonly authenticated: boolean;
}

export type MailRoute =
  | {
      readonly kind: 'hosts';
      readonly hosts: readonly RouteHost[];
      readonly source: 'mx' | 'implicit' | 'literal';
      /** The MX answer (or the proof that there is none) is DNSSEC-validated. */
      readonly authenticated: boolean;
      /** Seconds until the MX records are worth asking for again. */
      readonly ttl: number;
    }
  /** The domain says that it takes no mail (RFC 7505). */
  | { readonly kind: 'nullMx' }
  | { readonly kind: 'noSuchDomain' }
  /** There is nothing to connect to: no addresses, or only such as the Internet does not route. */
  | { readonly kind: 'noUsableHost'; readonly reason: 'noAddress' | 'privateAddress'; readonly names: readonly string[] }
  /** The best host that can be reached is this machine, yet the domain is not hosted here. */
  | { readonly kind: 'loopsToSelf'; readonly name: string }
  | { readonly kind: 'temporary'; readonly status: FailureStatus; readonly question: string; readonly server: string };

export interface OwnHost {
  readonly hostname: string;
  /**
   * Every address under which this machine is reached: what it listens on, and public ones in front of it.
   * 127.0.0.1, ::1 and the unspecified addresses count without being named; all of 127.0.0.0/8 when '0.0.0.0' or '::' is.
   */
  readonly addresses: readonly string[];
  /** The port on which this machine listens for mail from others. */
  readonly smtpPort: number;
}

export interface RouteOptions {
  /** The port that next hops are connected to. */
  readonly port?: number;
  /** Take loopback and private addresses for next hops: the trial, and closed networks. */
  readonly allowPrivate?: boolean;
  /** 0 <= random() < 1: shuffles hosts of equal preference. */
  readonly random?: () => number;
  readonly signal?: AbortSignal;
}

const MAX_HOSTS = 16;
const MAX_ADDRESSES = 10;
const SMTP_PORT = 25;
/** The unspecified addresses connect to this machine. */
const ALWAYS_OWN: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

interface Plan {
  readonly resolver: Resolver;
  readonly own: OwnHost;
  readonly ownAddresses: ReadonlySet<string>;
  readonly port: number;
  readonly allowPrivate: boolean;
  readonly random: () => number;
  readonly signal: AbortSignal | undefined;
}

/** Looks up where mail for `domain` goes. Never throws; asks at most twice in a row, so 10 s at the longest. */
export async function mailRoute(resolver: Resolver, domain: string, own: OwnHost, options: RouteOptions = {}): Promise<MailRoute> {
  const plan: Plan = {
    resolver,
    own,
    ownAddresses: new Set(own.addresses.map((address) => normalAddress(address) ?? address)),
    port: options.port ?? SMTP_PORT,
    allowPrivate: options.allowPrivate === true,
    random: options.random ?? Math.random,
    signal: options.signal,
  };
  if (domain.startsWith('[')) return literalRoute(domain, plan);
  const answer = await resolver.mx(domain, patience(plan));
  if (isTemporary(answer)) return temporary(answer, `MX ${domain}`);
  if (answer.status === 'nxdomain') return { kind: 'noSuchDomain' };
  // RFC 5321 §5.1: without MX records the domain itself is the host, of preference 0; a CNAME's target stands for it.
  const records = answer.status === 'ok' ? answer.records : [{ preference: 0, exchange: answer.name }];
  const named = records.filter((record) => record.exchange !== '.');
  // RFC 7505 §3: "." alone refuses all mail; beside other records it means nothing.
  if (named.length === 0) return { kind: 'nullMx' };
  const found = await Promise.all(sorted(named, plan.random).map((record) => findHost(record, plan)));
  return choose(found, answer, plan);
}

/** RFC 5321 §4.1.3: [192.0.2.1] and [IPv6:2001:db8::1]. */
function literalRoute(domain: string, plan: Plan): MailRoute {
  const inner = domain.endsWith(']') ? domain.slice(1, -1) : '';
  const bare = /^ipv6:/i.test(inner) ? inner.slice(5) : inner;
  const fits = /^ipv6:/i.test(inner) ? isIPv6(bare) : isIPv4(bare);
  const address = fits ? normalAddress(bare) : undefined;
  if (address === undefined) return { kind: 'noSuchDomain' };
  if (isOwnAddress(address, plan)) return { kind: 'loopsToSelf', name: domain };
  if (!plan.allowPrivate && isUnroutedAddress(address)) return { kind: 'noUsableHost', reason: 'privateAddress', names: [domain] };
  const host = { name: domain, canonicalName: domain, isAlias: false, preference: 0, addresses: [address], authenticated: false };
  return { kind: 'hosts', hosts: [host], source: 'literal', authenticated: false, ttl: 86_400 };
}

interface Found {
  readonly host: RouteHost;
  readonly isSelf: boolean;
  /** Some addresses were left out because the Internet does not route them. */
  readonly hadPrivate: boolean;
  readonly failure: DnsAnswer<string> | undefined;
  readonly question: string;
}

async function findHost(record: MxRecord, plan: Plan): Promise<Found> {
  const name = record.exchange;
  const options = patience(plan);
  const [v4, v6] = await Promise.all([plan.resolver.a(name, options), plan.resolver.aaaa(name, options)]);
  const all = alternate(shuffled(v6.records, plan.random), shuffled(v4.records, plan.random));
  const usable = plan.allowPrivate ? all : all.filter((address) => !isUnroutedAddress(address));
  const known = v4.status === 'ok' ? v4 : v6;
  const host = {
    name,
    canonicalName: known.name,
    isAlias: known.aliases.length > 0,
    preference: record.preference,
    addresses: usable.slice(0, MAX_ADDRESSES),
    authenticated: v4.authenticated && v6.authenticated,
  };
  const isSelf =
    (plan.port === plan.own.smtpPort && name === normalName(plan.own.hostname)) || all.some((address) => isOwnAddress(address, plan));
  const failure = isTemporary(v4) ? v4 : isTemporary(v6) ? v6 : undefined;
  return { host, isSelf, hadPrivate: usable.length < all.length, failure, question: `${isTemporary(v4) ? 'A' : 'AAAA'} ${name}` };
}

function isOwnAddress(address: string, plan: Plan): boolean {
  if (plan.port !== plan.own.smtpPort) return false;
  if (plan.ownAddresses.has(address) || ALWAYS_OWN.has(address)) return true;
  return isLoopback(address) && (plan.ownAddresses.has('0.0.0.0') || plan.ownAddresses.has('::'));
}

function choose(found: readonly Found[], answer: DnsAnswer<MxRecord>, plan: Plan): MailRoute {
  const self = found.find((each) => each.isSelf);
  // RFC 5321 §5.1: drop this machine and all that is no better, or mail would circle between backups.
  const better = self === undefined ? found : found.filter((each) => each.host.preference < self.host.preference);
  const hosts = better.filter((each) => each.host.addresses.length > 0).map((each) => each.host);
  if (hosts.length > 0) {
    return {
      kind: 'hosts',
      hosts,
      source: answer.status === 'ok' ? 'mx' : 'implicit',
      authenticated: answer.authenticated,
      ttl: answer.ttl,
    };
  }
  const failed = better.find((each) => each.failure !== undefined);
  if (failed?.failure !== undefined) return temporary(failed.failure, failed.question);
  if (self !== undefined) return { kind: 'loopsToSelf', name: self.host.name };
  const reason = better.some((each) => each.hadPrivate) && !plan.allowPrivate ? 'privateAddress' : 'noAddress';
  return { kind: 'noUsableHost', reason, names: better.map((each) => each.host.name) };
}

function temporary(answer: DnsAnswer<unknown>, question: string): MailRoute {
  return { kind: 'temporary', status: answer.status as FailureStatus, question, server: answer.server };
}

/** By preference; equal ones shuffled, so that the load is spread (RFC 5321 §5.1). Equal names are tried once. */
function sorted(records: readonly MxRecord[], random: () => number): MxRecord[] {
  const order = shuffled(records, random).sort((a, b) => a.preference - b.preference);
  const seen = new Set<string>();
  return order.filter(({ exchange }) => !seen.has(exchange) && seen.add(exchange)).slice(0, MAX_HOSTS);
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const [taken] = result.splice(Math.floor(random() * (i + 1)), 1) as [T];
    result.splice(i, 0, taken);
  }
  return result;
}

function alternate(first: readonly string[], second: readonly string[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    for (const address of [first[i], second[i]]) {
      const plain = address === undefined ? undefined : normalAddress(address);
      if (plain !== undefined && !result.includes(plain)) result.push(plain);
    }
  }
  return result;
}

function patience(plan: Plan): { signal: AbortSignal } | undefined {
  return plan.signal === undefined ? undefined : { signal: plan.signal };
}
