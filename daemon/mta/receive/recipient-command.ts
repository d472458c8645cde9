/**
 * RCPT TO (RFC 5321 §4.1.1.3): one recipient, answered from memory.
 */

import { parsePath } from '../../wire/address/mailbox.ts';
import { reply } from '../../wire/smtp/reply.ts';
import { argumentAfter } from './mail-command.ts';
import { isReply, parseRecipientParameters } from './mail-parameters.ts';
import type { SmtpSession } from './session.ts';

const RECIPIENT_OK = reply(250, '1.5', 'Recipient OK');

export function recipientCommand(session: SmtpSession, argument: string): void {
  const { transaction, profile, context } = session;
  if (transaction === undefined) return session.reject(reply(503, '5.1', 'MAIL comes first'));
  const parsed = parsePath(argumentAfter(argument, 'TO:'));
  if (parsed === undefined || parsed.path.kind === 'null') return session.reject(reply(501, '1.3', 'Write RCPT TO:<address>'));
  const notice = parseRecipientParameters(parsed.rest, context.offersDsn);
  if (isReply(notice)) return session.reject(notice);
  const mailbox = parsed.path.kind === 'mailbox' ? parsed.path.mailbox : undefined;
  if (mailbox?.needsUtf8 === true && !transaction.smtpUtf8) return session.reject(reply(553, '6.7', 'This address needs SMTPUTF8'));
  const key = mailbox?.address ?? 'postmaster';
  if (transaction.seen.has(key)) return session.reply(RECIPIENT_OK);
  // RFC 5321 §4.5.3.1.8 and §4.5.3.1.10: 452 lets the client send the rest in another transaction.
  if (transaction.recipients.length >= context.directory.setting<number>('mailIn.maxRecipients')) {
    return session.reply(reply(452, '5.3', 'Too many recipients, send the rest in another transaction'));
  }
  const answer = profile.checkRecipient(session.peer, mailbox, notice, transaction.sender);
  if (answer.kind === 'refused') return answer.isGuess ? session.rejectGuess(answer.reply) : session.reply(answer.reply);
  transaction.seen.add(key);
  transaction.recipients.push(answer.recipient);
  session.reply(RECIPIENT_OK);
}
