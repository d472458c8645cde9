/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. RFC 9051 §6.3.4 to §6.3.8; RFC 6154 §3 (USE). */

import { Conflict } from '../../../lib/errors.ts';
import type { FolderRole } from '../../../mailstore/mailstore.ts';
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { no, ok } from '../reply.ts';

const ROLE_OF_USE: ReadonlyMap<string, FolderRole> = new Map([
  ['\\DRAFTS', 'drafts'],
  ['\\SENT', 'sent'],
  ['\\JUNK', 'junk'],
  ['\\TRASH', 'trash'],
  ['\\ARCHIVE', 'archive'],
]);

export const create: CommandSpec<'CREATE'> = {
  states: LOGGED_IN,
  async run(session, { mailbox, uses }) {
    const role = uses.length === 0 ? null : ROLE_OF_USE.get((uses[0] as string).toUpperCase());
    // RFC 6154 §3: \All and \Flagged would be made of other folders, and a folder serves one purpose here.
    if (uses.length > 1 || role === undefined) return no('USEATTR', 'A folder cannot be used so');
    const folders = await session.context.mailstore.folders(session.account);
    if (role !== null && folders.some((folder) => folder.role === role && folder.name !== mailbox)) {
      return no('USEATTR', 'Another folder is used so already');
    }
    await session.context.mailstore.createFolder(session.account, mailbox, role);
    return ok('Created');
  },
};

export const remove: CommandSpec<'DELETE'> = {
  states: LOGGED_IN,
  async run(session, { mailbox }) {
    const folder = session.selected;
    // The folder that is deleted is left first, so that the session survives.
    if (folder?.name === mailbox && mailbox !== 'INBOX') session.unselect();
    await session.context.mailstore.deleteFolder(session.account, mailbox);
    return ok('Deleted');
  },
};

export const rename: CommandSpec<'RENAME'> = {
  states: LOGGED_IN,
  async run(session, { from, to }) {
    if (to === 'INBOX') throw new Conflict('INBOX exists already');
    await session.context.mailstore.renameFolder(session.account, from, to);
    return ok('Renamed');
  },
};

/** RFC 9051 §6.3.7: a name need not exist to be subscribed. */
export const subscribe: CommandSpec<'SUBSCRIBE' | 'UNSUBSCRIBE'> = {
  states: LOGGED_IN,
  async run(session, { name, mailbox }) {
    await session.context.mailstore.subscribeFolder(session.account, mailbox, name === 'SUBSCRIBE');
    return ok(name === 'SUBSCRIBE' ? 'Subscribed' : 'Unsubscribed');
  },
};
