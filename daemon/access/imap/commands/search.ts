/** SEARCH, with the result options of ESEARCH. RFC 9051 §6.4.4, RFC 3501 §6.4.4, RFC 4731; RFC 7162 §3.1.5 (MODSEQ). */
import { Field } from '../../../mailstore/mailstore.ts';
import { formatSet } from '../../../wire/imap/sequence-set.ts';
import { type CommandSpec, SELECTED } from '../command-spec.ts';
import { bad, ok } from '../reply.ts';
import { asksModSeq, searchCriteria, usesSaved } from '../search-translation.ts';
import type { Session } from '../session.ts';

const RETURN_OPTIONS: ReadonlySet<string> = new Set(['MIN', 'MAX', 'ALL', 'COUNT']);

export const search: CommandSpec<'SEARCH'> = {
  states: SELECTED,
  holdsExpunge: ({ uid }) => !uid,
  async run(session, { uid, returns, program }) {
    const { handle, view } = session.folder;
    if (returns !== null && !returns.every((option) => RETURN_OPTIONS.has(option))) return bad('There is no such result option');
    if (usesSaved(program.key)) return bad('SEARCHRES is not offered');
    // What has arrived is told first, so that it can be found; nothing that is found is unknown to the client.
    await session.announce(false, uid);
    const withModSeq = asksModSeq(program.key);
    if (withModSeq) session.isCondstoreOn = true;
    const found = view.known(await session.context.mailstore.search(handle, searchCriteria(program.key, view, Date.now())));
    const numbers = uid ? found : found.map((message) => view.sequenceOf(message));
    const modseq = withModSeq && found.length > 0 ? await highestModSeq(session, described(found, returns)) : null;
    if (returns === null) writeSearch(session, numbers, modseq);
    else writeExtended(session, numbers, returns.length === 0 ? ['ALL'] : returns, { uid, modseq });
    return ok('Searched');
  },
};

function writeSearch({ writer }: Session, numbers: Uint32Array, modseq: number | null): void {
  writer.ascii('* SEARCH');
  for (const number of numbers) writer.ascii(' ').number(number);
  if (modseq !== null) writer.ascii(' (MODSEQ ').number(modseq).ascii(')');
  writer.crlf();
}

/** RFC 4731 §3.1: MIN, MAX and ALL are left out when nothing was found. */
function writeExtended(
  session: Session,
  numbers: Uint32Array,
  options: readonly string[],
  { uid, modseq }: { uid: boolean; modseq: number | null },
): void {
  const { writer } = session;
  writer
    .ascii('* ESEARCH (TAG ')
    .string(session.tag)
    .ascii(uid ? ') UID' : ')');
  if (numbers.length > 0) {
    if (options.includes('MIN')) writer.ascii(' MIN ').number(numbers[0] as number);
    if (options.includes('MAX')) writer.ascii(' MAX ').number(numbers[numbers.length - 1] as number);
    if (options.includes('ALL')) writer.ascii(' ALL ').ascii(formatSet(numbers));
  }
  if (options.includes('COUNT')) writer.ascii(' COUNT ').number(numbers.length);
  if (modseq !== null) writer.ascii(' MODSEQ ').number(modseq);
  writer.crlf();
}

/** RFC 4731 §3.2: with only MIN or MAX the modseq is that of the messages named. */
function described(found: Uint32Array, returns: readonly string[] | null): Uint32Array {
  if (returns === null || returns.length === 0 || returns.some((option) => option === 'ALL' || option === 'COUNT')) return found;
  const ends = [
    ...(returns.includes('MIN') ? [found[0] as number] : []),
    ...(returns.includes('MAX') ? [found[found.length - 1] as number] : []),
  ];
  return Uint32Array.from(new Set(ends));
}

async function highestModSeq(session: Session, uids: Uint32Array): Promise<number> {
  let highest = 0;
  for await (const page of session.context.mailstore.fetch({ handle: session.folder.handle, uids, fields: Field.modseq })) {
    for (const modseq of page.modseqs ?? []) highest = Math.max(highest, modseq);
  }
  return highest;
}
