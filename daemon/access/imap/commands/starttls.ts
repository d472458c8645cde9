/** STARTTLS: TLS begins behind the tagged OK; what was sent in clear text behind the command is dropped. RFC 9051 §6.2.1. */
import { type CommandSpec, LOGGED_OUT } from '../command-spec.ts';
import { bad, no, ok } from '../reply.ts';

export const starttls: CommandSpec<'STARTTLS'> = {
  states: LOGGED_OUT,
  run(session) {
    if (session.isSecure) return bad('TLS is on already');
    if (!session.hasCertificate()) return no('UNAVAILABLE', 'There is no certificate');
    session.io.startTls();
    return ok('Begin TLS now');
  },
};
