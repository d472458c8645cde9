/** Lets a mailbox write as addresses that are not its own: `local@domain`, or `@domain` for all of one (rule 5 of the design). */
import { revokeSender as deleteGrant, grantSender as insertGrant } from '../directory/records/accounts.ts';
import { domainByName } from '../directory/records/domains.ts';
import { Invalid, NotFound, Rejected } from '../lib/errors.ts';
import { domainOf } from '../wire/address/mailbox.ts';
import { type Address, brand } from '../wire/ids.ts';
import { ownedAccount } from './account-view.ts';
import { type Actor, isHost, mayManage } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { readAddress, readDomain } from './read-arguments.ts';

export interface SenderGrantArguments {
  readonly account: string;
  /** `local@domain` or `@domain`. */
  readonly address: string;
}

export function grantSender(context: AdminContext, actor: Actor, args: SenderGrantArguments): Record<string, never> {
  const granted = readGranted(args.address);
  return commitChange(context, actor, (tx) => {
    const account = ownedAccount(tx.db, actor, args.account);
    const name = domainOf(brand<Address>(granted));
    const domain = name === undefined ? undefined : domainByName(tx.db, name);
    const isOwn = domain !== undefined && mayManage(tx.db, actor, domain.customerId);
    if (!isOwn && !isHost(actor)) throw new Rejected('Only addresses of your own domains can be lent');
    insertGrant(tx.db, account.id, granted, tx.nowMs);
    tx.note({ action: 'account.grant', object: account.address, customer: account.customerId, detail: { granted } });
    tx.tell('mailboxes', 'changed', { id: account.id, name: account.address, customer: account.customerId });
    return {};
  });
}

export function revokeSender(context: AdminContext, actor: Actor, args: SenderGrantArguments): Record<string, never> {
  const granted = readGranted(args.address);
  return commitChange(context, actor, (tx) => {
    const account = ownedAccount(tx.db, actor, args.account);
    if (!deleteGrant(tx.db, account.id, granted)) throw new NotFound(`${account.address} may not write as ${granted} anyway`);
    tx.note({ action: 'account.revoke-grant', object: account.address, customer: account.customerId, detail: { granted } });
    tx.tell('mailboxes', 'changed', { id: account.id, name: account.address, customer: account.customerId });
    return {};
  });
}

function readGranted(given: unknown): string {
  if (typeof given !== 'string') throw new Invalid('address', 'address is missing');
  return given.startsWith('@') ? `@${readDomain('address', given.slice(1))}` : readAddress('address', given);
}
