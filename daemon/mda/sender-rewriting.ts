/**
 * The senders under which forwards leave (SRS), with the server's key.
 *
 * 1. A sender too long to rewrite becomes the null sender: SPF then looks at our HELO, and errors end at the next hop.
 * 2. A rewritten address leads back for `VALID_DAYS`, longer than any queue keeps a message.
 */
import type { Address, Domain } from '../wire/ids.ts';
import { srsDecode, srsEncode } from '../wire/srs/srs.ts';

const VALID_DAYS = 21;

export interface SenderRewriting {
  /** The sender under which `domain` forwards mail of `sender`. */
  forward(sender: Address, domain: Domain): Address | '';
  /** The sender before it was rewritten here; undefined: not made here, or too old. */
  reverse(address: Address): Address | undefined;
}

export function createSenderRewriting(key: Uint8Array, now: () => number): SenderRewriting {
  return {
    forward: (sender, domain) => srsEncode(sender, { key, domain, timeMs: now() }) ?? '',
    reverse: (address) => {
      const reversal = srsDecode(address, { key, timeMs: now(), validDays: VALID_DAYS });
      return reversal.kind === 'address' ? reversal.address : undefined;
    },
  };
}
