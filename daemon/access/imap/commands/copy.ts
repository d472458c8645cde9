/** COPY and MOVE. RFC 9051 §6.4.7, §6.4.8; RFC 4315 (COPYUID); RFC 6851 §3.3 (COPYUID comes before the EXPUNGEs of MOVE). */
import { formatSet } from '../../../wire/imap/sequence-set.ts';
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { bad, no, ok } from '../reply.ts';
import { targetFolder } from './append.ts';

export const copy: CommandSpec<'COPY' | 'MOVE'> = {
  states: SELECTED,
  rejectedCode: 'OVERQUOTA',
  async run(session, { name, uid, set, mailbox }) {
    const { handle, view, isReadOnly } = session.folder;
    if (set.saved) return bad('SEARCHRES is not offered');
    if (name === 'MOVE' && isReadOnly) return no('READ-ONLY', 'The folder is open for reading only');
    const uids = view.resolve(set, uid);
    if (uids === null) return bad('There is no message of that number');
    const target = await targetFolder(session, mailbox);
    if (target === null) return no('TRYCREATE', 'There is no such folder');
    // RFC 9051 §6.4.7: UIDs that are not there are no error.
    if (uids.length === 0) return ok('Nothing to do');
    const { mailstore } = session.context;
    const options = { quotaBytes: session.quotaBytes };
    const result =
      name === 'COPY'
        ? await mailstore.copy(handle, uids, target, options)
        : await mailstore.move(handle, uids, target, { ...options, origin: session.origin });
    if (result.sourceUids.length === 0) return no('EXPUNGEISSUED', 'The messages are gone');
    const code = `COPYUID ${result.uidValidity} ${formatSet(result.sourceUids)} ${formatSet(result.targetUids)}`;
    if (name === 'COPY') return ok('Copied', code);
    session.writer.status('*', 'OK', code, 'Moved');
    view.receiveExpunged(result.sourceUids);
    return ok('Moved');
  },
};
