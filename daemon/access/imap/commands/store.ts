/** STORE. RFC 9051 §6.4.6; RFC 7162 §3.1.3 (UNCHANGEDSINCE). */
import type { StoreFlagsResult } from '../../../mailstore/mailstore.ts';
import { brand, type ModSeq } from '../../../wire/ids.ts';
import { formatSet } from '../../../wire/imap/sequence-set.ts';
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { splitFlags } from '../flag-text.ts';
import { bad, no, ok } from '../reply.ts';
import type { Session } from '../session.ts';
import type { SessionView } from '../session-view.ts';

export const store: CommandSpec<'STORE'> = {
  states: SELECTED,
  rejectedCode: 'LIMIT',
  holdsExpunge: ({ uid }) => !uid,
  async run(session, { uid, set, mode, silent, flags: words, unchangedSince }) {
    const { handle, view, isReadOnly } = session.folder;
    if (set.saved) return bad('SEARCHRES is not offered');
    if (isReadOnly) return no('READ-ONLY', 'The folder is open for reading only');
    const uids = view.resolve(set, uid);
    if (uids === null) return bad('There is no message of that number');
    if (unchangedSince !== null) session.isCondstoreOn = true;
    if (uids.length === 0) return ok('Nothing to change');
    const { flags, keywords } = splitFlags(words);
    const result = await session.context.mailstore.storeFlags(
      { handle, uids, mode, flags, keywords, ...(unchangedSince === null ? {} : { unchangedSince: brand<ModSeq>(unchangedSince) }) },
      session.origin,
    );
    if (view.flagText.learn(result.keywordNames)) session.writer.ascii('* FLAGS ').ascii(view.flagText.defined()).crlf();
    view.toldOwn(result.modseqs);
    await writeResult(session, view, result, { uid, silent });
    if (result.modified.length === 0) return ok('Stored');
    // RFC 7162 §3.1.3: the others were changed, these were not.
    const left = uid ? result.modified : result.modified.map((entry) => view.sequenceOf(entry));
    return ok('Some had changed', `MODIFIED ${formatSet(left)}`);
  },
};

/** FETCH responses with the new flags; with .SILENT only modseqs, and only to those that asked for them (RFC 7162 §3.1.3). */
async function writeResult(
  session: Session,
  view: SessionView,
  result: StoreFlagsResult,
  { uid, silent }: { uid: boolean; silent: boolean },
): Promise<void> {
  if (silent && !session.isCondstoreOn) return;
  const { writer } = session;
  for (let row = 0; row < result.uids.length; row++) {
    const message = result.uids[row] as number;
    const sequence = view.sequenceOf(message);
    if (sequence === 0) continue;
    writer.ascii('* ').number(sequence).ascii(' FETCH (');
    if (uid)
      writer
        .ascii('UID ')
        .number(message)
        .ascii(session.isCondstoreOn || !silent ? ' ' : '');
    if (session.isCondstoreOn)
      writer
        .ascii('MODSEQ (')
        .number(result.modseqs[row] as number)
        .ascii(silent ? ')' : ') ');
    if (!silent)
      writer.ascii('FLAGS ').ascii(view.flagText.of(result.flags[row] as number, result.keywords?.[row] ?? 0n, view.isRecent(message)));
    writer.ascii(')').crlf();
    if (writer.pendingBytes > 65_536) await session.io.flush();
  }
}
