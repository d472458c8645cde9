/**
 * SMTP's own addresses: the Mailbox and Path of RFC 5321 §4.1.2 with SMTPUTF8 (RFC 6531 §3.3).
 *
 * 1. Parsing yields values: the local part without its quotes, the domain in normal form.
 * 2. `address` is the text to relay and to store: the local part as given (case, normal form), quoted
 *    only where it must be; `local@[literal]` for address literals.
 * 3. Comparison for our own domains goes through `lookupKey`, never through `address`.
 * Deviation: RFC 5321 §4.5.3.1.1 asks for 64 octets of local part; 128 are accepted, since bounce
 * addresses of bulk senders are longer than 64 in practice.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { type Address, brand, type Domain } from '../ids.ts';
import { displayDomain, parseDomain } from './domain.ts';

const LOCAL_OCTETS_MAX = 128;
const ADDRESS_CHARS_MAX = 384;
const ROUTE_CHARS_MAX = 1_024;

export interface Mailbox {
  /** Without quotes and backslashes. */
  readonly local: string;
  /** Undefined for an address literal. */
  readonly domain: Domain | undefined;
  /** The address literal with brackets, lower case, or undefined. */
  readonly literal: string | undefined;
  readonly address: Address;
  /** The local part holds more than ASCII, so every hop needs SMTPUTF8. */
  readonly needsUtf8: boolean;
}

/** The argument of MAIL FROM or RCPT TO. */
export type Path = { readonly kind: 'null' } | { readonly kind: 'postmaster' } | { readonly kind: 'mailbox'; readonly mailbox: Mailbox };

/**
 * Reads `<path>` at the beginning of `text`, drops a source route (RFC 5321 §4.1.1.3, appendix C) and gives the
 * path and what follows it (the ESMTP parameters). Undefined when the syntax is wrong.
 */
export function parsePath(text: string): { path: Path; rest: string } | undefined {
  if (text.charCodeAt(0) !== 0x3c) return undefined;
  const close = findClosingBracket(text);
  if (close < 0) return undefined;
  const inner = text.slice(1, close);
  const rest = text.slice(close + 1);
  if (rest !== '' && rest.charCodeAt(0) !== 0x20) return undefined;
  if (inner === '') return { path: { kind: 'null' }, rest };
  // RFC 5321 §4.1.1.3: "<Postmaster>" without a domain, in any case.
  if (inner.toLowerCase() === 'postmaster') return { path: { kind: 'postmaster' }, rest };
  const start = skipSourceRoute(inner);
  const mailbox = start < 0 ? undefined : parseMailbox(inner.slice(start));
  return mailbox && { path: { kind: 'mailbox', mailbox }, rest };
}

/** Parses `local@domain` without brackets; undefined when it is no Mailbox. */
export function parseMailbox(text: string): Mailbox | undefined {
  if (text.length > ADDRESS_CHARS_MAX) return undefined;
  const isQuoted = text.charCodeAt(0) === 0x22;
  const at = isQuoted ? endOfQuoted(text) : text.lastIndexOf('@');
  if (at <= 0 || text.charCodeAt(at) !== 0x40) return undefined;
  const local = isQuoted ? unquote(text.slice(1, at - 1)) : text.slice(0, at);
  if (local === undefined || (!isQuoted && !isDotString(local))) return undefined;
  if (Buffer.byteLength(local) > LOCAL_OCTETS_MAX || !local.isWellFormed()) return undefined;
  const host = text.slice(at + 1);
  // RFC 5321 §4.1.2: the Domain of a Mailbox has no trailing dot.
  if (host.endsWith('.')) return undefined;
  const literal = host.charCodeAt(0) === 0x5b ? parseLiteral(host) : undefined;
  const domain = literal === undefined ? parseDomain(host) : undefined;
  const right = literal ?? domain;
  if (right === undefined) return undefined;
  const address = brand<Address>(`${quoteLocal(local)}@${right}`);
  return { local, domain, literal, address, needsUtf8: hasNonAscii(local) };
}

/** The normal form of `local@domain`, or undefined; address literals are none of it (nobody can host them). */
export function parseAddress(text: string): Address | undefined {
  const mailbox = parseMailbox(text.trim());
  return mailbox?.domain === undefined ? undefined : mailbox.address;
}

/** The domain of a normal form; undefined for an address literal. */
export function domainOf(address: Address): Domain | undefined {
  const host = address.slice(address.lastIndexOf('@') + 1);
  return host.charCodeAt(0) === 0x5b ? undefined : brand<Domain>(host);
}

/** The local part of a normal form, still quoted where it must be. */
export function localPartOf(address: Address): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** Puts a local part's value and a domain together, quoting where RFC 5321 §4.1.2 asks for it. */
export function joinAddress(local: string, domain: Domain): Address {
  return brand<Address>(`${quoteLocal(local)}@${domain}`);
}

