/** Adds a domain, with its DKIM keys. The host's is proven at once; a customer's waits until its MX or TXT token is seen. */
import { randomBytes } from 'node:crypto';
import { endForeignGrants } from '../directory/records/accounts.ts';
import { domainByName, domainListRow, insertDomain } from '../directory/records/domains.ts';
import { Conflict } from '../lib/errors.ts';
import { displayDomain } from '../wire/address/domain.ts';
import type { Domain } from '../wire/ids.ts';
import { type Actor, isHost, requireManager } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { customerForNew } from './customer-view.ts';
import { makeDkimKeys } from './dkim-keys.ts';
import { refuseForeignName } from './domain-name-policy.ts';
import { type DomainItem, domainItem } from './domain-view.ts';
import { readDomain } from './read-arguments.ts';

export interface AddDomainArguments {
  readonly domain: string;
  /** Id or name; absent = one's own (for the host: the host's). */
  readonly customer?: string;
}

export async function addDomain(context: AdminContext, actor: Actor, args: AddDomainArguments): Promise<DomainItem> {
  requireManager(actor);
  const { db } = context.control;
  const name = readDomain('domain', args.domain);
  const owner = customerForNew(db, actor, args.customer);
  const refuse = (): void => {
    refuseTaken(name, domainByName(db, name) !== undefined);
    refuseForeignName(db, name, owner.id);
  };
  refuse();
  const keys = await makeDkimKeys(context.now());
  return commitChange(context, actor, (tx) => {
    // Making keys takes a while: someone else may have been quicker.
    refuse();
    const provenAt = isHost(actor) ? tx.nowMs : null;
    const row = insertDomain(
      tx.db,
      {
        customerId: owner.id,
        name,
        state: provenAt === null ? 'unproven' : 'proven',
        proofToken: `mailstead-proof=${randomBytes(20).toString('hex')}`,
        provenAt,
        createdAt: tx.nowMs,
      },
      keys,
    );
    if (provenAt !== null) endForeignGrants(tx.db, name, owner.id);
    tx.note({ action: 'domain.add', object: name, customer: owner.id, detail: { state: row.state } });
    tx.tell('domains', 'created', { id: row.id, name, customer: owner.id });
    const listed = domainListRow(tx.db, name);
    if (listed === undefined) throw new Error('the new domain is gone');
    return domainItem(listed);
  });
}

function refuseTaken(name: Domain, taken: boolean): void {
  if (taken) throw new Conflict(`${displayDomain(name)} is hosted here already`);
}
