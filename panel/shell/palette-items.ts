/*
 * What the palette offers: what the server finds, pages of the panel, and things to do.
 * 1. Everything is an address, so that a choice is a step like any other and can be linked.
 * 2. Things to do name what was typed when it fits ("Create a mailbox at example.com").
 */
import type { Role, SearchHit } from '../../daemon/http/contract/api.ts';
import type { State } from '../elements/state.ts';
import { originalSender } from '../text/original-sender.ts';
import { type TextKey, t } from '../text/translate.ts';
import { navGroups } from './nav.ts';

export interface PaletteItem {
  readonly id: string;
  readonly icon: string;
  readonly title: string;
  readonly note?: string;
  readonly state?: { readonly state: State; readonly word: string };
  readonly href: string;
  /** What else can be done with it, opened with Tab. */
  readonly more: readonly PaletteItem[];
}

export interface PaletteGroup {
  readonly heading: string;
  readonly items: readonly PaletteItem[];
}

const icons: Readonly<Record<SearchHit['kind'], string>> = { domain: 'globe', mailbox: 'box', forwarder: 'fwd', message: 'route' };
const kinds: readonly SearchHit['kind'][] = ['domain', 'mailbox', 'forwarder', 'message'];
const headings: Readonly<Record<SearchHit['kind'], TextKey>> = {
  domain: 'nav.domains',
  mailbox: 'nav.mailboxes',
  forwarder: 'nav.forwarders',
  message: 'nav.messages',
};

const item = (id: string, icon: string, title: string, href: string): PaletteItem => ({ id, icon, title, href, more: [] });

function actionsFor(hit: SearchHit, id: string): PaletteItem[] {
  const q = encodeURIComponent(hit.title);
  switch (hit.kind) {
    case 'domain':
      return [
        item(`${id}-open`, 'globe', t('palette.openIt', { title: hit.title }), hit.href),
        item(`${id}-check`, 'again', t('palette.check', { domain: hit.title }), `${hit.href}?do=check`),
        item(
          `${id}-create`,
          'plus',
          t('palette.createAt', { domain: hit.title }),
          `/mailboxes?create=${encodeURIComponent(`@${hit.title}`)}`,
        ),
        item(`${id}-boxes`, 'box', t('palette.boxesOf', { domain: hit.title }), `/mailboxes?q=${encodeURIComponent(`@${hit.title}`)}`),
      ];
    case 'mailbox':
      return [
        item(`${id}-open`, 'box', t('palette.openIt', { title: hit.title }), hit.href),
        item(`${id}-password`, 'key', t('palette.password', { address: hit.title }), `${hit.href}?do=password`),
        item(`${id}-client`, 'phone', t('palette.client', { address: hit.title }), `${hit.href}?do=client`),
        item(`${id}-messages`, 'route', t('palette.messagesOf', { address: hit.title }), `/messages?q=${q}`),
      ];
    default:
      return [item(`${id}-open`, icons[hit.kind], t('palette.openIt', { title: hit.title }), hit.href)];
  }
}

/** The word beside a hit's mark; nothing stands there when all is well. */
function hitState(hit: SearchHit): PaletteItem['state'] {
  if (hit.state === 'ok') return undefined;
  if (hit.kind === 'message')
    return hit.state === 'fail' ? { state: 'fail', word: t('palette.cameBack') } : { state: 'wait', word: t('palette.waits') };
  return { state: hit.state, word: t(hit.state === 'fail' ? 'palette.fail' : hit.state === 'warn' ? 'palette.warn' : 'palette.off') };
}

/** Groups of what the server found, in the order domains, mailboxes, forwarders, messages. */
export function hitGroups(hits: readonly SearchHit[]): PaletteGroup[] {
  return kinds.flatMap((kind) => {
    const items = hits
      .filter((hit) => hit.kind === kind)
      .map((hit, index): PaletteItem => {
        const id = `hit-${kind}-${index}`;
        const state = hitState(hit);
        return {
          id,
          icon: icons[kind],
          title: hit.title,
          note: hit.note.split(' ').map(originalSender).join(' '),
          href: hit.href,
          more: actionsFor(hit, id),
          ...(state ? { state } : {}),
        };
      });
    return items.length > 0 ? [{ heading: t(headings[kind]), items }] : [];
  });
}

const commands: readonly {
  readonly key: TextKey;
  readonly icon: string;
  readonly href: string;
  readonly hostOnly?: boolean;
  readonly manager: boolean;
}[] = [
  { key: 'palette.addDomain', icon: 'plus', href: '/domains?add=1', manager: true },
  { key: 'palette.createMailbox', icon: 'plus', href: '/mailboxes?create=1', manager: true },
  { key: 'palette.createForwarder', icon: 'plus', href: '/forwarders?create=1', manager: true },
  { key: 'palette.testAddress', icon: 'route', href: '/forwarders?test=1', manager: true },
  { key: 'palette.waiting', icon: 'clock', href: '/queue', manager: true },
  { key: 'palette.ownPassword', icon: 'key', href: '/settings?do=password', manager: false },
  { key: 'palette.tokens', icon: 'link', href: '/settings?section=tokens', manager: true },
  { key: 'palette.sessions', icon: 'laptop', href: '/settings?section=sessions', manager: false },
  { key: 'palette.audit', icon: 'report', href: '/settings?section=audit', hostOnly: true, manager: true },
];

const fits = (title: string, words: readonly string[]): boolean => words.every((word) => title.toLowerCase().includes(word));

/** Pages and things to do that fit what was typed; without words, all of them. */
export function localGroups(typed: string, role: Role): PaletteGroup[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const pages = navGroups(role)
    .flatMap((group) => group.links)
    .map((link) => item(`page-${link.area}`, link.icon, t(link.label), link.href));
  const todo = commands
    .filter((command) => (role !== 'account' || !command.manager) && (!command.hostOnly || role === 'host'))
    .map((command) => item(`do-${command.key}`, command.icon, t(command.key), command.href));
  const own = [
    { heading: t('palette.pages'), items: pages.filter((entry) => fits(entry.title, words)) },
    { heading: t('palette.do'), items: todo.filter((entry) => fits(entry.title, words)) },
  ];
  return own.filter((group) => group.items.length > 0);
}

/** The typed words that occur in a title, as [text, found] pieces. */
export function pieces(title: string, typed: string): (readonly [string, boolean])[] {
  const word = typed
    .trim()
    .split(/\s+/)
    .find((part) => part && title.toLowerCase().includes(part.toLowerCase()));
  if (!word) return [[title, false]];
  const at = title.toLowerCase().indexOf(word.toLowerCase());
  return (
    [
      [title.slice(0, at), false],
      [title.slice(at, at + word.length), true],
      [title.slice(at + word.length), false],
    ] as const
  ).filter(([text]) => text !== '');
}
