/*
 * Turns a key into words.
 * Owns: the look-up of the panel's strings; every visible string stands in text/en/ under a key.
 * 1. A text is a string with {name} places, or one string per plural form chosen by the value `count`.
 * 2. A missing value leaves its place empty rather than failing a page.
 * 3. Values are put in as text; a text never carries markup.
 */
import { common } from './en/common.ts';
import { domains } from './en/domains.ts';
import { forwarders } from './en/forwarders.ts';
import { mailboxes } from './en/mailboxes.ts';
import { messages } from './en/messages.ts';
import { overview } from './en/overview.ts';
import { queue } from './en/queue.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';

export type Plural = { readonly one: string; readonly other: string };
export type Text = string | Plural;
export type Values = { readonly [name: string]: string | number };

const catalogue = {
  ...common,
  ...shell,
  ...signIn,
  ...overview,
  ...domains,
  ...mailboxes,
  ...forwarders,
  ...queue,
  ...messages,
  ...settings,
} as const satisfies Record<string, Text>;

export type TextKey = keyof typeof catalogue;

const plurals = new Intl.PluralRules('en');

/** The text under `key` with `values` put in. With plural forms, `values.count` chooses. */
export function t(key: TextKey, values: Values = {}): string {
  const entry: Text = catalogue[key];
  const template = typeof entry === 'string' ? entry : plurals.select(Number(values.count)) === 'one' ? entry.one : entry.other;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** Whether `key` is one of ours: for keys put together from what the server sent. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(catalogue, key);
}
