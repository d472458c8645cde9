/** APPEND. RFC 9051 §6.3.12, RFC 4315 (APPENDUID), RFC 7889 (APPENDLIMIT). */
import { NotFound } from '../../../lib/errors.ts';
import { type CommandSpec, LOGGED_IN } from '../command-spec.ts';
import { splitFlags } from '../flag-text.ts';
import { crlfLines } from '../message-lines.ts';
import { bad, no, ok, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';

export const append: CommandSpec<'APPEND'> = {
  states: LOGGED_IN,
  rejectedCode: 'OVERQUOTA',
  async run(session, { mailbox, messages }) {
    const message = messages[0];
    if (message === undefined || messages.length > 1) return bad('One message at a time');
    const { bytes, binary } = message.literal;
    if (binary) return bad('BINARY is not offered');
    // RFC 9051 §9 (literal): CHAR8 has no NUL.
    if (bytes.includes(0)) return bad('The message holds NUL');
    if (bytes.length === 0) return no('CANNOT', 'The message is empty');
    if (bytes.length > session.context.limits.messageBytes) return no('TOOBIG', 'The message is too big');
    const handle = await targetFolder(session, mailbox);
    if (handle === null) return no('TRYCREATE', 'There is no such folder');
    const { flags, keywords } = splitFlags(message.flags);
    const { uidValidity, uid } = await session.context.mailstore.append(
      {
        handle,
        raw: crlfLines(bytes),
        flags,
        keywords,
        internalDateMs: message.internalDate === null ? Date.now() : message.internalDate * 1000,
        quotaBytes: session.quotaBytes,
      },
      session.origin,
    );
    // RFC 9051 §6.3.12: the session that has the folder selected is told at once.
    if (session.selected?.handle.folder === handle.folder) await session.awaitArrival(uid);
    return appended(uidValidity, uid);
  },
};

function appended(uidValidity: number, uid: number): Reply {
  return ok('Appended', `APPENDUID ${uidValidity} ${uid}`);
}

/** The folder of that name, or null when there is none: APPEND, COPY and MOVE answer [TRYCREATE] then (RFC 9051 §7.1). */
export async function targetFolder(
  session: Session,
  name: string,
): Promise<{ account: typeof session.account; folder: NonNullable<Session['selected']>['handle']['folder'] } | null> {
  if (session.selected?.name === name) return session.selected.handle;
  try {
    const { id } = await session.context.mailstore.status(session.account, name);
    return { account: session.account, folder: id };
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}
