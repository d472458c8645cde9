/**
 * Where mail of our own making (DSNs) or mail for a domain that came to us in the meantime goes: an address becomes queue
 * recipients, accounts of ours or other servers.
 *
 * 1. A DSN for a sender that was rewritten here (SRS) goes to the sender behind it.
 * 2. Nothing is sent to an address of ours that does not exist: the answer is empty.
 */
import type { Directory, Resolution } from '../../directory/directory.ts';
import type { QueueRecipient } from '../../queue/queue.ts';
import type { Address } from '../../wire/ids.ts';

export interface AddresseeContext {
  readonly directory: Pick<Directory, 'resolve'>;
  /** The sender before it was rewritten here; undefined when the address is no such. */
  readonly reverseSender: (address: Address) => Address | undefined;
}

export function addressees(context: AddresseeContext, sender: Address): readonly QueueRecipient[] {
  const address = context.reverseSender(sender) ?? sender;
  const resolution = context.directory.resolve(address);
  if (resolution.kind === 'not-ours') return [{ address, original: address, destination: { kind: 'remote' } }];
  return resolution.kind === 'deliverable' ? destinationsOf(resolution, address) : [];
}

/** The queue recipients of a resolved address; destinations that discard are left out. */
export function destinationsOf(resolution: Extract<Resolution, { kind: 'deliverable' }>, original: Address): readonly QueueRecipient[] {
  return resolution.destinations.flatMap((destination): QueueRecipient[] => {
    if (destination.kind === 'account') {
      const { account, subaddress } = destination;
      return [{ address: original, original, destination: { kind: 'account', account: account.id, subaddress, junk: false } }];
    }
    return destination.kind === 'forward' ? [{ address: destination.to, original, destination: { kind: 'remote' } }] : [];
  });
}
