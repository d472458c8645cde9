/**
 * What the MTA says about itself, and a reply as one line for logs and tracking.
 */
import { formatReply, type Reply, reply } from '../wire/smtp/reply.ts';

/** Our own trouble: the other side tries again later; what happened stands in the log only. */
export const OUR_TROUBLE = reply(451, '3.0', 'Something went wrong here, try again later');

/** `550 5.1.1 There is no such address here`. */
export function replyText(said: Reply): string {
  return formatReply(said).trimEnd().replaceAll('\r\n', ' ');
}
