/* A domain's state in a list: how its line reads, and the sentence over all of them. */
import type { Domain } from '../../../daemon/http/contract/api.ts';
import { type State, worse } from '../../elements/state.ts';
import { countWord, sentence } from '../../text/format.ts';
import { t } from '../../text/translate.ts';

/** The worst of the line's stations; wait before the first check. */
export function lineState(domain: Pick<Domain, 'line'>): State {
  if (domain.line.length === 0) return 'wait';
  return domain.line.filter((state) => state === 'fail' || state === 'warn').reduce<State>(worse, 'ok');
}

/** Mark and word for the note column. */
export function domainNote(domain: Domain): { state: State; word: string } {
  if (domain.state === 'suspended') return { state: 'off', word: t('domains.note.suspended') };
  if (domain.state === 'unproven') return { state: 'warn', word: t('domains.note.unproven') };
  const state = lineState(domain);
  if (state === 'wait') return { state, word: t('domains.note.waiting') };
  return state === 'fail'
    ? { state, word: t('domains.note.broken') }
    : state === 'warn'
      ? { state, word: t('domains.note.weak') }
      : { state: 'ok', word: t('domains.note.good') };
}

/** "Three domains, one of them is broken". */
export function domainsSentence(domains: readonly Domain[], total: number): string {
  const states = domains.map(lineState);
  const broken = states.filter((state) => state === 'fail').length;
  const weak = states.filter((state) => state === 'warn').length;
  if (total === 1) return t('domains.h1.one') + t(broken ? 'domains.h1.oneBroken' : weak ? 'domains.h1.oneWeak' : 'domains.h1.oneGood');
  const start = t('domains.h1', { word: sentence(countWord(total)) });
  if (broken > 0) return start + t('domains.h1.broken', { count: broken, word: countWord(broken) });
  if (weak > 0) return start + t('domains.h1.weak', { count: weak, word: countWord(weak) });
  return domains.length === total ? start + t('domains.h1.good') : start;
}
