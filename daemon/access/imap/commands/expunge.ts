/** EXPUNGE and UID EXPUNGE. RFC 9051 §6.4.3, §6.4.9; RFC 4315. */
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { no, ok } from '../reply.ts';

export const expunge: CommandSpec<'EXPUNGE'> = {
  states: SELECTED,
  async run(session, { uids }) {
    const { handle, view, isReadOnly } = session.folder;
    if (isReadOnly) return no('READ-ONLY', 'The folder is open for reading only');
    const among = uids === null ? undefined : (view.resolve(uids, true) ?? new Uint32Array(0));
    if (among?.length === 0) return ok('Nothing to remove');
    view.receiveExpunged(await session.context.mailstore.expunge(handle, among, { origin: session.origin }));
    return ok('Removed');
  },
};
