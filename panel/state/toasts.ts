/*
 * What just happened, and the way back.
 * 1. One toast at a time; a new one takes the place of the old.
 * 2. It leaves after 6 s, counted anew while it is hovered or focused (the element does that).
 */

import type { State } from '../elements/state.ts';
import { Store } from './store.ts';

export interface Toast {
  readonly state: State;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void | Promise<void> } | undefined;
}

export const toast = new Store<Toast | undefined>(undefined);

/** Says what happened. */
export function say(text: string, action?: Toast['action'], state: State = 'ok'): void {
  toast.set({ state, text, action });
}
