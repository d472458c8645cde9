/** STATUS. RFC 9051 §6.3.11; RFC 3501 §6.3.10 (RECENT); RFC 8438 (SIZE); RFC 7889 (APPENDLIMIT); RFC 9208 §4.1.4 (DELETED, DELETED-STORAGE). */
import { Field, Flag, type FolderStatus } from '../../../mailstore/mailstore.ts';
import type { StatusItem } from '../../../wire/imap/command.ts';
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { ok } from '../reply.ts';
import type { Session } from '../session.ts';

export const status: CommandSpec<'STATUS'> = {
  states: LOGGED_IN,
  async run(session, { mailbox, items }) {
    await writeStatus(session, mailbox, items);
    return ok('Told');
  },
};

/** Writes one `* STATUS` line. */
export async function writeStatus(session: Session, name: string, items: readonly StatusItem[]): Promise<void> {
  const folder = await session.context.mailstore.status(session.account, name);
  if (items.includes('HIGHESTMODSEQ')) session.isCondstoreOn = true;
  const { writer } = session;
  const values: string[] = [];
  for (const item of items) values.push(`${item} ${await valueOf(session, folder, item)}`);
  writer
    .ascii('* STATUS ')
    .mailbox(name, false)
    .ascii(` (${values.join(' ')})`)
    .crlf();
}

async function valueOf(session: Session, folder: FolderStatus, item: StatusItem): Promise<number> {
  switch (item) {
    case 'MESSAGES':
      return folder.messages;
    case 'UIDNEXT':
      return folder.uidNext;
    case 'UIDVALIDITY':
      return folder.uidValidity;
    case 'UNSEEN':
      return folder.unseen;
    case 'DELETED':
      return folder.deleted;
    case 'SIZE':
      return folder.sizeBytes;
    case 'RECENT':
      return folder.recent;
    // RFC 7162 §3.1.2.1: at least 1.
    case 'HIGHESTMODSEQ':
      return Math.max(1, folder.highestModSeq);
    case 'APPENDLIMIT':
      return session.context.limits.messageBytes;
    case 'DELETED-STORAGE':
      return deletedBytes(session, folder);
  }
}

async function deletedBytes(session: Session, folder: FolderStatus): Promise<number> {
  if (folder.deleted === 0) return 0;
  const handle = { account: session.account, folder: folder.id };
  const uids = await session.context.mailstore.search(handle, { kind: 'flags', set: Flag.deleted, clear: 0 });
  let total = 0;
  for await (const page of session.context.mailstore.fetch({ handle, uids, fields: Field.size })) {
    for (const size of page.sizes ?? []) total += size;
  }
  return total;
}
