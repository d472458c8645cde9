/**
 * The grammar of the commands about folders: SELECT, CREATE, LIST, STATUS, APPEND and their like.
 * Specifications: RFC 9051 §6.3, RFC 4466 (parameters), RFC 6154 (USE), RFC 7162 §3.2.5 (QRESYNC), RFC 3502 (several messages in APPEND).
 */
import type {
  AppendCommand,
  AppendMessage,
  CreateCommand,
  ListCommand,
  QresyncParameters,
  SelectCommand,
  StatusCommand,
  StatusItem,
} from './command.ts';
import type { Decoder } from './decoder.ts';
import { LEFT_PAREN, QUOTE, RIGHT_PAREN, SPACE } from './octets.ts';
import type { SequenceSet } from './sequence-set.ts';
import { SyntaxFailure } from './syntax-failure.ts';

export function parseSelect(decoder: Decoder, name: 'SELECT' | 'EXAMINE'): SelectCommand {
  const mailbox = decoder.mailbox();
  let condstore = false;
  let qresync: QresyncParameters | null = null;
  if (decoder.accept(SPACE)) {
    decoder.list(false, () => {
      const parameter = decoder.keyword();
      if (parameter === 'CONDSTORE') condstore = true;
      else if (parameter === 'QRESYNC') {
        decoder.SP();
        qresync = qresyncParameters(decoder);
      } else throw new SyntaxFailure('There is no such SELECT parameter');
    });
  }
  return { name, mailbox, condstore, qresync };
}

/** RFC 7162 §7: `(uidvalidity SP modseq [SP known-uids] [SP (sequence SP uids)])`. */
function qresyncParameters(decoder: Decoder): QresyncParameters {
  decoder.expect(LEFT_PAREN);
  const uidValidity = decoder.nzNumber();
  decoder.SP();
  const modseq = decoder.number64();
  let knownUids: SequenceSet | null = null;
  let matchData: QresyncParameters['matchData'] = null;
  while (decoder.accept(SPACE)) {
    if (decoder.peek() !== LEFT_PAREN) {
      if (knownUids !== null || matchData !== null) decoder.fail('sequence match data');
      knownUids = decoder.sequenceSet();
      continue;
    }
    if (matchData !== null) decoder.fail('the end of the parameters');
    decoder.expect(LEFT_PAREN);
    const sequence = decoder.sequenceSet();
    decoder.SP();
    matchData = { sequence, uids: decoder.sequenceSet() };
    decoder.expect(RIGHT_PAREN);
  }
  decoder.expect(RIGHT_PAREN);
  return { uidValidity, modseq, knownUids, matchData };
}

export function parseCreate(decoder: Decoder): CreateCommand {
  const given = decoder.mailbox();
  // RFC 9051 §6.3.4: a trailing separator only declares that names below will follow.
  const hasTrailingSeparator = given.length > 1 && given.endsWith('/');
  const mailbox = hasTrailingSeparator ? given.slice(0, -1) : given;
  const uses: string[] = [];
  if (decoder.accept(SPACE)) {
    decoder.list(false, () => {
      if (decoder.keyword() !== 'USE') throw new SyntaxFailure('There is no such CREATE parameter');
      decoder.SP();
      decoder.list(true, () => {
        decoder.expect(92);
        uses.push(`\\${decoder.atom()}`);
      });
    });
  }
  return { name: 'CREATE', mailbox: mailbox.toUpperCase() === 'INBOX' ? 'INBOX' : mailbox, uses, hasTrailingSeparator };
}

export function parseLsub(decoder: Decoder): ListCommand {
  const reference = decoder.mailbox();
  decoder.SP();
  return { name: 'LSUB', reference, patterns: [decoder.listMailbox()], isExtended: false, selection: [], returns: [], statusItems: null };
}

/** RFC 9051 §9 (list): `[(selection) SP] reference SP (pattern / (patterns)) [SP RETURN (options)]`. */
export function parseList(decoder: Decoder): ListCommand {
  const selection: string[] = [];
  let isExtended = false;
  if (decoder.peek() === LEFT_PAREN) {
    isExtended = true;
    decoder.list(true, () => selection.push(decoder.keyword()));
    decoder.SP();
  }
  const reference = decoder.mailbox();
  decoder.SP();
  const patterns: string[] = [];
  if (decoder.peek() === LEFT_PAREN) {
    isExtended = true;
    decoder.list(false, () => patterns.push(decoder.listMailbox()));
  } else patterns.push(decoder.listMailbox());
  const returns: string[] = [];
  let statusItems: readonly StatusItem[] | null = null;
  if (decoder.accept(SPACE)) {
    isExtended = true;
    if (decoder.keyword() !== 'RETURN') decoder.fail('RETURN');
    decoder.SP();
    decoder.list(true, () => {
      const option = decoder.keyword();
      returns.push(option);
      if (option !== 'STATUS') return;
      decoder.SP();
      statusItems = parseStatusItems(decoder);
    });
  }
  return { name: 'LIST', reference, patterns, isExtended, selection, returns, statusItems };
}

const STATUS_ITEMS: ReadonlySet<string> = new Set<StatusItem>([
  'MESSAGES',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'SIZE',
  'RECENT',
  'HIGHESTMODSEQ',
  'APPENDLIMIT',
  'DELETED-STORAGE',
]);

function parseStatusItems(decoder: Decoder): StatusItem[] {
  const items: StatusItem[] = [];
  decoder.list(false, () => {
    const item = decoder.keyword();
    if (!STATUS_ITEMS.has(item)) throw new SyntaxFailure('There is no such STATUS item');
    items.push(item as StatusItem);
  });
  return items;
}

export function parseStatus(decoder: Decoder): StatusCommand {
  const mailbox = decoder.mailbox();
  decoder.SP();
  return { name: 'STATUS', mailbox, items: parseStatusItems(decoder) };
}

/** RFC 3502 §6.3.11: `mailbox 1*(SP [flags SP] [date-time SP] literal)`. */
export function parseAppend(decoder: Decoder): AppendCommand {
  const mailbox = decoder.mailbox();
  const messages: AppendMessage[] = [];
  do {
    decoder.SP();
    let flags: string[] = [];
    let internalDate: number | null = null;
    if (decoder.peek() === LEFT_PAREN) {
      flags = appendFlags(decoder);
      decoder.SP();
    }
    if (decoder.peek() === QUOTE) {
      internalDate = decoder.dateTime();
      decoder.SP();
    }
    if (!decoder.isLiteral()) decoder.fail('a literal');
    messages.push({ flags, internalDate, literal: decoder.literal() });
  } while (!decoder.isAtEnd());
  return { name: 'APPEND', mailbox, messages };
}

/** Clients copy the flags that they were told, \Recent among them: here it is left out instead of refused. */
function appendFlags(decoder: Decoder): string[] {
  const flags: string[] = [];
  decoder.list(true, () => {
    const flag = decoder.flagOrRecent();
    if (flag !== null) flags.push(flag);
  });
  return flags;
}
