/**
 * The grammar of one SPF record: text in, terms out. No look-ups.
 *
 * Invariants: 1. a record either parses whole or not at all, as RFC 7208 §4.6 demands; 2. names keep their macros.
 *
 * Specifications: RFC 7208 §4.6, §5, §6, §7.
 */
import { isIPv4, isIPv6 } from 'node:net';

export type Qualifier = '+' | '-' | '~' | '?';

export interface Mechanism {
  readonly kind: 'all' | 'include' | 'a' | 'mx' | 'ptr' | 'ip4' | 'ip6' | 'exists';
  readonly qualifier: Qualifier;
  /** The domain-spec, '' for the current domain; for ip4 and ip6 the network address. */
  readonly target: string;
  readonly prefix4: number;
  readonly prefix6: number;
  readonly text: string;
}

export interface SpfRecord {
  readonly mechanisms: readonly Mechanism[];
  readonly redirect: string | undefined;
}

export type SpfParse = { readonly kind: 'record'; readonly record: SpfRecord } | { readonly kind: 'error'; readonly term: string };

const KINDS = ['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists'] as const;
const MAX_TERMS = 200;

/** True for a TXT record that is meant as SPF (RFC 7208 §4.5). */
export function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Reads `v=spf1 ...`; an error names the term that does not fit. */
export function parseSpf(text: string): SpfParse {
  const terms = text
    .split(' ')
    .filter((term) => term !== '')
    .slice(1);
  const mechanisms: Mechanism[] = [];
  let redirect: string | undefined;
  if (terms.length > MAX_TERMS) return { kind: 'error', term: `${terms.length} terms` };
  for (const term of terms) {
    const modifier = /^([a-z][a-z0-9\-_.]*)=(.*)$/i.exec(term);
    if (modifier !== null) {
      if (modifier[1]?.toLowerCase() !== 'redirect') continue;
      // RFC 7208 §6: redirect stands at most once.
      if (redirect !== undefined || modifier[2] === '') return { kind: 'error', term };
      redirect = modifier[2];
      continue;
    }
    const mechanism = parseMechanism(term);
    if (mechanism === undefined) return { kind: 'error', term };
    mechanisms.push(mechanism);
  }
  return { kind: 'record', record: { mechanisms, redirect } };
}

function parseMechanism(term: string): Mechanism | undefined {
  const found = /^([+\-~?]?)([a-z][a-z0-9]*)(?::([^/]*(?:\/[^/0-9][^/]*)*))?((?:\/.*)?)$/i.exec(term);
  if (found === null) return undefined;
  const qualifier = (found[1] === '' ? '+' : found[1]) as Qualifier;
  const kind = KINDS.find((each) => each === found[2]?.toLowerCase());
  if (kind === undefined) return undefined;
  if (kind === 'ip4' || kind === 'ip6') return parseNetwork(term, kind, qualifier);
  const target = found[3];
  const prefixes = parsePrefixes(found[4] ?? '');
  if (prefixes === undefined || target === '') return undefined;
  if ((kind === 'include' || kind === 'exists') && target === undefined) return undefined;
  if (kind === 'all' && target !== undefined) return undefined;
  if (kind !== 'a' && kind !== 'mx' && found[4] !== '') return undefined;
  return { kind, qualifier, target: target ?? '', ...prefixes, text: term };
}

/** RFC 7208 §5.6: dual-cidr-length, `/24`, `//64` or `/24//64`. */
function parsePrefixes(text: string): { prefix4: number; prefix6: number } | undefined {
  const found = /^(?:\/(\d{1,2}))?(?:\/\/(\d{1,3}))?$/.exec(text);
  if (found === null) return undefined;
  const prefix4 = Number(found[1] ?? 32);
  const prefix6 = Number(found[2] ?? 128);
  return prefix4 > 32 || prefix6 > 128 ? undefined : { prefix4, prefix6 };
}

function parseNetwork(term: string, kind: 'ip4' | 'ip6', qualifier: Qualifier): Mechanism | undefined {
  const value = term.slice(term.indexOf(':') + 1);
  const [address = '', length, rest] = value.split('/');
  const most = kind === 'ip4' ? 32 : 128;
  const prefix = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : most + 1;
  const fits = kind === 'ip4' ? isIPv4(address) : isIPv6(address);
  if (!term.includes(':') || !fits || rest !== undefined || prefix > most) return undefined;
  return { kind, qualifier, target: address, prefix4: prefix, prefix6: prefix, text: term };
}
