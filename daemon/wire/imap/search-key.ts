/**
 * The search program of SEARCH (and later SORT and THREAD) as data, and its grammar.
 * 1. Keys at one level are and-ed; a nested list is an `and` key of its own.
 * 2. Nesting (lists, NOT, OR) is bounded by the decoder's depth, so that recursion cannot overflow the stack.
 * Specifications: RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032 (OLDER, YOUNGER), RFC 7162 §3.1.5 (MODSEQ).
 */
import type { Decoder } from './decoder.ts';
import { COLON, DOLLAR, LEFT_PAREN, QUOTE, SPACE, STAR } from './octets.ts';
import type { SequenceSet } from './sequence-set.ts';
import { SyntaxFailure } from './syntax-failure.ts';

export type SearchKey =
  | { readonly key: 'all' }
  | { readonly key: 'and'; readonly keys: readonly SearchKey[] }
  | { readonly key: 'or'; readonly left: SearchKey; readonly right: SearchKey }
  | { readonly key: 'not'; readonly of: SearchKey }
  | { readonly key: 'sequence' | 'uid'; readonly set: SequenceSet }
  | { readonly key: 'flag'; readonly flag: string; readonly isSet: boolean }
  | { readonly key: 'recent'; readonly isSet: boolean }
  /** Days since 1970-01-01. */
  | { readonly key: 'received' | 'sent'; readonly compare: 'before' | 'on' | 'since'; readonly day: number }
  | { readonly key: 'within'; readonly compare: 'older' | 'younger'; readonly seconds: number }
  | { readonly key: 'size'; readonly compare: 'larger' | 'smaller'; readonly sizeBytes: number }
  | { readonly key: 'header'; readonly field: string; readonly text: string }
  | { readonly key: 'body' | 'text'; readonly text: string }
  | { readonly key: 'modseq'; readonly modseq: number };

export interface SearchProgram {
  /** Upper case; null when the client named none. */
  readonly charset: string | null;
  readonly key: SearchKey;
}

type KeyParser = (decoder: Decoder) => SearchKey;

const flag =
  (name: string, isSet: boolean): KeyParser =>
  () => ({ key: 'flag', flag: name, isSet });

const header =
  (field: string): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key: 'header', field, text: decoder.astring() };
  };

const keyword =
  (isSet: boolean): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key: 'flag', flag: decoder.atom(), isSet };
  };

const date =
  (key: 'received' | 'sent', compare: 'before' | 'on' | 'since'): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key, compare, day: decoder.date() };
  };

const size =
  (compare: 'larger' | 'smaller'): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key: 'size', compare, sizeBytes: decoder.number64() };
  };

const within =
  (compare: 'older' | 'younger'): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key: 'within', compare, seconds: decoder.nzNumber() };
  };

const text =
  (key: 'body' | 'text'): KeyParser =>
  (decoder) => {
    decoder.SP();
    return { key, text: decoder.astring() };
  };

/** RFC 7162 §3.1.5: an entry name and type may stand before the number; all flags share one modseq here, so they change nothing. */
function modseq(decoder: Decoder): SearchKey {
  decoder.SP();
  if (decoder.peek() === QUOTE) {
    decoder.string();
    decoder.SP();
    const type = decoder.keyword();
    if (type !== 'PRIV' && type !== 'SHARED' && type !== 'ALL') decoder.fail('priv, shared or all');
    decoder.SP();
  }
  return { key: 'modseq', modseq: decoder.number64() };
}

