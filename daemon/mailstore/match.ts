/**
 * Does a message match a search? Pure: the row is given, its text is asked for only when the criteria need it.
 *
 * 1. Text compares as substrings under i;unicode-casemap (RFC 5051), on decoded text.
 * 2. What is cheap is decided first: `and` and `or` stop at the first answer, their cheap terms are tried before those on text.
 */
import type { SearchCriteria } from './search-criteria.ts';
import { isInRanges } from './uid-set.ts';

/** One message as a search sees it. Functions may be costly and are called at most when needed. */
export interface SearchRow {
  readonly uid: number;
  readonly flags: number;
  readonly sizeBytes: number;
  readonly receivedMs: number;
  /** The Date field's own day and time as if it were UTC; the received time when it cannot be read. */
  readonly sentMs: number;
  readonly modseq: number;
  hasKeyword(name: string): boolean;
  text(): SearchText;
}

/** The decoded text of a message, already folded by `casemap`. */
export interface SearchText {
  /** Values of all fields of that (lower-case) name. */
  header(name: string): readonly string[];
  /** The whole header, decoded. */
  wholeHeader(): string;
  /** All text parts. */
  body(): string;
}

/** i;unicode-casemap as titlecase-and-decompose (RFC 5051 §2), near enough by upper case and NFKD. */
export function casemap(text: string): string {
  return text.toUpperCase().normalize('NFKD');
}

export type Matcher = (row: SearchRow) => boolean;

/** Which costly things the criteria look at. */
export function needsText(criteria: SearchCriteria): boolean {
  switch (criteria.kind) {
    case 'and':
    case 'or':
      return criteria.of.some(needsText);
    case 'not':
      return needsText(criteria.of);
    case 'header':
    case 'body':
    case 'text':
      return true;
    default:
      return false;
  }
}

/** Compiles `criteria`; the needles are folded once. */
export function matcher(criteria: SearchCriteria): Matcher {
  switch (criteria.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const terms = cheapFirst(criteria.of);
      return (row) => terms.every((term) => term(row));
    }
    case 'or': {
      const terms = cheapFirst(criteria.of);
      return (row) => terms.some((term) => term(row));
    }
    case 'not': {
      const term = matcher(criteria.of);
      return (row) => !term(row);
    }
    case 'uids':
      return (row) => isInRanges(criteria.ranges, row.uid);
    case 'flags':
      return (row) => (row.flags & criteria.set) === criteria.set && (row.flags & criteria.clear) === 0;
    case 'keyword':
      return (row) => row.hasKeyword(criteria.name) === criteria.present;
    case 'size':
      return criteria.op === 'larger' ? (row) => row.sizeBytes > criteria.bytes : (row) => row.sizeBytes < criteria.bytes;
    case 'received':
      return (row) => isBetween(row.receivedMs, criteria.fromMs, criteria.beforeMs);
    case 'sent':
      return (row) => isBetween(row.sentMs, criteria.fromMs, criteria.beforeMs);
    case 'modseq':
      return (row) => row.modseq >= criteria.atLeast;
    default:
      return textMatcher(criteria);
  }
}

function textMatcher(criteria: Extract<SearchCriteria, { readonly text: string }>): Matcher {
  const needle = casemap(criteria.text);
  switch (criteria.kind) {
    case 'header':
      return (row) =>
        row
          .text()
          .header(criteria.name)
          .some((value) => value.includes(needle));
    case 'body':
      return (row) => row.text().body().includes(needle);
    case 'text':
      return (row) => {
        const text = row.text();
        return text.wholeHeader().includes(needle) || text.body().includes(needle);
      };
  }
}

function cheapFirst(criteria: readonly SearchCriteria[]): Matcher[] {
  return [...criteria.filter((term) => !needsText(term)), ...criteria.filter(needsText)].map(matcher);
}

function isBetween(value: number, from: number | null, before: number | null): boolean {
  return (from === null || value >= from) && (before === null || value < before);
}
