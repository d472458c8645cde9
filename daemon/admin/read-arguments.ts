/**
 * Arguments of use cases, checked: they come as JSON from the network and from the command line.
 * Each function answers the value in its normal form or throws Invalid with the field and the sentence to show.
 */
import type { Cursor, ListRequest } from '../directory/records/list-request.ts';
import { Invalid } from '../lib/errors.ts';
import { displayDomain, isHostname, parseDomain } from '../wire/address/domain.ts';
import { lookupKey, parseAddress } from '../wire/address/mailbox.ts';
import { type Address, brand, type Domain } from '../wire/ids.ts';

const PAGE_ROWS = 50;
const PAGE_ROWS_MAX = 200;

/** One line of text without control characters. */
export function readText(field: string, value: unknown, { max, optional = false }: { max: number; optional?: boolean }): string {
  if (optional && (value === undefined || value === null || value === '')) return '';
  if (typeof value !== 'string') throw new Invalid(field, `${field} is missing`);
  const text = value.trim().normalize('NFC');
  if (text === '' && !optional) throw new Invalid(field, `${field} is empty`);
  if (text.length > max) throw new Invalid(field, `${field} may have ${max} characters at most`);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) throw new Invalid(field, `${field} may not hold control characters`);
  }
  return text;
}

/** A secret as typed: not trimmed, any characters; its policy is checked elsewhere. */
export function readSecret(field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Invalid(field, 'A password is missing');
  if (value.length > 1_024) throw new Invalid(field, 'This password is too long');
  return value;
}

export function readFlag(field: string, value: unknown): boolean {
  if (value === undefined || value === false) return false;
  if (value !== true) throw new Invalid(field, `${field} is true or false`);
  return true;
}

export function readId(field: string, value: unknown): number {
  const id = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(id)) throw new Invalid(field, `${field} is no id`);
  return id as number;
}

/** A host name of two labels or more, such as a domain that can have mail. */
export function readDomain(field: string, value: unknown): Domain {
  const domain = typeof value === 'string' ? parseDomain(value.trim()) : undefined;
  if (domain === undefined || !isHostname(domain)) throw new Invalid(field, `${shown(value)} is not a domain name`);
  return domain;
}

/** An address in look-up form (lower case, NFC). */
export function readAddress(field: string, value: unknown): Address {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  if (address === undefined) throw new Invalid(field, `${shown(value)} is not an address`);
  return brand<Address>(lookupKey(address));
}

/** Page size, search and cursor of a list. */
export function readListRequest(args: { readonly q?: unknown; readonly limit?: unknown; readonly after?: unknown }): ListRequest {
  const limit = args.limit ?? PAGE_ROWS;
  if (!Number.isInteger(limit) || (limit as number) < 1) throw new Invalid('limit', 'limit is a number from 1 to 200');
  return {
    q: readText('q', args.q, { max: 320, optional: true }),
    limit: Math.min(limit as number, PAGE_ROWS_MAX),
    after: args.after === undefined || args.after === null || args.after === '' ? null : readCursor(args.after),
  };
}

/** One page of a list as everyone gets it. */
export interface Page<Item> {
  readonly items: Item[];
  /** The cursor for `after`, null at the end. */
  readonly next: string | null;
  readonly total: number;
}

/** Cuts the row that only tells whether there is another page. */
export function pageOf<Row, Item>(
  found: { readonly rows: readonly Row[]; readonly total: number },
  limit: number,
  toItem: (row: Row) => Item,
  toCursor: (row: Row) => Cursor,
): Page<Item> {
  const shownRows = found.rows.slice(0, limit);
  const last = shownRows.at(-1);
  const next = found.rows.length > limit && last !== undefined ? writeCursor(toCursor(last)) : null;
  return { items: shownRows.map(toItem), next, total: found.total };
}

function writeCursor({ value, id }: Cursor): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

function readCursor(text: unknown): Cursor {
  try {
    const [value, id] = JSON.parse(Buffer.from(String(text), 'base64url').toString()) as [unknown, unknown];
    if ((typeof value === 'string' || typeof value === 'number') && Number.isSafeInteger(id)) return { value, id: id as number };
  } catch {
    // Told below, as any other wrong cursor.
  }
  throw new Invalid('after', 'This page mark is not one of ours');
}

/** What was given, cut to a length that can be shown. */
function shown(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') return 'This';
  const text = value.trim().slice(0, 100);
  const domain = parseDomain(text);
  return domain === undefined ? `"${text}"` : displayDomain(domain);
}

/** RFC 3339 UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoTimeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}
