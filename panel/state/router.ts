/*
 * Where the panel is: the address bar is the truth.
 * 1. A click on a link of ours changes the address without leaving the page; modified clicks, downloads and /api are the browser's.
 * 2. `place` changes with every step, forward or back; pages read their parameters and query from it.
 * 3. setQuery replaces (no new step back) unless it is told to push: typing in a search field is not a journey.
 */
import { Store } from './store.ts';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = new Store<Place>(read());

/** Goes to an address of the panel, as a click on a link would. */
export function go(href: string, options: { replace?: boolean } = {}): void {
  const url = new URL(href, location.href);
  if (options.replace) history.replaceState(null, '', url);
  else if (url.href !== location.href) history.pushState(null, '', url);
  place.set(read());
}

/** Changes parts of the query; undefined and '' remove a part. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>, options: { push?: boolean } = {}): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href === location.href) return;
  history[options.push ? 'pushState' : 'replaceState'](null, '', url);
  place.set(read());
}

/** Reads a part of the query that asks for something to be done once, and takes it out of the address. */
export function takeQuery(name: string): string | undefined {
  const value = place.value.query.get(name);
  if (value === null) return undefined;
  setQuery({ [name]: undefined });
  return value;
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.composedPath().find((node): node is HTMLAnchorElement => node instanceof HTMLAnchorElement);
  if (!link?.href || link.target || link.hasAttribute('download')) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
  event.preventDefault();
  go(url.href);
}

/** Starts listening for links and for back and forward. */
export function startRouter(): void {
  document.addEventListener('click', onClick);
  addEventListener('popstate', () => place.set(read()));
}
