/** Removes a forwarder and takes it out of those that named it; these go too when they had no other target. */

import { accountByAddress } from '../directory/records/accounts.ts';
import { deleteAddress, forgetTarget } from '../directory/records/addresses.ts';
import type { Actor } from './actor.ts';
import { ownedForwarder } from './address-view.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';

export function removeAddress(
  context: AdminContext,
  actor: Actor,
  args: { readonly forwarder: string },
): { readonly removedForwarders: readonly string[] } {
  return commitChange(context, actor, (tx) => {
    const row = ownedForwarder(tx.db, actor, args.forwarder);
    deleteAddress(tx.db, row.id);
    tx.note({ action: 'address.remove', object: row.address, customer: row.customerId });
    tx.tell('forwarders', 'removed', { id: row.id, name: row.address, customer: row.customerId });
    const removedForwarders: string[] = [];
    // Behind a mailbox's own forwarder the mailbox stays: whoever names it still leads somewhere.
    let gone = row.localPart === '' || accountByAddress(tx.db, row.address) !== undefined ? [] : [row.address];
    while (gone.length > 0) {
      const emptied = gone.flatMap((address) => forgetTarget(tx.db, address));
      for (const address of emptied) {
        deleteAddress(tx.db, address.id);
        removedForwarders.push(address.address);
        tx.tell('forwarders', 'removed', { id: address.id, name: address.address, customer: address.customerId });
      }
      gone = emptied.map((address) => address.address);
    }
    return { removedForwarders };
  });
}