const KEYS: ReadonlyMap<string, KeyParser> = new Map<string, KeyParser>([
  ['ALL', () => ({ key: 'all' })],
  ['ANSWERED', flag('\\Answered', true)],
  ['UNANSWERED', flag('\\Answered', false)],
  ['DELETED', flag('\\Deleted', true)],
  ['UNDELETED', flag('\\Deleted', false)],
  ['DRAFT', flag('\\Draft', true)],
  ['UNDRAFT', flag('\\Draft', false)],
  ['FLAGGED', flag('\\Flagged', true)],
  ['UNFLAGGED', flag('\\Flagged', false)],
  ['SEEN', flag('\\Seen', true)],
  ['UNSEEN', flag('\\Seen', false)],
  ['KEYWORD', keyword(true)],
  ['UNKEYWORD', keyword(false)],
  // RFC 3501 §6.4.4: NEW is RECENT UNSEEN, OLD is NOT RECENT.
  ['RECENT', () => ({ key: 'recent', isSet: true })],
  ['OLD', () => ({ key: 'recent', isSet: false })],
  [
    'NEW',
    () => ({
      key: 'and',
      keys: [
        { key: 'recent', isSet: true },
        { key: 'flag', flag: '\\Seen', isSet: false },
      ],
    }),
  ],
  ['BCC', header('bcc')],
  ['CC', header('cc')],
  ['FROM', header('from')],
  ['SUBJECT', header('subject')],
  ['TO', header('to')],
  ['BODY', text('body')],
  ['TEXT', text('text')],
  ['BEFORE', date('received', 'before')],
  ['ON', date('received', 'on')],
  ['SINCE', date('received', 'since')],
  ['SENTBEFORE', date('sent', 'before')],
  ['SENTON', date('sent', 'on')],
  ['SENTSINCE', date('sent', 'since')],
  ['LARGER', size('larger')],
  ['SMALLER', size('smaller')],
  ['OLDER', within('older')],
  ['YOUNGER', within('younger')],
  ['MODSEQ', modseq],
  [
    'UID',
    (decoder) => {
      decoder.SP();
      return { key: 'uid', set: decoder.sequenceSet() };
    },
  ],
  [
    'HEADER',
    (decoder) => {
      decoder.SP();
      const field = decoder.astring().toLowerCase();
      decoder.SP();
      return { key: 'header', field, text: decoder.astring() };
    },
  ],
  [
    'NOT',
    (decoder) => {
      decoder.SP();
      return { key: 'not', of: searchKey(decoder) };
    },
  ],
  [
    'OR',
    (decoder) => {
      decoder.SP();
      const left = searchKey(decoder);
      decoder.SP();
      return { key: 'or', left, right: searchKey(decoder) };
    },
  ],
]);

/** One search-key. */
export function searchKey(decoder: Decoder): SearchKey {
  decoder.enter();
  const key = oneKey(decoder);
  decoder.leave();
  return key;
}

function oneKey(decoder: Decoder): SearchKey {
  const octet = decoder.peek();
  if (octet === LEFT_PAREN) {
    const keys: SearchKey[] = [];
    decoder.list(false, () => keys.push(searchKey(decoder)));
    return and(keys);
  }
  if ((octet >= 48 && octet <= 57) || octet === STAR || octet === DOLLAR || octet === COLON)
    return { key: 'sequence', set: decoder.sequenceSet() };
  const name = decoder.keyword();
  const parse = KEYS.get(name);
  if (parse === undefined) throw new SyntaxFailure('There is no such search key');
  return parse(decoder);
}

function and(keys: readonly SearchKey[]): SearchKey {
  return keys.length === 1 ? (keys[0] as SearchKey) : { key: 'and', keys };
}

/** search-program: `[CHARSET name SP] key *(SP key)`; the word CHARSET was not read yet. */
export function searchProgram(decoder: Decoder): SearchProgram {
  let charset: string | null = null;
  const keys: SearchKey[] = [];
  if (decoder.acceptWord('CHARSET')) {
    decoder.SP();
    charset = decoder.astring().toUpperCase();
    // RFC 9051 §6.4.4: told before the keys are read, they may not be UTF-8.
    if (charset !== 'UTF-8' && charset !== 'US-ASCII') throw new SyntaxFailure('Unknown charset', 'NO', 'BADCHARSET (US-ASCII UTF-8)');
    decoder.SP();
  }
  do keys.push(searchKey(decoder));
  while (decoder.accept(SPACE));
  return { charset, key: and(keys) };
}
