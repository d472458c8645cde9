/**
 * The shape of a command's file: where it is legal, whether EXPUNGE must wait, and what it does.
 * Specifications: RFC 9051 §3 (states), §7.5.1 (when EXPUNGE must not be sent).
 */
import type { CommandName, CommandNamed } from '../../wire/imap/command.ts';
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

export type SessionState = 'not-authenticated' | 'authenticated' | 'selected';

export const ANY_STATE: readonly SessionState[] = ['not-authenticated', 'authenticated', 'selected'];
export const LOGGED_IN: readonly SessionState[] = ['authenticated', 'selected'];
export const SELECTED: readonly SessionState[] = ['selected'];
export const LOGGED_OUT: readonly SessionState[] = ['not-authenticated'];

export interface CommandSpec<Name extends CommandName> {
  readonly states: readonly SessionState[];
  /** RFC 9051 §7.5.1: no EXPUNGE while it runs, for its numbers would change their meaning. */
  holdsExpunge?(command: CommandNamed<Name>): boolean;
  /** Code for an error of kind Rejected. */
  readonly rejectedCode?: string;
  /** Acts and writes the untagged answers; the connection announces changes and writes the tagged answer. */
  run(session: Session, command: CommandNamed<Name>): Promise<Reply> | Reply;
}
