/**
 * The reply to a message's content, and its line in the log.
 */
import type { AcceptedMail, HandOverOutcome } from '../../mda/accepted-mail.ts';
import type { ReceiverContext } from './context.ts';
import { type SmtpReply, smtpReply } from '../reply.ts';
import { mailboxFullReply } from './mailbox-full.ts';

export function outcomeReply(context: ReceiverContext, mail: AcceptedMail, outcome: HandOverOutcome): SmtpReply {
  const reply = toReply(context, mail, outcome);
  const fields = {
    id: mail.id,
    sender: mail.sender,
    recipients: mail.recipients.length,
    bytes: mail.message.size,
    outcome: outcome.kind,
    code: reply.code,
  };
  context.log.info(fields, `${mail.origin}.message`);
  return reply;
}

function toReply(context: ReceiverContext, mail: AcceptedMail, outcome: HandOverOutcome): SmtpReply {
  switch (outcome.kind) {
    case 'stored':
      return smtpReply(250, '2.0.0', `Delivered as ${mail.id}`);
    case 'queued':
    case 'discarded':
      return smtpReply(250, '2.0.0', `Accepted as ${mail.id}`);
    case 'over-quota':
      return mailboxFullReply(context, outcome.sinceMs);
    case 'junk-not-forwarded':
      return smtpReply(550, '5.7.1', 'The address leads to another server, and mail that looks like junk is not sent on');
    case 'loop':
      return smtpReply(554, '5.4.6', `The message was delivered to ${outcome.address} before: a mail loop`);
  }
}
