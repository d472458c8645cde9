/* The links of the side bar, the phone's tabs and its "More" sheet: one list for each kind of person. */
import type { Overview, Role } from '../../daemon/http/contract/api.ts';
import { brokenDomains } from '../state/counts.ts';
import type { Area } from '../state/routes.ts';
import type { TextKey } from '../text/translate.ts';

export interface NavLink {
  readonly area: Area;
  readonly href: string;
  readonly icon: string;
  readonly label: TextKey;
  /** What stands at the right: a count, or how many are broken. */
  readonly figure?: (overview: Overview) => { readonly n: number; readonly state?: 'fail' | 'warn' };
}

export interface NavGroup {
  readonly heading?: TextKey;
  readonly links: readonly NavLink[];
}

const overview: NavLink = { area: 'overview', href: '/', icon: 'overview', label: 'nav.overview' };
const domains: NavLink = {
  area: 'domains',
  href: '/domains',
  icon: 'globe',
  label: 'nav.domains',
  figure: (now) => (brokenDomains(now) > 0 ? { n: brokenDomains(now), state: 'fail' } : { n: now.counts.domains }),
};
const mailboxes: NavLink = {
  area: 'mailboxes',
  href: '/mailboxes',
  icon: 'box',
  label: 'nav.mailboxes',
  figure: (now) => ({ n: now.counts.mailboxes }),
};
const forwarders: NavLink = {
  area: 'forwarders',
  href: '/forwarders',
  icon: 'fwd',
  label: 'nav.forwarders',
  figure: (now) => ({ n: now.counts.forwarders }),
};
const messages: NavLink = { area: 'messages', href: '/messages', icon: 'route', label: 'nav.messages' };
const queue: NavLink = { area: 'queue', href: '/queue', icon: 'clock', label: 'nav.queue', figure: (now) => ({ n: now.queue.messages }) };
const settings: NavLink = { area: 'settings', href: '/settings', icon: 'sliders', label: 'nav.settings' };
const own: NavLink = { area: 'my-mailbox', href: '/', icon: 'box', label: 'nav.myMailbox' };

/** Groups of links from above, as this role sees them. */
export function navGroups(role: Role): readonly NavGroup[] {
  if (role === 'account') return [{ links: [own] }, { heading: 'nav.account', links: [settings] }];
  return [
    { links: [overview, domains, mailboxes, forwarders] },
    { heading: 'nav.traffic', links: [messages, queue] },
    { heading: role === 'host' ? 'nav.server' : 'nav.account', links: [settings] },
  ];
}

/** The phone's first four links; the fifth place is "More". */
export function tabLinks(role: Role): readonly NavLink[] {
  return role === 'account' ? [own, settings] : [overview, domains, mailboxes, messages];
}

/** What "More" holds: everything that is no tab. */
export function moreLinks(role: Role): readonly NavLink[] {
  const tabs = tabLinks(role);
  return navGroups(role)
    .flatMap((group) => group.links)
    .filter((link) => !tabs.includes(link));
}
