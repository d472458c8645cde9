/**
 * What a search asks for, as plain data that crosses threads. IMAP's SEARCH, the panel and later JMAP translate into it;
 * sequence numbers are turned into UIDs by the session before. Text compares by i;unicode-casemap (RFC 5051), as substrings.
 */
export type SearchCriteria =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly of: readonly SearchCriteria[] }
  | { readonly kind: 'or'; readonly of: readonly SearchCriteria[] }
  | { readonly kind: 'not'; readonly of: SearchCriteria }
  /** Pairs [first, last], ascending and disjoint. */
  | { readonly kind: 'uids'; readonly ranges: Uint32Array }
  /** All of `set` and none of `clear` (Flag bits). */
  | { readonly kind: 'flags'; readonly set: number; readonly clear: number }
  | { readonly kind: 'keyword'; readonly name: string; readonly present: boolean }
  | { readonly kind: 'size'; readonly op: 'larger' | 'smaller'; readonly bytes: number }
  /** INTERNALDATE in [fromMs, beforeMs); either end may be open. */
  | { readonly kind: 'received'; readonly fromMs: number | null; readonly beforeMs: number | null }
  /** The Date field, its own zone disregarded, in [fromMs, beforeMs). */
  | { readonly kind: 'sent'; readonly fromMs: number | null; readonly beforeMs: number | null }
  | { readonly kind: 'modseq'; readonly atLeast: number }
  /** Name lower-cased; empty text = the field exists. Encoded words are decoded before comparing. */
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  | { readonly kind: 'body'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };
