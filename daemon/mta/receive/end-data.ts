/**
 * What happens when the content is complete: the faults that its reading found, then the profile's word.
 *
 * 1. Whatever comes out, the transaction is over and its memory given back (RFC 5321 §4.1.1.4).
 */
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { DataReader } from './data-reader.ts';
import { tooLarge } from './mail-parameters.ts';
import type { SmtpSession } from './session.ts';

export async function endData(session: SmtpSession): Promise<Reply> {
  const { data, transaction } = session;
  if (data === undefined || transaction === undefined) return reply(503, '5.1', 'MAIL and RCPT come first');
  try {
    const fault = faultOf(data, session);
    if (fault !== undefined) {
      session.context.log.info(
        { peer: session.remoteAddress, sender: transaction.sender, code: fault.code, text: fault.text },
        'smtp.refused-content',
      );
      return fault;
    }
    const reply = await session.profile.take(session.peer, transaction, { ...data.take(), isEightBit: data.isEightBit });
    if (reply.code < 300) session.settle();
    return reply;
  } finally {
    session._resetSession();
  }
}

function faultOf(data: DataReader, session: SmtpSession): Reply | undefined {
  if (data.isTooLarge) return tooLarge(session.sizeLimit);
  if (data.isOutOfMemory) return reply(452, '3.1', 'Too many messages at once, try again in a moment');
  if (data.fault === 'nul') return reply(550, '6.11', 'The message holds a NUL, which mail may not (RFC 5321 section 4.1.1.4)');
  if (data.fault === 'bare-line-end')
    return reply(550, '6.11', 'The message holds CR or LF alone; lines end with CR LF (RFC 5321 section 2.3.8)');
  return undefined;
}
