/** NOOP and CHECK: the client asks for news. RFC 9051 §6.1.2, RFC 3501 §6.4.1. */
import { ANY_STATE, type CommandSpec, SELECTED } from '../command-spec.ts';
import { ok } from '../reply.ts';

export const noop: CommandSpec<'NOOP'> = { states: ANY_STATE, run: () => ok('Done') };

/** What was acknowledged is on the disk already: there is nothing to check. */
export const check: CommandSpec<'CHECK'> = { states: SELECTED, run: () => ok('Checked') };
