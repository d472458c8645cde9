/** Removes a domain. While it has mailboxes only with `force`, which erases them too. */
import { deleteAddressesOfDomain } from '../directory/records/addresses.ts';
import { accountsOfDomain, deleteDomain } from '../directory/records/domains.ts';
import { Rejected } from '../lib/errors.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { ownedDomain } from './domain-view.ts';
import { readFlag } from './read-arguments.ts';
import { eraseAccount, finishRemovals } from './remove-account.ts';

export interface RemoveDomainArguments {
  readonly domain: string;
  readonly force?: boolean;
}

export async function removeDomain(context: AdminContext, actor: Actor, args: RemoveDomainArguments): Promise<Record<string, never>> {
  const force = readFlag('force', args.force);
  commitChange(context, actor, (tx) => {
    const domain = ownedDomain(tx.db, actor, args.domain);
    const accounts = accountsOfDomain(tx.db, domain.id);
    if (accounts.length > 0 && !force) {
      const count = accounts.length === 1 ? 'a mailbox' : `${accounts.length} mailboxes`;
      throw new Rejected(`${domain.name} still has ${count}. Remove them first, or remove the domain with all that is in it`);
    }
    deleteAddressesOfDomain(tx.db, domain.id);
    for (const account of accounts) {
      eraseAccount(tx, { id: brand<AccountId>(account.id), address: account.address, customer: domain.customerId });
    }
    deleteDomain(tx.db, domain.id);
    tx.note({ action: 'domain.remove', object: domain.name, customer: domain.customerId, detail: { mailboxes: accounts.length } });
    tx.tell('domains', 'removed', { id: domain.id, name: domain.name, customer: domain.customerId });
  });
  await finishRemovals(context);
  return {};
}
