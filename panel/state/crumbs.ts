/* Where one is, for the top bar and the document's title; every page sets it. */
import { Store } from './store.ts';

export interface Crumb {
  readonly label: string;
  readonly href?: string;
}

export interface TopAction {
  readonly label: string;
  readonly icon: string;
  readonly run: () => void;
}

export const crumbs = new Store<{ path: readonly Crumb[]; action?: TopAction | undefined }>({ path: [] });
