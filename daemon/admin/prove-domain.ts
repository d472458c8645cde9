/** Marks a domain as proven: its MX points here, its token was seen, or the host says so. */
import { endForeignGrants } from '../directory/records/accounts.ts';
import { updateDomain } from '../directory/records/domains.ts';
import { type Actor, requireHost } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { ownedDomain } from './domain-view.ts';
import { readText } from './read-arguments.ts';

export interface ProveDomainArguments {
  readonly domain: string;
  /** How it was seen: `mx`, `txt`, `host`. */
  readonly by: string;
}

/** Answers false when it was proven before; a suspended domain stays suspended until it is unsuspended. */
export function proveDomain(context: AdminContext, actor: Actor, args: ProveDomainArguments): { readonly proven: boolean } {
  requireHost(actor);
  const by = readText('by', args.by, { max: 20 });
  return commitChange(context, actor, (tx) => {
    const domain = ownedDomain(tx.db, actor, args.domain);
    if (domain.provenAt !== null) return { proven: false };
    updateDomain(tx.db, domain.id, { provenAt: tx.nowMs, state: domain.state === 'unproven' ? 'proven' : domain.state });
    endForeignGrants(tx.db, domain.name, domain.customerId);
    tx.note({ action: 'domain.prove', object: domain.name, customer: domain.customerId, detail: { by } });
    tx.tell('domains', 'changed', { id: domain.id, name: domain.name, customer: domain.customerId });
    return { proven: true };
  });
}
