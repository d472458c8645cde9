/**
 * What the MTA says about itself, and a reply as one line for logs and tracking.
 */
import { OutOfSpace } from '../lib/errors.ts';
import { formatReply, type Reply, reply } from '../wire/smtp/reply.ts';

/** Our own trouble: the other side tries again later; what happened stands in the log only. */
const OUR_TROUBLE = reply(451, '3.0', 'Something went wrong here, try again later');

/** RFC 5321 §4.2.3: the sender keeps what there is no room for. */
const OUT_OF_SPACE = reply(452, '3.1', 'There is no room for the message at the moment, try again later');

/** To the other side of a session in which `error` came up. */
export function troubleReply(error: unknown): Reply {
  return error instanceof OutOfSpace ? OUT_OF_SPACE : OUR_TROUBLE;
}

/** `550 5.1.1 There is no such address here`. */
export function replyText(said: Reply): string {
  return formatReply(said).trimEnd().replaceAll('\r\n', ' ');
}
