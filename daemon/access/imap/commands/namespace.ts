/** NAMESPACE: everything is the user's own. RFC 9051 §6.3.10, RFC 2342. */
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const namespace: CommandSpec<'NAMESPACE'> = {
  states: LOGGED_IN,
  run(session) {
    session.writer.untagged('NAMESPACE (("" "/")) NIL NIL');
    return ok('Listed');
  },
};
