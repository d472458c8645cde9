/** SELECT and EXAMINE. RFC 9051 §6.3.2, §6.3.3; RFC 3501 §6.3.1 (RECENT, UNSEEN); RFC 7162 §3.1.2, §3.1.8. */
import { Flag } from '../../../mailstore/mailstore.ts';
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { bad, ok } from '../reply.ts';

export const select: CommandSpec<'SELECT' | 'EXAMINE'> = {
  states: LOGGED_IN,
  async run(session, { name, mailbox, condstore, qresync }) {
    if (qresync !== null) return bad('QRESYNC is not offered');
    if (condstore) session.isCondstoreOn = true;
    const { writer } = session;
    if (session.selected !== null) {
      session.unselect();
      // RFC 9051 §7.1 (CLOSED): what follows is about the new folder.
      writer.status('*', 'OK', 'CLOSED', 'The folder before is closed');
    }
    const { folder, snapshot } = await session.select(mailbox, name === 'EXAMINE');
    const { view } = folder;
    writer.ascii('* FLAGS ').ascii(view.flagText.defined()).crlf();
    writer.status('*', 'OK', `PERMANENTFLAGS ${folder.isReadOnly ? '()' : view.flagText.permanent()}`, 'Kept for good');
    writer.ascii('* ').number(view.count).ascii(' EXISTS').crlf();
    writer.ascii('* ').number(view.recent).ascii(' RECENT').crlf();
    const unseen = firstUnseen(snapshot.flags);
    if (unseen > 0) writer.status('*', 'OK', `UNSEEN ${unseen}`, 'The first that was not read');
    writer.status('*', 'OK', `UIDVALIDITY ${snapshot.uidValidity}`, 'UIDs are valid');
    writer.status('*', 'OK', `UIDNEXT ${snapshot.uidNext}`, 'The next UID');
    writer.status('*', 'OK', `HIGHESTMODSEQ ${Math.max(1, snapshot.highestModSeq)}`, 'The highest');
    return ok('Selected', folder.isReadOnly ? 'READ-ONLY' : 'READ-WRITE');
  },
};

function firstUnseen(flags: Uint8Array): number {
  for (let index = 0; index < flags.length; index++) if (((flags[index] as number) & Flag.seen) === 0) return index + 1;
  return 0;
}
