/**
 * What a header block must be like before anything is said about it.
 */
import type { HeaderBlock } from '../../authentication/header-fields.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';

/** Undefined when the header can be worked with. */
export function headerFault(header: HeaderBlock): Reply | undefined {
  if (header.isTooLong) return reply(552, '3.4', 'The header of the message is too long');
  return undefined;
}
