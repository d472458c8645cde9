/** ID: who both are. RFC 2971. */
import { ANY_STATE, type CommandSpec } from '../command-spec.ts';
import { ok } from '../reply.ts';

const MAX_LOGGED_CHARACTERS = 80;

export const id: CommandSpec<'ID'> = {
  states: ANY_STATE,
  run(session, { fields }) {
    const client: Record<string, string> = {};
    for (const [field, value] of fields ?? []) {
      const name = field.toLowerCase();
      if (value !== null && (name === 'name' || name === 'version' || name === 'os')) client[name] = value.slice(0, MAX_LOGGED_CHARACTERS);
    }
    session.context.log.info({ remote: session.io.remoteAddress, account: session.login?.account ?? null, client }, 'imap_client');
    // RFC 2971 §3.3: before log-in no version is told.
    session.writer.ascii('* ID ("name" "Mailstead"');
    if (session.login !== null) session.writer.ascii(' "version" ').string(session.context.version);
    session.writer.ascii(')').crlf();
    return ok('Pleased to meet you');
  },
};
