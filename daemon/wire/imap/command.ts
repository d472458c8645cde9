/**
 * Every IMAP command as data: a closed union with one type a command, `name` tells which.
 * 1. Folder names are Unicode (NFC, INBOX in capitals), keywords and item names upper case, dates numbers: nothing is left to parse.
 * 2. `uid` says that the command was prefixed by UID: numbers in it and in its answer are UIDs.
 * Specifications: RFC 9051 §6, RFC 3501 §6, and the extension named beside a field.
 */
import type { Literal } from './command-reader.ts';
import type { SearchProgram } from './search-key.ts';
import type { SequenceSet } from './sequence-set.ts';

/** Commands without arguments. */
export type BareCommandName = 'CAPABILITY' | 'NOOP' | 'LOGOUT' | 'STARTTLS' | 'CHECK' | 'CLOSE' | 'UNSELECT' | 'IDLE' | 'NAMESPACE';

export interface BareCommand<Name extends BareCommandName = BareCommandName> {
  readonly name: Name;
}

export interface AuthenticateCommand {
  readonly name: 'AUTHENTICATE';
  readonly mechanism: string;
  /** RFC 4959; null when the client waits for the server's challenge. */
  readonly initialResponse: Buffer | null;
}

export interface LoginCommand {
  readonly name: 'LOGIN';
  readonly user: string;
  readonly password: string;
}

export interface EnableCommand {
  readonly name: 'ENABLE';
  readonly capabilities: readonly string[];
}

/** RFC 2971: pairs of field and value; null for NIL. */
export interface IdCommand {
  readonly name: 'ID';
  readonly fields: readonly (readonly [field: string, value: string | null])[] | null;
}

/** RFC 7162 §3.2.5.2: what the client remembers of the folder. */
export interface QresyncParameters {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly knownUids: SequenceSet | null;
  readonly matchData: { readonly sequence: SequenceSet; readonly uids: SequenceSet } | null;
}

export interface SelectCommand {
  readonly name: 'SELECT' | 'EXAMINE';
  readonly mailbox: string;
  readonly condstore: boolean;
  readonly qresync: QresyncParameters | null;
}

export interface CreateCommand {
  readonly name: 'CREATE';
  readonly mailbox: string;
  /** RFC 6154 §3. */
  readonly uses: readonly string[];
  /** The client wrote a trailing separator: the name is to hold others. */
  readonly hasTrailingSeparator: boolean;
}

export interface MailboxCommand {
  readonly name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly mailbox: string;
}

export interface RenameCommand {
  readonly name: 'RENAME';
  readonly from: string;
  readonly to: string;
}

export interface ListCommand {
  readonly name: 'LIST' | 'LSUB';
  readonly reference: string;
  readonly patterns: readonly string[];
  /** The extended syntax of RFC 9051 §6.3.9 was used. */
  readonly isExtended: boolean;
  readonly selection: readonly string[];
  readonly returns: readonly string[];
  /** RFC 5819: items of RETURN (STATUS (...)). */
  readonly statusItems: readonly StatusItem[] | null;
}

export type StatusItem =
  | 'MESSAGES'
  | 'UIDNEXT'
  | 'UIDVALIDITY'
  | 'UNSEEN'
  | 'DELETED'
  | 'SIZE'
  | 'RECENT'
  | 'HIGHESTMODSEQ'
  | 'APPENDLIMIT'
  | 'DELETED-STORAGE';

export interface StatusCommand {
  readonly name: 'STATUS';
  readonly mailbox: string;
  readonly items: readonly StatusItem[];
}

export interface AppendMessage {
  readonly flags: readonly string[];
  /** Unix seconds; null when the server's clock counts. */
  readonly internalDate: number | null;
  readonly literal: Literal;
}

export interface AppendCommand {
  readonly name: 'APPEND';
  readonly mailbox: string;
  readonly messages: readonly AppendMessage[];
}

export interface ExpungeCommand {
  readonly name: 'EXPUNGE';
  /** RFC 4315: UID EXPUNGE; null for the plain command. */
  readonly uids: SequenceSet | null;
}

export interface SearchCommand {
  readonly name: 'SEARCH';
  readonly uid: boolean;
  /** RFC 9051 §6.4.4: result options; null when RETURN was not used. */
  readonly returns: readonly string[] | null;
  readonly program: SearchProgram;
}

export type SectionText = '' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';

/** What stands between the brackets of BODY[...]. */
export interface BodySection {
  readonly part: readonly number[];
  readonly text: SectionText;
  readonly fields: readonly string[];
}

export interface Partial {
  readonly offset: number;
  readonly count: number;
}

export type FetchItem =
  | { readonly type: 'UID' | 'FLAGS' | 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE' | 'MODSEQ' | 'PREVIEW' }
  | { readonly type: 'RFC822' | 'RFC822.HEADER' | 'RFC822.TEXT' }
  | { readonly type: 'SECTION'; readonly section: BodySection; readonly peek: boolean; readonly partial: Partial | null }
  | { readonly type: 'BINARY'; readonly part: readonly number[]; readonly peek: boolean; readonly partial: Partial | null }
  | { readonly type: 'BINARY.SIZE'; readonly part: readonly number[] };

export interface FetchCommand {
  readonly name: 'FETCH';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly items: readonly FetchItem[];
  /** RFC 7162 §3.1.4.1. */
  readonly changedSince: number | null;
  readonly vanished: boolean;
}

export interface StoreCommand {
  readonly name: 'STORE';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'add' | 'remove' | 'replace';
  readonly silent: boolean;
  readonly flags: readonly string[];
  /** RFC 7162 §3.1.3. */
  readonly unchangedSince: number | null;
}

export interface CopyCommand {
  readonly name: 'COPY' | 'MOVE';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mailbox: string;
}

/** RFC 9208. */
export interface GetQuotaCommand {
  readonly name: 'GETQUOTA';
  readonly root: string;
}

export interface GetQuotaRootCommand {
  readonly name: 'GETQUOTAROOT';
  readonly mailbox: string;
}

export interface SetQuotaCommand {
  readonly name: 'SETQUOTA';
  readonly root: string;
  readonly limits: readonly (readonly [resource: string, limit: number])[];
}

export type Command =
  | BareCommand
  | AuthenticateCommand
  | LoginCommand
  | EnableCommand
  | IdCommand
  | SelectCommand
  | CreateCommand
  | MailboxCommand
  | RenameCommand
  | ListCommand
  | StatusCommand
  | AppendCommand
  | ExpungeCommand
  | SearchCommand
  | FetchCommand
  | StoreCommand
  | CopyCommand
  | GetQuotaCommand
  | GetQuotaRootCommand
  | SetQuotaCommand;

export type CommandName = Command['name'];

type Named<C extends Command, Name extends CommandName> = C extends Command ? ([Name & C['name']] extends [never] ? never : C) : never;

/** The command type with that name. */
export type CommandNamed<Name extends CommandName> = Named<Command, Name>;
