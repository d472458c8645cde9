/** FETCH: pages from the mailstore to the socket, no faster than the client takes them. RFC 9051 §6.4.5; RFC 7162 §3.1.4 (CHANGEDSINCE). */
import { type FetchPage, Field, Flag } from '../../../mailstore/mailstore.ts';
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { FetchPlan } from '../fetch-plan.ts';
import { bad, no, ok } from '../reply.ts';
import type { Session } from '../session.ts';

const FLUSH_BYTES = 64 * 1024;
const NOT_OFFERED: ReadonlySet<string> = new Set(['BINARY', 'BINARY.SIZE', 'PREVIEW']);

export const fetch: CommandSpec<'FETCH'> = {
  states: SELECTED,
  holdsExpunge: ({ uid }) => !uid,
  async run(session, command) {
    const { handle, view, isReadOnly } = session.folder;
    if (command.set.saved || command.vanished || command.items.some(({ type }) => NOT_OFFERED.has(type))) return bad('This is not offered');
    const asked = view.resolve(command.set, command.uid);
    if (asked === null) return bad('There is no message of that number');
    if (command.changedSince !== null || command.items.some(({ type }) => type === 'MODSEQ')) session.isCondstoreOn = true;
    const uids = command.changedSince === null ? asked : await changedSince(session, command.changedSince, asked);
    if (uids.length === 0) return ok('Nothing to fetch');
    const plan = new FetchPlan(command, view, session.isCondstoreOn);
    let told = 0;
    for await (const page of session.context.mailstore.fetch({ handle, uids, fields: plan.fields, slices: plan.slices })) {
      if (session.io.isClosed) break;
      if ((page.rawOffset ?? 0) === 0) told += page.uids.length;
      // RFC 9051 §6.4.5: when reading changes \Seen, the new flags belong to the answer.
      const marked = plan.setsSeen && !isReadOnly ? await markSeen(session, page) : null;
      plan.writePage(session.writer, marked ?? page, marked !== null);
      if (session.writer.pendingBytes > FLUSH_BYTES) await session.io.flush();
    }
    // The client waits for octets that will not come: only the end of the connection tells it so.
    if (plan.isInsideSlices) session.io.abort();
    // RFC 5530 §3 (EXPUNGEISSUED): the numbers are still there, the messages are not.
    return told < uids.length && !command.uid ? no('EXPUNGEISSUED', 'Some of the messages are gone') : ok('Fetched');
  },
};

/** Sets \Seen where it is missing. Returns the page with the new flags, or null when nothing was missing. */
async function markSeen(session: Session, page: FetchPage): Promise<FetchPage | null> {
  const { flags } = page;
  if (flags === undefined) return null;
  const unseen = page.uids.filter((_, row) => ((flags[row] as number) & Flag.seen) === 0);
  if (unseen.length === 0) return null;
  const { handle, view } = session.folder;
  const result = await session.context.mailstore.storeFlags(
    { handle, uids: unseen, mode: 'add', flags: Flag.seen, keywords: [] },
    session.origin,
  );
  view.toldOwn(result.modseqs);
  const modseqs = page.modseqs?.slice();
  let next = 0;
  const marked = flags.map((bits, row) => {
    if (result.uids[next] !== page.uids[row]) return bits;
    if (modseqs !== undefined) modseqs[row] = result.modseqs[next] as number;
    return result.flags[next++] as number;
  });
  return { ...page, flags: marked, ...(modseqs === undefined ? {} : { modseqs }) };
}

/** The messages among `uids` that changed after `modseq`. */
async function changedSince(session: Session, modseq: number, uids: Uint32Array): Promise<Uint32Array> {
  const changed: number[] = [];
  for await (const page of session.context.mailstore.fetch({ handle: session.folder.handle, uids, fields: Field.modseq })) {
    for (let row = 0; row < page.uids.length; row++) if ((page.modseqs?.[row] ?? 0) > modseq) changed.push(page.uids[row] as number);
  }
  return Uint32Array.from(changed);
}
