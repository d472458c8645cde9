/** LIST with all options of LIST-EXTENDED, SPECIAL-USE and LIST-STATUS, and LSUB. RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 5819, RFC 6154. */
import { NotFound } from '../../../lib/errors.ts';
import type { ListCommand } from '../../../wire/imap/command.ts';
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { listFolders, listSubscribed, SEPARATOR } from '../folder-listing.ts';
import { bad, ok, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { writeStatus } from './status.ts';

const SELECTION_OPTIONS: ReadonlySet<string> = new Set(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE']);
const RETURN_OPTIONS: ReadonlySet<string> = new Set(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS']);

export const list: CommandSpec<'LIST' | 'LSUB'> = {
  states: LOGGED_IN,
  async run(session, command) {
    const problem = checkOptions(command);
    if (problem !== null) return problem;
    const { writer } = session;
    const folders = await session.context.mailstore.folders(session.account);
    if (command.name === 'LSUB') {
      for (const { name, attributes } of listSubscribed(folders, command)) writeLine(session, 'LSUB', { name, attributes });
      return ok('Listed');
    }
    // RFC 9051 §6.3.9: an empty pattern asks for the separator and the root of the reference.
    if (!command.isExtended && command.patterns[0] === '') {
      writer.untagged(`LIST (\\Noselect) "${SEPARATOR}" ""`);
      return ok('Listed');
    }
    for (const entry of listFolders(folders, command)) {
      writeLine(session, 'LIST', entry);
      // RFC 5819 §2: no STATUS for what cannot be selected.
      if (command.statusItems !== null && entry.isSelectable) {
        try {
          await writeStatus(session, entry.name, command.statusItems);
        } catch (error) {
          // Removed since it was listed.
          if (!(error instanceof NotFound)) throw error;
        }
      }
    }
    return ok('Listed');
  },
};

function checkOptions({ selection, returns }: ListCommand): Reply | null {
  if (!selection.every((option) => SELECTION_OPTIONS.has(option)) || !returns.every((option) => RETURN_OPTIONS.has(option)))
    return bad('There is no such LIST option');
  // RFC 9051 §6.3.9.1: RECURSIVEMATCH only goes with an option that it can widen.
  if (selection.includes('RECURSIVEMATCH') && !selection.includes('SUBSCRIBED') && !selection.includes('SPECIAL-USE'))
    return bad('RECURSIVEMATCH needs another option');
  return null;
}

interface Line {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly childInfo?: boolean;
}

function writeLine(session: Session, kind: 'LIST' | 'LSUB', { name, attributes, childInfo = false }: Line): void {
  session.writer.ascii(`* ${kind} (${attributes.join(' ')}) "${SEPARATOR}" `).mailbox(name, false);
  // RFC 9051 §6.3.9.6: shown because of what is below it.
  if (childInfo) session.writer.ascii(' ("CHILDINFO" ("SUBSCRIBED"))');
  session.writer.crlf();
}
