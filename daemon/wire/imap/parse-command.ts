/**
 * From a frame to a command: tag, name, arguments, end. One table says how the arguments of each name are read.
 * 1. Never throws: what is not a command comes back as a failure with the tag when one could be read.
 * Specifications: RFC 9051 §6, §9 (command); RFC 3501 §6.
 */

import type { BareCommandName, Command, CopyCommand, IdCommand, SearchCommand } from './command.ts';
import type { CommandFrame } from './command-reader.ts';
import { Decoder } from './decoder.ts';
import { LEFT_PAREN, SPACE } from './octets.ts';
import { parseFetch, parseStore } from './parse-fetch.ts';
import { parseAppend, parseCreate, parseList, parseLsub, parseSelect, parseStatus } from './parse-folder-commands.ts';
import { searchProgram } from './search-key.ts';
import { type FailureStatus, SyntaxFailure } from './syntax-failure.ts';

export type ParsedCommand =
  | { readonly ok: true; readonly tag: string; readonly command: Command }
  | {
      readonly ok: false;
      readonly tag: string | null;
      readonly status: FailureStatus;
      readonly code: string | null;
      readonly text: string;
    };

type ArgumentParser = (decoder: Decoder) => Command;

/** Reads the space before the arguments, then the arguments. */
const after =
  (parse: ArgumentParser): ArgumentParser =>
  (decoder) => {
    decoder.SP();
    return parse(decoder);
  };

const bare = (name: BareCommandName): [string, ArgumentParser] => [name, () => ({ name })];

const mailboxOnly = (name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE'): [string, ArgumentParser] => [
  name,
  after((decoder) => ({ name, mailbox: decoder.mailbox() })),
];

const copy = (name: 'COPY' | 'MOVE', uid: boolean): ArgumentParser =>
  after((decoder): CopyCommand => {
    const set = decoder.sequenceSet();
    decoder.SP();
    return { name, uid, set, mailbox: decoder.mailbox() };
  });

const MAX_ENABLED = 64;
const MAX_ID_FIELDS = 30;

function parseAuthenticate(decoder: Decoder): Command {
  const mechanism = decoder.keyword();
  return { name: 'AUTHENTICATE', mechanism, initialResponse: decoder.accept(SPACE) ? decoder.base64() : null };
}

function parseLogin(decoder: Decoder): Command {
  const user = decoder.astring();
  decoder.SP();
  return { name: 'LOGIN', user, password: decoder.astring() };
}

function parseEnable(decoder: Decoder): Command {
  const capabilities: string[] = [];
  do {
    if (capabilities.length >= MAX_ENABLED) throw new SyntaxFailure('Too many capabilities');
    capabilities.push(decoder.keyword());
  } while (decoder.accept(SPACE));
  return { name: 'ENABLE', capabilities };
}

function parseId(decoder: Decoder): IdCommand {
  if (decoder.peek() !== LEFT_PAREN) {
    if (decoder.nstring() !== null) decoder.fail('a list or NIL');
    return { name: 'ID', fields: null };
  }
  const fields: [string, string | null][] = [];
  decoder.list(true, () => {
    // RFC 2971 §3.3: at most 30 pairs.
    if (fields.length >= MAX_ID_FIELDS) throw new SyntaxFailure('Too many ID fields');
    const field = decoder.string();
    decoder.SP();
    fields.push([field, decoder.nstring()]);
  });
  return { name: 'ID', fields };
}

function parseSearch(decoder: Decoder, uid: boolean): SearchCommand {
  decoder.SP();
  let returns: string[] | null = null;
  if (decoder.acceptWord('RETURN')) {
    const options: string[] = [];
    decoder.SP();
    decoder.list(true, () => options.push(decoder.keyword()));
    decoder.SP();
    returns = options;
  }
  return { name: 'SEARCH', uid, returns, program: searchProgram(decoder) };
}

function parseSetQuota(decoder: Decoder): Command {
  const root = decoder.astring();
  decoder.SP();
  const limits: [string, number][] = [];
  decoder.list(true, () => {
    const resource = decoder.keyword();
    decoder.SP();
    limits.push([resource, decoder.number64()]);
  });
  return { name: 'SETQUOTA', root, limits };
}

const COMMANDS: ReadonlyMap<string, ArgumentParser> = new Map<string, ArgumentParser>([
  bare('CAPABILITY'),
  bare('NOOP'),
  bare('LOGOUT'),
  bare('STARTTLS'),
  bare('CHECK'),
  bare('CLOSE'),
  bare('UNSELECT'),
  bare('IDLE'),
  bare('NAMESPACE'),
  mailboxOnly('DELETE'),
  mailboxOnly('SUBSCRIBE'),
  mailboxOnly('UNSUBSCRIBE'),
  ['AUTHENTICATE', after(parseAuthenticate)],
  ['LOGIN', after(parseLogin)],
  ['ENABLE', after(parseEnable)],
  ['ID', after(parseId)],
  ['SELECT', after((decoder) => parseSelect(decoder, 'SELECT'))],
  ['EXAMINE', after((decoder) => parseSelect(decoder, 'EXAMINE'))],
  ['CREATE', after(parseCreate)],
  [
    'RENAME',
    after((decoder) => {
      const from = decoder.mailbox();
      decoder.SP();
      return { name: 'RENAME', from, to: decoder.mailbox() };
    }),
  ],
  ['LIST', after(parseList)],
  ['LSUB', after(parseLsub)],
  ['STATUS', after(parseStatus)],
  ['APPEND', after(parseAppend)],
  ['EXPUNGE', () => ({ name: 'EXPUNGE', uids: null })],
  ['SEARCH', (decoder) => parseSearch(decoder, false)],
  ['FETCH', after((decoder) => parseFetch(decoder, false))],
  ['STORE', after((decoder) => parseStore(decoder, false))],
  ['COPY', copy('COPY', false)],
  ['MOVE', copy('MOVE', false)],
  ['GETQUOTA', after((decoder) => ({ name: 'GETQUOTA', root: decoder.astring() }))],
  ['GETQUOTAROOT', after((decoder) => ({ name: 'GETQUOTAROOT', mailbox: decoder.mailbox() }))],
  ['SETQUOTA', after(parseSetQuota)],
]);

const UID_COMMANDS: ReadonlyMap<string, ArgumentParser> = new Map<string, ArgumentParser>([
  ['SEARCH', (decoder) => parseSearch(decoder, true)],
  ['FETCH', after((decoder) => parseFetch(decoder, true))],
  ['STORE', after((decoder) => parseStore(decoder, true))],
  ['COPY', copy('COPY', true)],
  ['MOVE', copy('MOVE', true)],
  ['EXPUNGE', after((decoder) => ({ name: 'EXPUNGE', uids: decoder.sequenceSet() }))],
]);

/** Parses one frame. `hasUtf8Names`: folder names in the command are UTF-8 instead of modified UTF-7. */
export function parseCommand(frame: CommandFrame, hasUtf8Names = false): ParsedCommand {
  const decoder = new Decoder(frame, hasUtf8Names);
  let tag: string | null = null;
  try {
    tag = decoder.tag();
    decoder.SP();
    let name = decoder.keyword();
    let table = COMMANDS;
    if (name === 'UID') {
      decoder.SP();
      name = decoder.keyword();
      table = UID_COMMANDS;
    }
    const parse = table.get(name);
    if (parse === undefined) throw new SyntaxFailure('Unknown command');
    const command = parse(decoder);
    decoder.end();
    return { ok: true, tag, command };
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    return { ok: false, tag, status: error.status, code: error.code, text: error.message };
  }
}