/** What two spellings of one of our own addresses have in common: lower case and NFC (RFC 6530 §10.1). */
export function lookupKey(address: Address): string {
  if (!hasNonAscii(address)) return address.toLowerCase();
  return address.normalize('NFC').toLowerCase().normalize('NFC');
}

/**
 * RFC 5233 §4: `user+detail@domain` -> `user@domain` and `detail`. Without a separator, or with nothing before
 * it, the address stays as it is and `detail` is undefined.
 */
export function splitSubaddress(address: Address, separator = '+'): { base: Address; detail: string | undefined } {
  const end = address.lastIndexOf('@');
  const isQuoted = address.charCodeAt(0) === 0x22;
  const local = isQuoted ? unquote(address.slice(1, end - 1)) : address.slice(0, end);
  const cut = local === undefined ? -1 : local.indexOf(separator);
  if (local === undefined || cut <= 0) return { base: address, detail: undefined };
  const base = brand<Address>(`${quoteLocal(local.slice(0, cut))}${address.slice(end)}`);
  return { base, detail: local.slice(cut + separator.length) };
}

/** The address as people read it, the domain in U-labels. */
export function displayAddress(address: Address): string {
  const domain = domainOf(address);
  return domain === undefined ? address : `${localPartOf(address)}@${displayDomain(domain)}`;
}

/** RFC 5321 §4.1.2: the form with the least quoting. */
function quoteLocal(local: string): string {
  return isDotString(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

/** RFC 5321 §4.1.2 Dot-string, with UTF8-non-ascii as atext (RFC 6531 §3.3). */
function isDotString(text: string): boolean {
  let wasDot = true;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2e) {
      if (wasDot) return false;
      wasDot = true;
      continue;
    }
    if (!isAtext(code)) return false;
    wasDot = false;
  }
  return !wasDot;
}

const ATEXT_SIGNS = new Set([..."!#$%&'*+-/=?^_`{|}~"].map((sign) => sign.charCodeAt(0)));

function isAtext(code: number): boolean {
  if (code >= 0x80) return code > 0x9f;
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || ATEXT_SIGNS.has(code);
}

/** The value of a Quoted-string's inside; undefined when it holds what may not be there. */
function unquote(inside: string): string | undefined {
  let value = '';
  for (let at = 0; at < inside.length; at++) {
    let code = inside.charCodeAt(at);
    if (code === 0x5c) code = inside.charCodeAt(++at);
    else if (code === 0x22) return undefined;
    // RFC 5321 §4.1.2: qtextSMTP and quoted-pairSMTP are printable ASCII and SP.
    if (Number.isNaN(code) || code < 0x20 || (code >= 0x7f && code <= 0x9f)) return undefined;
    value += String.fromCharCode(code);
  }
  return value;
}

/** The position after the closing quote of a text that begins with one, or -1. */
function endOfQuoted(text: string): number {
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return -1;
}

function findClosingBracket(text: string): number {
  let isQuoted = false;
  const end = Math.min(text.length, ADDRESS_CHARS_MAX + ROUTE_CHARS_MAX);
  for (let at = 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (isQuoted && code === 0x5c) at++;
    else if (code === 0x22) isQuoted = !isQuoted;
    else if (code === 0x3e && !isQuoted) return at;
  }
  return -1;
}

/** Where the Mailbox begins after an A-d-l such as `@a,@b:`; -1 when the route is malformed. */
function skipSourceRoute(inner: string): number {
  if (inner.charCodeAt(0) !== 0x40) return 0;
  const colon = inner.indexOf(':');
  if (colon < 0 || colon > ROUTE_CHARS_MAX) return -1;
  const hops = inner.slice(0, colon).split(',');
  return hops.every((hop) => hop.startsWith('@') && parseDomain(hop.slice(1)) !== undefined) ? colon + 1 : -1;
}

/** RFC 5321 §4.1.3: IPv4, IPv6 and General-address-literal. */
function parseLiteral(host: string): string | undefined {
  if (!host.endsWith(']')) return undefined;
  const inner = host.slice(1, -1);
  if (isIPv4(inner)) return host;
  const tagEnd = inner.indexOf(':');
  const tag = inner.slice(0, Math.max(tagEnd, 0)).toLowerCase();
  const content = inner.slice(tagEnd + 1);
  if (tag === 'ipv6') return isIPv6(content) && !content.includes('%') ? `[IPv6:${content.toLowerCase()}]` : undefined;
  return /^[a-z0-9-]*[a-z0-9]$/.test(tag) && /^[!-Z^-~]+$/.test(content) ? `[${inner}]` : undefined;
}

function hasNonAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return true;
  return false;
}
