/*
 * Which address shows which page.
 * Owns: the table of pages, the matching of paths, and the names of the areas in the side bar.
 * 1. Patterns are literal segments and :names; the first match wins.
 * 2. A page's code is fetched when it is first shown; nothing of another page comes with it.
 */
import type { Role } from '../../daemon/http/contract/api.ts';

export type Area = 'overview' | 'domains' | 'mailboxes' | 'forwarders' | 'messages' | 'queue' | 'settings' | 'my-mailbox';

export interface Route {
  readonly pattern: string;
  readonly element: string;
  readonly area: Area;
  readonly load: () => Promise<unknown>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const manager: readonly Route[] = [
  { pattern: '/', element: 'ms-overview', area: 'overview', load: () => import('../pages/overview/overview.ts') },
  { pattern: '/domains', element: 'ms-domains', area: 'domains', load: () => import('../pages/domains/domains.ts') },
  { pattern: '/domains/:name', element: 'ms-domain', area: 'domains', load: () => import('../pages/domains/domain.ts') },
  { pattern: '/mailboxes', element: 'ms-mailboxes', area: 'mailboxes', load: () => import('../pages/mailboxes/mailboxes.ts') },
  { pattern: '/mailboxes/:id', element: 'ms-mailbox', area: 'mailboxes', load: () => import('../pages/mailboxes/mailbox.ts') },
  { pattern: '/forwarders', element: 'ms-forwarders', area: 'forwarders', load: () => import('../pages/forwarders/forwarders.ts') },
  { pattern: '/messages', element: 'ms-messages', area: 'messages', load: () => import('../pages/messages/messages.ts') },
  { pattern: '/messages/:id', element: 'ms-messages', area: 'messages', load: () => import('../pages/messages/messages.ts') },
  { pattern: '/queue', element: 'ms-queue', area: 'queue', load: () => import('../pages/queue/queue.ts') },
  { pattern: '/settings', element: 'ms-settings', area: 'settings', load: () => import('../pages/settings/settings.ts') },
];

const person: readonly Route[] = [
  { pattern: '/', element: 'ms-my-mailbox', area: 'my-mailbox', load: () => import('../pages/my-mailbox/my-mailbox.ts') },
  { pattern: '/settings', element: 'ms-settings', area: 'settings', load: () => import('../pages/settings/settings.ts') },
];

/** The values of `pattern`'s names in `path`, or undefined if it does not fit. */
export function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (want.length !== have.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== given) return undefined;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(given);
    } catch {
      return undefined;
    }
  }
  return params;
}

/** The page of `path` for this role; undefined when there is none. */
export function matchRoute(path: string, role: Role): Match | undefined {
  for (const route of role === 'account' ? person : manager) {
    const params = matchPattern(route.pattern, path);
    if (params) return { route, params };
  }
  return undefined;
}
