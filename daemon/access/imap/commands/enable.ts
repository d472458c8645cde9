/** ENABLE: names what of the list is known; the rest is ignored. RFC 9051 §6.3.1, RFC 5161. */
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const enable: CommandSpec<'ENABLE'> = {
  states: LOGGED_IN,
  run(session, { capabilities }) {
    const enabled: string[] = [];
    if (capabilities.includes('CONDSTORE')) {
      session.isCondstoreOn = true;
      enabled.push('CONDSTORE');
    }
    session.writer.untagged(['ENABLED', ...enabled].join(' '));
    return ok('Enabled');
  },
};
