/**
 * Who answers for `<postmaster>` without a domain (RFC 5321 §4.5.1).
 */

import { parseAddress } from '../../wire/address/mailbox.ts';
import type { Address } from '../../wire/ids.ts';
import type { ReceiverContext } from './context.ts';

/** The first of postmaster@host name, the configured postmaster and the host's own address that leads somewhere here. */
export function postmasterAddress(context: ReceiverContext): Address | undefined {
  const { directory } = context;
  const candidates = [
    `postmaster@${context.hostname()}`,
    directory.setting<string>('server.postmaster'),
    directory.setting<string>('server.adminAddress'),
  ];
  for (const text of candidates) {
    const address = text === '' ? undefined : parseAddress(text);
    if (address !== undefined && directory.resolve(address).kind === 'deliverable') return address;
  }
  return undefined;
}
