/** Changes of a mailbox that are not its password: display name and quota. */
import { type AccountRow, updateAccount } from '../directory/records/accounts.ts';
import { type MailboxItem, mailboxItem, ownedAccount, ownedOrOwnAccount } from './account-view.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type ChangeTx, commitChange } from './commit-change.ts';
import { parseQuota } from './quota.ts';
import { readText } from './read-arguments.ts';

/** The display name; the address stays. A mailbox user may change their own. */
export function renameAccount(context: AdminContext, actor: Actor, args: { readonly account: string; readonly name: string }): MailboxItem {
  const name = readText('name', args.name, { max: 200, optional: true });
  return commitChange(context, actor, (tx) => {
    const before = ownedOrOwnAccount(tx.db, actor, args.account);
    return applied(tx, before, { change: { name }, action: 'account.rename', detail: { before: before.name, after: name } });
  });
}

export interface ChangeQuotaArguments {
  readonly account: string;
  /** Bytes, a size as text, `none` or null. */
  readonly quota: number | string | null;
}

/** A quota below what is used refuses new mail and deletes nothing. */
export function changeQuota(context: AdminContext, actor: Actor, args: ChangeQuotaArguments): MailboxItem {
  const quotaBytes = parseQuota('quota', args.quota);
  return commitChange(context, actor, (tx) => {
    const before = ownedAccount(tx.db, actor, args.account);
    const isFull = quotaBytes !== null && before.usageBytes >= quotaBytes;
    const fullSince = isFull ? (before.fullSince ?? tx.nowMs) : null;
    return applied(tx, before, {
      change: { quotaBytes, fullSince },
      action: 'account.quota',
      detail: { before: before.quotaBytes, after: quotaBytes },
    });
  });
}

interface Step {
  readonly change: Partial<Omit<AccountRow, 'id'>>;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes the change, its audit row and its event; answers the mailbox as it is now. */
export function applied(tx: ChangeTx, before: AccountRow, { change, action, detail }: Step): MailboxItem {
  const row = updateAccount(tx.db, before.id, change);
  tx.note({ action, object: row.address, customer: row.customerId, detail });
  tx.tell('mailboxes', 'changed', { id: row.id, name: row.address, customer: row.customerId });
  return mailboxItem(row);
}
