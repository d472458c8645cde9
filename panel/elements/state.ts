/*
 * States are said three times: by word, by the mark's shape, by colour.
 * Invariant: no other file chooses a state colour; it follows from data-state.
 */
import { html, type TemplateResult } from 'lit';
import { icon } from './icon.ts';

export type State = 'ok' | 'warn' | 'fail' | 'info' | 'wait' | 'off';

/** The mark alone; a word has to stand beside it. */
export function mark(state: State): TemplateResult {
  return icon(`s-${state}`);
}

/** Mark and word in the state's colour. */
export function stateWord(state: State, word: string): TemplateResult {
  return html`<span class="state" data-state=${state}>${mark(state)}${word}</span>`;
}

const rank: Readonly<Record<State, number>> = { fail: 5, warn: 4, info: 3, wait: 2, off: 1, ok: 0 };

/** The one of two states that needs attention more. */
export function worse(a: State, b: State): State {
  return rank[b] > rank[a] ? b : a;
}
