/* A mailbox's state in words, and the sentence over many of them. */
import type { Mailbox } from '../../../daemon/http/contract/api.ts';
import { fullness } from '../../elements/meter.ts';
import type { State } from '../../elements/state.ts';
import { countWord, list, sentence } from '../../text/format.ts';
import { t } from '../../text/translate.ts';

export interface Note {
  readonly state: State;
  readonly word: string;
}

/** What is switched off, in words; empty when everything is on. */
export function switchedOff(box: Pick<Mailbox, 'suspendedIn' | 'suspendedOut' | 'suspendedLogin'>): string[] {
  return [
    box.suspendedLogin ? t('suspend.login') : '',
    box.suspendedIn ? t('suspend.in') : '',
    box.suspendedOut ? t('suspend.out') : '',
  ].filter(Boolean);
}

/** The note of a list row; undefined when there is nothing to say. */
export function mailboxNote(box: Mailbox): Note | undefined {
  const off = switchedOff(box);
  if (off.length === 3) return { state: 'off', word: t('boxes.note.suspended') };
  const full = fullness(box.usageBytes, box.quotaBytes);
  if (full === 'fail') return { state: 'fail', word: t('boxes.note.full') };
  if (box.suspendedLogin) return { state: 'off', word: t('boxes.note.noLogin') };
  if (box.suspendedIn) return { state: 'off', word: t('boxes.note.noIn') };
  if (box.suspendedOut) return { state: 'off', word: t('boxes.note.noOut') };
  return full === 'warn' ? { state: 'warn', word: t('boxes.note.nearly') } : undefined;
}

/** "41 mailboxes, one of them is full". */
export function mailboxesSentence(boxes: readonly Mailbox[], total: number, q: string): string {
  const values = { count: total, word: sentence(countWord(total)), q };
  if (q) return t('boxes.h1.found', values);
  const full = boxes.filter((box) => fullness(box.usageBytes, box.quotaBytes) === 'fail').length;
  const nearly = boxes.filter((box) => fullness(box.usageBytes, box.quotaBytes) === 'warn').length;
  const start = t('boxes.h1', values);
  if (full > 0) return start + t('boxes.h1.full', { count: full, word: countWord(full) });
  return nearly > 0 ? start + t('boxes.h1.nearly', { count: nearly, word: countWord(nearly) }) : start;
}

/** The sentence over one mailbox. */
export function mailboxSentence(box: Mailbox): string {
  const off = switchedOff(box).length;
  const full = fullness(box.usageBytes, box.quotaBytes);
  const key =
    off === 3
      ? 'box.h1.suspended'
      : off > 0
        ? 'box.h1.partly'
        : full === 'fail'
          ? 'box.h1.full'
          : full === 'warn'
            ? 'box.h1.nearly'
            : 'box.h1.good';
  return t(key, { address: box.address });
}

/** "Sign-in and sending off". */
export function offText(box: Pick<Mailbox, 'suspendedIn' | 'suspendedOut' | 'suspendedLogin'>): string {
  const off = switchedOff(box);
  return off.length === 0 ? t('suspend.on') : t('suspend.off', { what: sentence(list(off.map((word) => word.toLowerCase()))) });
}
