/** Changes what a forwarder does; and a mailbox user's own forwarder. */

import { accountByAddress } from '../directory/records/accounts.ts';
import { addressOf, deleteAddress, insertAddress, updateAddress } from '../directory/records/addresses.ts';
import { Invalid } from '../lib/errors.ts';
import { ownedOrOwnAccount } from './account-view.ts';
import type { Actor } from './actor.ts';
import { refuseUseless } from './add-address.ts';
import { type ForwarderArguments, type ForwarderItem, ownedForwarder, readForwarder, shownForwarder } from './address-view.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';

const OWN_TARGETS_MAX = 20;

export interface EditAddressArguments extends ForwarderArguments {
  /** Id or address. */
  readonly forwarder: string;
}

export function editAddress(context: AdminContext, actor: Actor, args: EditAddressArguments): ForwarderItem {
  const forwarder = readForwarder(args);
  return commitChange(context, actor, (tx) => {
    const before = ownedForwarder(tx.db, actor, args.forwarder);
    refuseUseless(before.address, forwarder, accountByAddress(tx.db, before.address) !== undefined);
    const { targets, ...rest } = forwarder;
    const item = shownForwarder(tx.db, before.id);
    updateAddress(tx.db, before.id, rest, targets);
    tx.note({
      action: 'address.edit',
      object: before.address,
      customer: before.customerId,
      detail: { before: { kind: item.kind, targets: item.targets, keepCopy: item.keepCopy }, after: { ...forwarder } },
    });
    tx.tell('forwarders', 'changed', { id: before.id, name: before.address, customer: before.customerId });
    return shownForwarder(tx.db, before.id);
  });
}

export interface OwnForwarderArguments {
  readonly account: string;
  /** Empty = no forwarder. */
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
}

/** Where a mailbox's own mail goes besides or instead of the mailbox. Its user may set it. */
export function setOwnForwarder(
  context: AdminContext,
  actor: Actor,
  args: OwnForwarderArguments,
): { readonly targets: readonly string[]; readonly keepCopy: boolean } | null {
  if (!Array.isArray(args.targets) || args.targets.length > OWN_TARGETS_MAX)
    throw new Invalid('targets', `A mailbox forwards to ${OWN_TARGETS_MAX} addresses at most`);
  const wanted = args.targets.length === 0 ? null : readForwarder({ kind: 'forward', targets: args.targets, keepCopy: args.keepCopy });
  return commitChange(context, actor, (tx) => {
    const account = ownedOrOwnAccount(tx.db, actor, args.account);
    const before = addressOf(tx.db, account.domainId, account.localPart);
    const owner = { customerId: account.customerId, domainId: account.domainId, localPart: account.localPart, address: account.address };
    if (wanted === null) {
      if (before !== undefined) deleteAddress(tx.db, before.id);
    } else {
      const { targets, ...rest } = wanted;
      if (before === undefined) insertAddress(tx.db, { ...rest, ...owner, createdAt: tx.nowMs }, targets);
      else updateAddress(tx.db, before.id, rest, targets);
    }
    tx.note({
      action: 'account.forward',
      object: account.address,
      customer: account.customerId,
      detail: { targets: wanted?.targets ?? [], keepCopy: wanted?.keepCopy ?? true },
    });
    tx.tell('mailboxes', 'changed', { id: account.id, name: account.address, customer: account.customerId });
    return wanted === null ? null : { targets: wanted.targets, keepCopy: wanted.keepCopy };
  });
}
