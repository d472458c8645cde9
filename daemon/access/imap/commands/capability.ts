/** CAPABILITY. RFC 9051 §6.1.1. */
import { capabilityText } from '../capabilities.ts';
import { ANY_STATE, type CommandSpec } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const capability: CommandSpec<'CAPABILITY'> = {
  states: ANY_STATE,
  run(session) {
    session.writer.untagged(`CAPABILITY ${capabilityText(session)}`);
    return ok('Listed');
  },
};
