/**
 * Names of folders: how they are written, compared and nested.
 *
 * 1. A name is NFC UTF-8 with `/` between levels, none of them empty; INBOX is in capitals wherever it is the first level.
 * 2. Names compare by their octets, INBOX aside (RFC 9051 §5.1).
 * 3. At most 1,000 octets, so that 255 levels fit and a list of 10,000 names stays small.
 */
import { Invalid, Rejected } from '../lib/errors.ts';
import type { FolderRole } from './mailstore.ts';

const MAX_NAME_BYTES = 1000;
export const MAX_FOLDERS = 10_000;
export const INBOX = 'INBOX';

/** RFC 6154 §2: made with every account, in this order. */
export const standardFolders: readonly { readonly name: string; readonly role: FolderRole }[] = [
  { name: INBOX, role: 'inbox' },
  { name: 'Drafts', role: 'drafts' },
  { name: 'Sent', role: 'sent' },
  { name: 'Junk', role: 'junk' },
  { name: 'Trash', role: 'trash' },
  { name: 'Archive', role: 'archive' },
];

/** The one form of `name`; throws Invalid{name} when it can be none. A trailing `/` is dropped (RFC 9051 §6.3.4). */
export function normalFolderName(name: string): string {
  let normal = name.normalize('NFC');
  if (normal.endsWith('/')) normal = normal.slice(0, -1);
  const first = normal.split('/', 1)[0] ?? '';
  if (first.toUpperCase() === INBOX) normal = INBOX + normal.slice(first.length);
  if (normal === '' || normal.startsWith('/') || normal.endsWith('/') || normal.includes('//')) {
    throw new Invalid('name', 'A folder name cannot have an empty level');
  }
  for (let i = 0; i < normal.length; i++) {
    const code = normal.charCodeAt(i);
    // RFC 9051 §5.1: no controls, nor line and paragraph separators (RFC 5198 §2).
    if (code < 32 || (code >= 127 && code < 160) || code === 0x2028 || code === 0x2029) {
      throw new Invalid('name', 'A folder name cannot have control characters');
    }
  }
  if (!normal.isWellFormed()) throw new Invalid('name', 'A folder name has to be Unicode text');
  if (Buffer.byteLength(normal) > MAX_NAME_BYTES) throw new Invalid('name', 'The folder name is too long');
  return normal;
}

/** `a/b/c` gives `a`, `a/b`. */
export function ancestors(name: string): string[] {
  const found: string[] = [];
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) found.push(name.slice(0, at));
  return found;
}

export function isBelow(name: string, parent: string): boolean {
  return name.length > parent.length && name.startsWith(parent) && name.charCodeAt(parent.length) === 47;
}

/** The order of a list: INBOX and what is below it first, then by name. */
export function compareFolderNames(a: string, b: string): number {
  const aFirst = a === INBOX || isBelow(a, INBOX);
  const bFirst = b === INBOX || isBelow(b, INBOX);
  if (aFirst !== bFirst) return aFirst ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What a rename changes: pairs of old and new name, the folder itself first, then everything below it.
 * Throws Rejected when `to` lies within `from`.
 */
export function renamed(names: Iterable<string>, from: string, to: string): [old: string, name: string][] {
  if (isBelow(to, from)) throw new Rejected('A folder cannot be moved into itself');
  const pairs: [string, string][] = [];
  for (const name of names) {
    if (name === from) pairs.unshift([name, to]);
    else if (isBelow(name, from)) pairs.push([name, normalFolderName(to + name.slice(from.length))]);
  }
  return pairs;
}
