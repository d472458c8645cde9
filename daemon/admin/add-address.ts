/** Adds a forwarder, a discard, a reject or a catch-all to a hosted domain. */

import { accountByAddress } from '../directory/records/accounts.ts';
import { addressOf, insertAddress } from '../directory/records/addresses.ts';
import { domainByName } from '../directory/records/domains.ts';
import { Conflict, Invalid } from '../lib/errors.ts';
import { displayDomain } from '../wire/address/domain.ts';
import { type Address, brand } from '../wire/ids.ts';
import { type Actor, requireManager, requireOwned } from './actor.ts';
import {
  type CheckedForwarder,
  type ForwarderArguments,
  type ForwarderItem,
  readForwarder,
  readForwarderAddress,
  shownForwarder,
} from './address-view.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { refuseSeparator } from './create-account.ts';

export interface AddAddressArguments extends ForwarderArguments {
  /** `local@domain`, or `@domain` for the catch-all. */
  readonly address: string;
}

export function addAddress(context: AdminContext, actor: Actor, args: AddAddressArguments): ForwarderItem {
  requireManager(actor);
  const { domain: name, localPart, address } = readForwarderAddress(args.address);
  const forwarder = readForwarder(args);
  if (localPart !== '') refuseSeparator(brand<Address>(address), context.directory.setting<string>('domains.separator'));
  return commitChange(context, actor, (tx) => {
    const domain = requireOwned(tx.db, actor, domainByName(tx.db, name), `${displayDomain(name)} is not hosted here. Add the domain first`);
    if (addressOf(tx.db, domain.id, localPart) !== undefined) throw new Conflict(`${address} is a forwarder already`);
    refuseUseless(address, forwarder, accountByAddress(tx.db, address) !== undefined);
    const { targets, ...rest } = forwarder;
    const row = insertAddress(
      tx.db,
      { ...rest, customerId: domain.customerId, domainId: domain.id, localPart, address, createdAt: tx.nowMs },
      targets,
    );
    tx.note({ action: 'address.add', object: address, customer: domain.customerId, detail: { ...forwarder } });
    tx.tell('forwarders', 'created', { id: row.id, name: address, customer: domain.customerId });
    return shownForwarder(tx.db, row.id);
  });
}

/** An address may name itself, or keep a copy, only when a mailbox stands behind it. */
export function refuseUseless(address: string, { targets, keepCopy }: CheckedForwarder, hasMailbox: boolean): void {
  if (hasMailbox) return;
  if (targets.some((target) => target === address)) throw new Invalid('targets', `${address} cannot forward to itself`);
  if (keepCopy) throw new Invalid('keepCopy', `There is no mailbox ${address} that could keep a copy`);
}
