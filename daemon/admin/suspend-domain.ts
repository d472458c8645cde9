/** Stops all mail and log-ins of a domain with a reason that its owner sees, and gives all of it back exactly. */
import { accountsOfDomain, domainListRow, updateDomain } from '../directory/records/domains.ts';
import { NotFound, Rejected } from '../lib/errors.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import { type Actor, isHost } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { type DomainItem, domainItem, ownedDomain } from './domain-view.ts';
import { readText } from './read-arguments.ts';

export interface SuspendDomainArguments {
  readonly domain: string;
  readonly reason: string;
}

export function suspendDomain(context: AdminContext, actor: Actor, args: SuspendDomainArguments): DomainItem {
  const reason = readText('reason', args.reason, { max: 500 });
  return setSuspension(context, actor, { domain: args.domain, reason });
}

export function unsuspendDomain(context: AdminContext, actor: Actor, args: { readonly domain: string }): DomainItem {
  return setSuspension(context, actor, { domain: args.domain, reason: null });
}

function setSuspension(context: AdminContext, actor: Actor, args: { domain: string; reason: string | null }): DomainItem {
  return commitChange(context, actor, (tx) => {
    const domain = ownedDomain(tx.db, actor, args.domain);
    // A customer who could lift it would not be suspended.
    if (!isHost(actor) && actor.kind !== 'reseller') throw new Rejected('Only the host may suspend a domain');
    const { reason } = args;
    const restored = domain.provenAt === null ? 'unproven' : 'proven';
    updateDomain(tx.db, domain.id, { state: reason === null ? restored : 'suspended', suspendedReason: reason });
    tx.note({
      action: reason === null ? 'domain.unsuspend' : 'domain.suspend',
      object: domain.name,
      customer: domain.customerId,
      detail: reason === null ? {} : { reason },
    });
    tx.tell('domains', 'changed', { id: domain.id, name: domain.name, customer: domain.customerId });
    if (reason !== null) {
      for (const account of accountsOfDomain(tx.db, domain.id)) tx.publish({ kind: 'revoked', account: brand<AccountId>(account.id) });
    }
    const row = domainListRow(tx.db, domain.name);
    if (row === undefined) throw new NotFound(`${domain.name} is not hosted here`);
    return domainItem(row);
  });
}
