/**
 * The reply to a message's content, and its line in the log.
 */
import type { AcceptedMail, HandOverOutcome } from '../../mda/accepted-mail.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from './context.ts';
import { mailboxFullReply } from './mailbox-full.ts';

export function outcomeReply(context: ReceiverContext, mail: AcceptedMail, outcome: HandOverOutcome): Reply {
  const said = toReply(context, mail, outcome);
  const fields = {
    id: mail.id,
    sender: mail.sender,
    recipients: mail.recipients.length,
    bytes: mail.message.size,
    outcome: outcome.kind,
    code: said.code,
  };
  context.log.info(fields, `${mail.origin}.message`);
  return said;
}

function toReply(context: ReceiverContext, mail: AcceptedMail, outcome: HandOverOutcome): Reply {
  switch (outcome.kind) {
    case 'stored':
      return reply(250, '0.0', `Delivered as ${mail.id}`);
    case 'queued':
    case 'discarded':
      return reply(250, '0.0', `Accepted as ${mail.id}`);
    case 'over-quota':
      return mailboxFullReply(context, outcome.sinceMs);
    case 'junk-not-forwarded':
      return reply(550, '7.1', 'The address leads to another server, and mail that looks like junk is not sent on');
    case 'loop':
      return reply(554, '4.6', `The message was delivered to ${outcome.address} before: a mail loop`);
  }
}
