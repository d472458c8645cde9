/** Creates a mailbox in a hosted domain. */

import type { ControlDatabase } from '../directory/control.ts';
import { accountByAddress, insertAccount } from '../directory/records/accounts.ts';
import { addressOf } from '../directory/records/addresses.ts';
import { type DomainRecord, domainByName } from '../directory/records/domains.ts';
import { Conflict, Invalid } from '../lib/errors.ts';
import { displayDomain } from '../wire/address/domain.ts';
import { domainOf, localPartOf } from '../wire/address/mailbox.ts';
import type { Address } from '../wire/ids.ts';
import { type MailboxItem, mailboxItem } from './account-view.ts';
import { type Actor, requireManager, requireOwned } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { choosePassword, makeCredential } from './new-credential.ts';
import { parseQuota } from './quota.ts';
import { readAddress, readText } from './read-arguments.ts';

export interface CreateAccountArguments {
  readonly address: string;
  readonly name?: string;
  /** Made and answered once when absent. */
  readonly password?: string;
  /** Bytes, a size as text, `none` or null; absent = the default setting. */
  readonly quota?: number | string | null;
}

export interface CreatedAccount {
  readonly mailbox: MailboxItem;
  /** The password we made; null when it was given. */
  readonly password: string | null;
}

export async function createAccount(context: AdminContext, actor: Actor, args: CreateAccountArguments): Promise<CreatedAccount> {
  requireManager(actor);
  const { db } = context.control;
  const address = readAddress('address', args.address);
  const name = readText('name', args.name, { max: 200, optional: true });
  const quotaBytes =
    args.quota === undefined ? context.directory.setting<number | null>('mailboxes.defaultQuotaBytes') : parseQuota('quota', args.quota);
  refuseTaken(db, address, hostingDomain(db, actor, address));
  refuseSeparator(address, context.directory.setting<string>('domains.separator'));
  const chosen = choosePassword(args, address);
  const secret = await makeCredential(context, chosen.password);
  return commitChange(context, actor, (tx) => {
    const domain = hostingDomain(tx.db, actor, address);
    refuseTaken(tx.db, address, domain);
    const row = insertAccount(
      tx.db,
      {
        customerId: domain.customerId,
        domainId: domain.id,
        address,
        localPart: localPartOf(address),
        name,
        quotaBytes,
        createdAt: tx.nowMs,
      },
      secret,
    );
    tx.note({ action: 'account.create', object: address, customer: domain.customerId, detail: { quotaBytes } });
    tx.tell('mailboxes', 'created', { id: row.id, name: address, customer: domain.customerId });
    return { mailbox: mailboxItem(row), password: chosen.made ? chosen.password : null };
  });
}

/** The hosted domain of a new address. NotFound when it is not here or not the actor's. */
export function hostingDomain(db: ControlDatabase, actor: Actor, address: Address): DomainRecord {
  const name = domainOf(address);
  if (name === undefined) throw new Invalid('address', 'An address at an IP address cannot be hosted');
  return requireOwned(db, actor, domainByName(db, name), `${displayDomain(name)} is not hosted here. Add the domain first`);
}

function refuseTaken(db: ControlDatabase, address: Address, domain: DomainRecord): void {
  if (accountByAddress(db, address) !== undefined) throw new Conflict(`${address} exists already`);
  if (addressOf(db, domain.id, localPartOf(address)) !== undefined) {
    throw new Conflict(`${address} is a forwarder already. Remove it first, or choose another name`);
  }
}

/** A mailbox `a+b@` beside `a@` would take mail that the plus address promises to `a@`. */
export function refuseSeparator(address: Address, separator: string): void {
  if (separator !== '' && localPartOf(address).includes(separator, 1) && separator === '+') {
    throw new Invalid('address', `An address may not hold ${separator}: what stands after it is a note to the mailbox before it`);
  }
}
