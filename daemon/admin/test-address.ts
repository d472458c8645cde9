/** "Where would mail to this address go, and why": the directory's own answer, in words. */

import type { ControlDatabase } from '../directory/control.ts';
import type { Destination, Resolution } from '../directory/directory.ts';
import { accountByAddress } from '../directory/records/accounts.ts';
import { addressOf, targetsOf } from '../directory/records/addresses.ts';
import { domainByName } from '../directory/records/domains.ts';
import { NotFound } from '../lib/errors.ts';
import { displayDomain } from '../wire/address/domain.ts';
import { domainOf, localPartOf, splitSubaddress } from '../wire/address/mailbox.ts';
import { type Address, brand, type Domain } from '../wire/ids.ts';
import { type Actor, isHost, mayManage, requireManager } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { readAddress } from './read-arguments.ts';

export interface AddressTestAnswer {
  readonly outcome: Resolution['kind'];
  /** One sentence a step. */
  readonly steps: readonly string[];
}

export function testAddress(context: AdminContext, actor: Actor, args: { readonly address: string }): AddressTestAnswer {
  requireManager(actor);
  const { db } = context.control;
  const address = readAddress('address', args.address);
  const name = domainOf(address) ?? brand<Domain>('');
  const domain = domainByName(db, name);
  if (!isHost(actor) && (domain === undefined || !mayManage(db, actor, domain.customerId)))
    throw new NotFound(`${displayDomain(name)} is not one of your domains`);
  const resolution = context.directory.resolve(address);
  if (domain === undefined && resolution.kind === 'not-ours') {
    return { outcome: 'not-ours', steps: [`${displayDomain(name)} is not hosted here. Mail to it goes where its MX record points`] };
  }
  if (domain?.state === 'unproven')
    return {
      outcome: resolution.kind,
      steps: [`${name} is not proven yet. Until its MX points here or its TXT record is seen, this server takes no mail for it`],
    };
  if (domain?.state === 'suspended')
    return {
      outcome: resolution.kind,
      steps: [`${name} is suspended: ${domain.suspendedReason ?? 'no reason was given'}. Mail to it is refused`],
    };
  const separator = context.directory.setting<string>('domains.separator');
  const way =
    domain === undefined
      ? [`${name} is this server itself. Only postmaster@ and abuse@ take mail here`]
      : explainWay(db, address, { domainId: domain.id, separator });
  const isOwnPost = resolution.kind === 'unknown' && isForCaretaker(address, domain === undefined ? '' : separator);
  return { outcome: resolution.kind, steps: [...way, ...(isOwnPost ? [NO_CARETAKER] : explainEnd(resolution))] };
}

const NO_CARETAKER =
  'Nobody is there to take it: no mailbox, no catch-all, and neither server.postmaster nor server.adminAddress leads anywhere. ' +
  'The sender is told that there is no such address';

/** RFC 5321 §4.5.1, RFC 2142 §4: the two addresses that somebody answers for everywhere. */
function isForCaretaker(address: Address, separator: string): boolean {
  const local = localPartOf(separator === '' ? address : splitSubaddress(address, separator).base);
  return local === 'postmaster' || local === 'abuse';
}

/** Why the first step is what it is. */
function explainWay(db: ControlDatabase, address: Address, { domainId, separator }: { domainId: number; separator: string }): string[] {
  const direct = explainRow(db, address, domainId);
  if (direct.length > 0) return direct;
  const { base, detail } = separator === '' ? { base: address, detail: undefined } : splitSubaddress(address, separator);
  if (detail !== undefined) {
    const plain = explainRow(db, base, domainId);
    if (plain.length > 0) return [`"${detail}" after the ${separator} is a note: the mail is for ${base}`, ...plain];
  }
  if (isForCaretaker(base, ''))
    return [`${base} is neither a mailbox nor a forwarder. Mail to ${localPartOf(base)}@ is for whoever looks after the domain`];
  const catchAll = addressOf(db, domainId, '');
  return catchAll === undefined ? [] : [`There is no ${address}, but the domain has a catch-all`, ...explainForwarder(db, catchAll)];
}

function explainRow(db: ControlDatabase, address: Address, domainId: number): string[] {
  const row = addressOf(db, domainId, localPartOf(address));
  const account = accountByAddress(db, address);
  if (row === undefined) return account === undefined ? [] : [`${address} is a mailbox`];
  const copy = account !== undefined && row.kind === 'forward' && row.keepCopy ? [`${address} is a mailbox and keeps a copy`] : [];
  return [...copy, ...explainForwarder(db, row)];
}

function explainForwarder(db: ControlDatabase, row: { id: number; address: string; kind: string }): string[] {
  if (row.kind === 'discard') return [`${row.address} throws mail away`];
  if (row.kind === 'reject') return [`${row.address} refuses mail`];
  return [`${row.address} forwards to ${targetsOf(db, row.id).join(', ')}`];
}

function explainEnd(resolution: Resolution): string[] {
  switch (resolution.kind) {
    case 'deliverable':
      return resolution.destinations.map(explainDestination);
    case 'refused':
      return [`The sender is told: ${resolution.text}`];
    case 'suspended':
      return ['Receiving is suspended: the sender is told that the mailbox is disabled'];
    case 'temporary':
      return ['Forwarders go in circles or lead to too many places: the sender is asked to come back later'];
    case 'unknown':
      return ['There is no such address: the sender is told so'];
    case 'not-ours':
      return ['This server takes no mail for it'];
  }
}

function explainDestination(destination: Destination): string {
  if (destination.kind === 'discard') return `The sender sees it accepted, and it is gone (${destination.forwarder})`;
  if (destination.kind === 'forward') return `It is sent on to ${destination.to}, outside this server. Junk is not sent on`;
  const { account } = destination;
  const isFull = account.quotaBytes !== null && account.usageBytes >= account.quotaBytes;
  return `It arrives in the mailbox ${account.address}${isFull ? ', which is full: the sender is asked to come back later' : ''}`;
}
