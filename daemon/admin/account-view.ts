/** A mailbox as the panel, the API and the command line show it, and how one is named in a request. */
import type { ControlDatabase } from '../directory/control.ts';
import { type AccountListRow, type AccountRow, accountByAddress, accountById } from '../directory/records/accounts.ts';
import { NotFound } from '../lib/errors.ts';
import { type Actor, isSelf, mayManage } from './actor.ts';
import { isoTime, isoTimeOrNull, readAddress } from './read-arguments.ts';

export interface MailboxItem {
  readonly id: string;
  readonly address: string;
  readonly domain: string;
  readonly name: string;
  readonly quotaBytes: number | null;
  readonly usageBytes: number;
  readonly messages: number;
  readonly suspendedIn: boolean;
  readonly suspendedOut: boolean;
  readonly suspendedLogin: boolean;
  readonly suspendedReason: string | null;
  readonly createdAt: string;
  readonly lastLoginAt: string | null;
}

export function mailboxItem(row: AccountRow | AccountListRow): MailboxItem {
  return {
    id: String(row.id),
    address: row.address,
    domain: row.address.slice(row.address.lastIndexOf('@') + 1),
    name: row.name,
    quotaBytes: row.quotaBytes,
    usageBytes: row.usageBytes,
    messages: row.usageMessages,
    suspendedIn: row.suspendedIn,
    suspendedOut: row.suspendedOut,
    suspendedLogin: row.suspendedLogin,
    suspendedReason: row.suspendedReason,
    createdAt: isoTime(row.createdAt),
    lastLoginAt: isoTimeOrNull(row.lastLoginAt),
  };
}

/** The mailbox that `given` names by id or address, if the actor manages it; NotFound otherwise. */
export function ownedAccount(db: ControlDatabase, actor: Actor, given: unknown): AccountRow {
  return find(db, given, (row) => mayManage(db, actor, row.customerId));
}

/** As `ownedAccount`, and for mailbox users their own. */
export function ownedOrOwnAccount(db: ControlDatabase, actor: Actor, given: unknown): AccountRow {
  return find(db, given, (row) => isSelf(actor, row.id) || mayManage(db, actor, row.customerId));
}

function find(db: ControlDatabase, given: unknown, isAllowed: (row: AccountRow) => boolean): AccountRow {
  const isId = typeof given === 'string' && /^\d{1,15}$/.test(given);
  const row = isId ? accountById(db, Number(given)) : accountByAddress(db, readAddress('account', given));
  if (row === undefined || !isAllowed(row)) throw new NotFound(isId ? 'There is no such mailbox' : `There is no mailbox ${String(given)}`);
  return row;
}
