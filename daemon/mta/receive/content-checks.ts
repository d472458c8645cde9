/**
 * What a header block must be like before anything is said about it.
 */
import type { HeaderBlock } from '../../authentication/header-fields.ts';
import { type SmtpReply, smtpReply } from '../reply.ts';

/** Undefined when the header can be worked with. */
export function headerFault(header: HeaderBlock): SmtpReply | undefined {
  if (header.isTooLong) return smtpReply(552, '5.3.4', 'The header of the message is too long');
  return undefined;
}
