/**
 * Which folders a LIST or LSUB names, and with which attributes; pure, over the mailstore's list of folders.
 *
 * 1. A name appears once, in the list's order, however many patterns it matches.
 * 2. \HasChildren tells of folders that exist; a name that is only subscribed is \NonExistent and has no say in it.
 * Specifications: RFC 9051 §6.3.9, §7.3.1; RFC 3501 §6.3.9 (LSUB); RFC 5258; RFC 6154 §2; RFC 3348.
 */
import type { FolderInfo, FolderRole } from '../../mailstore/mailstore.ts';
import type { ListCommand } from '../../wire/imap/command.ts';
import { compileListPattern } from '../../wire/imap/list-pattern.ts';

export const SEPARATOR = '/';

const USE_OF_ROLE: Readonly<Record<FolderRole, string | null>> = {
  inbox: null,
  drafts: '\\Drafts',
  sent: '\\Sent',
  junk: '\\Junk',
  trash: '\\Trash',
  archive: '\\Archive',
  all: '\\All',
  flagged: '\\Flagged',
};

export interface ListedFolder {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly isSelectable: boolean;
  /** Something below it was selected that the patterns do not show. */
  readonly childInfo: boolean;
}

type Entry = Pick<FolderInfo, 'name' | 'role' | 'subscribed' | 'selectable'> & { readonly absent?: boolean };

function matcher({ reference, patterns }: ListCommand): (name: string) => boolean {
  const compiled = patterns.map((pattern) => compileListPattern(reference, pattern, SEPARATOR));
  return (name) => compiled.some((pattern) => pattern.matches(name));
}

/** Names that have something below them. */
function parentsOf(entries: Iterable<Entry>): Set<string> {
  const parents = new Set<string>();
  for (const { name } of entries) {
    for (let at = name.lastIndexOf(SEPARATOR); at > 0; at = name.lastIndexOf(SEPARATOR, at - 1)) {
      const parent = name.slice(0, at);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  }
  return parents;
}

/** The lines of LIST. */
export function listFolders(folders: readonly Entry[], command: ListCommand): ListedFolder[] {
  const matches = matcher(command);
  const selection = new Set(command.selection);
  const isSelected = selectionTest(selection);
  const existing = parentsOf(folders.filter((folder) => folder.absent !== true));
  const isRecursive = selection.has('RECURSIVEMATCH');
  // RFC 9051 §6.3.9.6: what the patterns leave out, and what is below a returned name.
  const hidden = isRecursive ? parentsOf(folders.filter((folder) => isSelected(folder) && !matches(folder.name))) : new Set<string>();
  const chosen = isRecursive ? parentsOf(folders.filter(isSelected)) : hidden;
  const showsSubscribed = selection.has('SUBSCRIBED') || command.returns.includes('SUBSCRIBED');
  const listed: ListedFolder[] = [];
  for (const folder of isRecursive ? withParents(folders) : folders) {
    if (!(isSelected(folder) || hidden.has(folder.name)) || !matches(folder.name)) continue;
    listed.push({
      name: folder.name,
      attributes: attributesOf(folder, { hasChildren: existing.has(folder.name), isExtended: command.isExtended, showsSubscribed }),
      isSelectable: folder.selectable,
      childInfo: chosen.has(folder.name),
    });
  }
  return listed;
}

function selectionTest(selection: ReadonlySet<string>): (folder: Entry) => boolean {
  const subscribed = selection.has('SUBSCRIBED');
  const special = selection.has('SPECIAL-USE');
  return (folder) =>
    (!subscribed || folder.subscribed) &&
    (!special || (folder.role !== null && USE_OF_ROLE[folder.role] !== null)) &&
    (subscribed || folder.absent !== true);
}

/** Adds the levels above names that are only subscribed. */
function withParents(folders: readonly Entry[]): Entry[] {
  const names = new Set(folders.map((folder) => folder.name));
  const missing = [...parentsOf(folders)].filter((name) => !names.has(name));
  return [...folders, ...missing.map((name) => ({ name, role: null, subscribed: false, selectable: false, absent: true }))];
}

function attributesOf(
  folder: Entry,
  { hasChildren, isExtended, showsSubscribed }: { hasChildren: boolean; isExtended: boolean; showsSubscribed: boolean },
): string[] {
  const attributes: string[] = [];
  // RFC 9051 §7.3.1: \NonExistent implies \Noselect; plain LIST keeps to the words of RFC 3501.
  if (!folder.selectable) attributes.push(isExtended ? '\\NonExistent' : '\\Noselect');
  if (showsSubscribed && folder.subscribed) attributes.push('\\Subscribed');
  attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren');
  const use = folder.role === null ? null : USE_OF_ROLE[folder.role];
  if (use !== null) attributes.push(use);
  return attributes;
}

/** The lines of LSUB. */
export function listSubscribed(folders: readonly Entry[], command: ListCommand): { name: string; attributes: string[] }[] {
  const matches = matcher(command);
  const subscribed = folders.filter((folder) => folder.subscribed);
  const listed = new Map<string, string[]>();
  for (const folder of subscribed) if (matches(folder.name)) listed.set(folder.name, folder.selectable ? [] : ['\\Noselect']);
  // RFC 3501 §6.3.9: "%" shows a level that is not subscribed itself as \Noselect when something below it is.
  if (command.patterns.some((pattern) => pattern.endsWith('%'))) {
    for (const name of parentsOf(subscribed)) if (!listed.has(name) && matches(name)) listed.set(name, ['\\Noselect']);
  }
  return [...listed].map(([name, attributes]) => ({ name, attributes }));
}
