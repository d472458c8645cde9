/**
 * Removes a mailbox with its mail.
 *
 * 1. Its log-in and addresses go in one transaction, which also notes that the mailbox file is still to be erased.
 * 2. The file is erased after the commit; what a crash left over is erased at the next start (`finishRemovals`).
 * 3. Forwarders lose it as a target; those that had no other are removed.
 */

import { deleteAccount, pendingRemovals, settleRemoval } from '../directory/records/accounts.ts';
import { addressOf, deleteAddress, forgetTarget } from '../directory/records/addresses.ts';
import { NotFound } from '../lib/errors.ts';
import { localPartOf } from '../wire/address/mailbox.ts';
import { type AccountId, type Address, brand } from '../wire/ids.ts';
import { ownedAccount } from './account-view.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type ChangeTx, commitChange } from './commit-change.ts';

/** Answers the forwarders that were removed with it. */
export async function removeAccount(
  context: AdminContext,
  actor: Actor,
  args: { readonly account: string },
): Promise<{ readonly removedForwarders: readonly string[] }> {
  const removedForwarders = commitChange(context, actor, (tx) => {
    const row = ownedAccount(tx.db, actor, args.account);
    const own = addressOf(tx.db, row.domainId, localPartOf(brand<Address>(row.address)));
    if (own !== undefined) deleteAddress(tx.db, own.id);
    const emptied = eraseAccount(tx, { id: brand<AccountId>(row.id), address: row.address, customer: row.customerId });
    tx.note({
      action: 'account.remove',
      object: row.address,
      customer: row.customerId,
      detail: { usageBytes: row.usageBytes, removedForwarders: emptied },
    });
    return emptied;
  });
  await finishRemovals(context);
  return { removedForwarders };
}

/** The part inside the transaction, shared with the removal of a domain. Answers the forwarders that fell with it. */
export function eraseAccount(
  tx: ChangeTx,
  account: { readonly id: AccountId; readonly address: string; readonly customer: number },
): string[] {
  const emptied = forgetTarget(tx.db, account.address);
  for (const address of emptied) {
    deleteAddress(tx.db, address.id);
    tx.tell('forwarders', 'removed', { id: address.id, name: address.address, customer: address.customerId });
  }
  deleteAccount(tx.db, account.id, tx.nowMs);
  tx.tell('mailboxes', 'removed', { id: account.id, name: account.address, customer: account.customer });
  tx.publish({ kind: 'revoked', account: account.id });
  return emptied.map((address) => address.address);
}

/** Erases the mailboxes of removed accounts; called after each removal and once at start. */
export async function finishRemovals(context: AdminContext): Promise<void> {
  for (const account of pendingRemovals(context.control.db)) {
    try {
      await context.mailstore.remove(account);
    } catch (error) {
      // It never had mail: there is no file.
      if (!(error instanceof NotFound)) throw error;
    }
    context.control.record(({ db }) => settleRemoval(db, account));
  }
}
