/** One mailbox, with what leads to it and what it may write as. A mailbox user sees their own. */

import { senderGrantsOf } from '../directory/records/accounts.ts';
import { addressesLeadingTo, addressOf, targetsOf } from '../directory/records/addresses.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import { type MailboxItem, mailboxItem, ownedOrOwnAccount } from './account-view.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';

export interface AccountDetail {
  readonly mailbox: MailboxItem;
  /** The mailbox's own forwarder. */
  readonly forwarder: { readonly targets: readonly string[]; readonly keepCopy: boolean } | null;
  /** Other addresses that lead here. */
  readonly addresses: readonly string[];
  /** Further addresses (or `@domain`) that it may write as. */
  readonly mayWriteAs: readonly string[];
}

export interface AccountArguments {
  /** Id or address. */
  readonly account: string;
}

export function showAccount(context: AdminContext, actor: Actor, args: AccountArguments): AccountDetail {
  const { db } = context.control;
  const row = ownedOrOwnAccount(db, actor, args.account);
  const own = addressOf(db, row.domainId, row.localPart);
  return {
    mailbox: mailboxItem(row),
    forwarder: own?.kind === 'forward' ? { targets: targetsOf(db, own.id), keepCopy: own.keepCopy } : null,
    addresses: addressesLeadingTo(db, row.address).filter((address) => address !== row.address),
    mayWriteAs: senderGrantsOf(db, row.id),
  };
}

export interface AccountUsage {
  readonly usageBytes: number;
  readonly messages: number;
  readonly quotaBytes: number | null;
  readonly folders: readonly { readonly name: string; readonly bytes: number; readonly messages: number }[];
}

/** Usage by folder, asked of the mailbox itself. */
export async function showAccountUsage(context: AdminContext, actor: Actor, args: AccountArguments): Promise<AccountUsage> {
  const row = ownedOrOwnAccount(context.control.db, actor, args.account);
  const folders = await context.mailstore.usageByFolder(brand<AccountId>(row.id));
  return {
    usageBytes: folders.reduce((sum, folder) => sum + folder.bytes, 0),
    messages: folders.reduce((sum, folder) => sum + folder.messages, 0),
    quotaBytes: row.quotaBytes,
    folders: folders.map(({ name, bytes, messages }) => ({ name, bytes, messages })),
  };
}
