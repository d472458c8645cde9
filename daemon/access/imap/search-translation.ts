/**
 * From the search keys of the wire to the mailstore's criteria, through the eyes of one session: numbers become UIDs, \Recent a range.
 * Specifications: RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 5032.
 */
import { Flag } from '../../mailstore/mailstore.ts';
import type { SearchCriteria } from '../../mailstore/search-criteria.ts';
import type { SearchKey } from '../../wire/imap/search-key.ts';
import { splitFlags } from './flag-text.ts';
import type { SessionView } from './session-view.ts';

const MS_PER_DAY = 86_400_000;
const ALL_FLAGS = Flag.seen | Flag.answered | Flag.flagged | Flag.deleted | Flag.draft;

/** `nowMs` is what OLDER and YOUNGER count from. */
export function searchCriteria(key: SearchKey, view: SessionView, nowMs: number): SearchCriteria {
  switch (key.key) {
    case 'all':
      return { kind: 'all' };
    case 'and':
      return { kind: 'and', of: key.keys.map((part) => searchCriteria(part, view, nowMs)) };
    case 'or':
      return { kind: 'or', of: [searchCriteria(key.left, view, nowMs), searchCriteria(key.right, view, nowMs)] };
    case 'not':
      return { kind: 'not', of: searchCriteria(key.of, view, nowMs) };
    case 'sequence':
      return { kind: 'uids', ranges: view.uidPairs(key.set) };
    case 'uid':
      return { kind: 'uids', ranges: view.resolveUidPairs(key.set) };
    case 'flag':
      return flagCriteria(key.flag, key.isSet);
    case 'recent': {
      const recent: SearchCriteria = { kind: 'uids', ranges: view.recentRange() };
      return key.isSet ? recent : { kind: 'not', of: recent };
    }
    case 'received':
    case 'sent': {
      const start = key.day * MS_PER_DAY;
      const fromMs = key.compare === 'before' ? null : start;
      const beforeMs = key.compare === 'before' ? start : key.compare === 'on' ? start + MS_PER_DAY : null;
      return { kind: key.key, fromMs, beforeMs };
    }
    case 'within': {
      // RFC 5032 §3: OLDER is at or before that moment, YOUNGER at or after it.
      const moment = nowMs - key.seconds * 1000;
      return key.compare === 'older'
        ? { kind: 'received', fromMs: null, beforeMs: moment + 1 }
        : { kind: 'received', fromMs: moment, beforeMs: null };
    }
    case 'size':
      return { kind: 'size', op: key.compare, bytes: key.sizeBytes };
    case 'header':
      return { kind: 'header', name: key.field, text: key.text };
    case 'body':
    case 'text':
      return { kind: key.key, text: key.text };
    case 'modseq':
      return { kind: 'modseq', atLeast: key.modseq };
  }
}

function flagCriteria(word: string, isSet: boolean): SearchCriteria {
  const { flags } = splitFlags([word]);
  if ((flags & ALL_FLAGS) === 0) return { kind: 'keyword', name: word, present: isSet };
  return { kind: 'flags', set: isSet ? flags : 0, clear: isSet ? 0 : flags };
}

function anyKey(key: SearchKey, test: (key: SearchKey) => boolean): boolean {
  if (test(key)) return true;
  switch (key.key) {
    case 'and':
      return key.keys.some((part) => anyKey(part, test));
    case 'or':
      return anyKey(key.left, test) || anyKey(key.right, test);
    case 'not':
      return anyKey(key.of, test);
    default:
      return false;
  }
}

/** RFC 7162 §3.1.5: does the answer carry the highest modseq? */
export function asksModSeq(key: SearchKey): boolean {
  return anyKey(key, (part) => part.key === 'modseq');
}

/** Does the program refer to "$"? */
export function usesSaved(key: SearchKey): boolean {
  return anyKey(key, (part) => (part.key === 'sequence' || part.key === 'uid') && part.set.saved);
}
