/** LOGOUT. RFC 9051 §6.1.3. */
import { ANY_STATE, type CommandSpec } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const logout: CommandSpec<'LOGOUT'> = {
  states: ANY_STATE,
  run(session) {
    session.unselect();
    session.bye('Good bye');
    return ok('Logged out');
  },
};
