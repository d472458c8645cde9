/**
 * Where one accepted message goes: pure, from recipients and their destinations to deliveries and queue entries.
 *
 * 1. An account gets a message once, however many of its addresses were written to (the first one counts).
 * 2. A single account and nothing else is delivered directly; everything else goes through the queue (design rule 1).
 * 3. Junk is not forwarded; a forwarder that saw the message before is a loop (RFC 5321 §6.3).
 */
import type { AccountRecord } from '../directory/directory.ts';
import type { QueueRecipient } from '../queue/queue.ts';
import { domainOf, lookupKey } from '../wire/address/mailbox.ts';
import type { Address, Domain } from '../wire/ids.ts';
import type { AcceptedMail, AcceptedRecipient } from './accepted-mail.ts';

export interface AccountTarget {
  readonly account: AccountRecord;
  readonly subaddress: string | null;
  readonly recipient: AcceptedRecipient;
}

/** Forwards that leave under one domain's name, and so with one rewritten sender. */
export interface ForwardGroup {
  readonly domain: Domain;
  readonly forwarder: Address;
  readonly recipients: readonly QueueRecipient[];
}

export interface DeliveryPlan {
  /** Set: deliver into this account before the 250, nothing is queued. */
  readonly direct: AccountTarget | undefined;
  /** What goes into the queue under the message's own sender. */
  readonly queued: readonly QueueRecipient[];
  readonly accounts: readonly AccountTarget[];
  readonly forwards: readonly ForwardGroup[];
  readonly discardedBy: readonly Address[];
  /** Forwarders that were passed over because the message looks like junk. */
  readonly heldBack: readonly Address[];
  readonly loopAt: Address | undefined;
}

/** Plans a message. */
export function planDelivery(mail: AcceptedMail): DeliveryPlan {
  const found = collect(mail);
  const accounts = [...found.accounts.values()];
  const isAlone = found.remotes.length === 0 && found.forwards.size === 0 && accounts.length === 1;
  const only = isAlone && mail.origin === 'mx' ? accounts[0] : undefined;
  // RFC 3461 §5.2.2: a wanted notice of success is the queue's work.
  const direct = only?.recipient.notify?.includes('SUCCESS') === true ? undefined : only;
  const queued = direct === undefined ? [...accounts.map((target) => toQueue(target, mail.junk)), ...found.remotes] : [];
  const { discardedBy, heldBack, loopAt } = found;
  return { direct, queued, accounts, forwards: [...found.forwards.values()], discardedBy, heldBack, loopAt };
}

interface Collected {
  readonly accounts: Map<number, AccountTarget>;
  readonly remotes: QueueRecipient[];
  readonly forwards: Map<string, ForwardGroup & { recipients: QueueRecipient[] }>;
  readonly discardedBy: Address[];
  readonly heldBack: Address[];
  loopAt: Address | undefined;
}

function collect(mail: AcceptedMail): Collected {
  const found: Collected = { accounts: new Map(), remotes: [], forwards: new Map(), discardedBy: [], heldBack: [], loopAt: undefined };
  for (const recipient of mail.recipients) {
    if (recipient.destinations === undefined) {
      found.remotes.push({ address: recipient.address, ...asWritten(recipient), destination: { kind: 'remote' } });
      continue;
    }
    for (const destination of recipient.destinations) {
      if (destination.kind === 'account') {
        const { account, subaddress } = destination;
        if (!found.accounts.has(account.id)) found.accounts.set(account.id, { account, subaddress, recipient });
        if (hasSeen(mail, account.address)) found.loopAt ??= account.address;
      } else if (destination.kind === 'discard') found.discardedBy.push(destination.forwarder);
      else if (mail.junk) found.heldBack.push(destination.forwarder);
      else if (hasSeen(mail, destination.forwarder)) found.loopAt ??= destination.forwarder;
      else addForward(found, destination.forwarder, { address: destination.to, ...asWritten(recipient), destination: { kind: 'remote' } });
    }
  }
  return found;
}

function addForward(found: Collected, forwarder: Address, recipient: QueueRecipient): void {
  const domain = domainOf(forwarder);
  if (domain === undefined) return;
  // One body carries one Delivered-To, and one envelope one sender: forwards are grouped by who forwards.
  const key = lookupKey(forwarder);
  const group = found.forwards.get(key);
  if (group === undefined) found.forwards.set(key, { domain, forwarder, recipients: [recipient] });
  else if (!group.recipients.some((other) => lookupKey(other.address) === lookupKey(recipient.address))) group.recipients.push(recipient);
}

function toQueue({ account, subaddress, recipient }: AccountTarget, junk: boolean): QueueRecipient {
  return { address: recipient.address, ...asWritten(recipient), destination: { kind: 'account', account: account.id, subaddress, junk } };
}

function asWritten({ address, notify, orcpt }: AcceptedRecipient): Pick<QueueRecipient, 'original' | 'notify' | 'orcpt'> {
  return { original: address, ...(notify === undefined ? {} : { notify }), ...(orcpt === undefined ? {} : { orcpt }) };
}

function hasSeen(mail: AcceptedMail, address: Address): boolean {
  return mail.deliveredTo.length > 0 && mail.deliveredTo.includes(lookupKey(address));
}
