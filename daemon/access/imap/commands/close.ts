/** CLOSE and UNSELECT: leave the folder, the first removing what is \Deleted without telling of it. RFC 9051 §6.4.1, §6.4.2. */
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const close: CommandSpec<'CLOSE'> = {
  states: SELECTED,
  async run(session) {
    const { handle, isReadOnly } = session.folder;
    session.unselect();
    if (!isReadOnly) await session.context.mailstore.expunge(handle, undefined, { origin: session.origin });
    return ok('Closed');
  },
};

export const unselect: CommandSpec<'UNSELECT'> = {
  states: SELECTED,
  run(session) {
    session.unselect();
    return ok('Unselected');
  },
};
