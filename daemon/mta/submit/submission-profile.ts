/**
 * Ports 587 and 465: mail of our own accounts, to anywhere (RFC 6409, RFC 8314).
 *
 * 1. Nothing is accepted before a log-in; nothing leaves under a name that is not the account's.
 */
import { MessageBytes } from '../../authentication/message-bytes.ts';
import { type Mailbox, parseMailbox } from '../../wire/address/mailbox.ts';
import type { Address } from '../../wire/ids.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import type { ReceiverContext } from '../receive/context.ts';
import { outcomeReply } from '../receive/outcome-reply.ts';
import { postmasterAddress } from '../receive/postmaster.ts';
import type { ReceiverProfile, RecipientAnswer, RecipientNotice } from '../receive/profile.ts';
import { refusedEvents } from '../receive/refused-events.ts';
import { type Peer, peerName, type ReceivedContent, type Transaction, tlsDetail } from '../receive/transaction.ts';
import { receivedField } from '../trace-fields.ts';
import { senderFault } from './identity.ts';
import { resolveRecipient } from './recipients.ts';
import { sendingSuspended, submitMessage } from './submit-message.ts';

const LOG_IN_FIRST = reply(530, '7.0', 'Log in first');

export function submissionProfile(context: ReceiverContext, { implicitTls }: { readonly implicitTls: boolean }): ReceiverProfile {
  return {
    name: 'submission',
    implicitTls,
    needsLogin: true,
    checkSender: (peer, sender) => checkSender(context, peer, sender),
    checkRecipient: (peer, mailbox, notice, sender) => {
      const answer = checkRecipient(context, mailbox, notice);
      if (answer.kind === 'refused')
        refusedEvents(context, { peer, sender, recipients: [mailbox?.address ?? 'postmaster'], reply: answer.reply });
      return answer;
    },
    take: (peer, transaction, content) => take(context, peer, { transaction, content }),
  };
}

function checkSender(context: ReceiverContext, peer: Peer, sender: Address | ''): Reply | undefined {
  const account = peer.account === undefined ? undefined : context.directory.account(peer.account.account);
  if (account === undefined) return LOG_IN_FIRST;
  return account.suspendedOut ? sendingSuspended() : senderFault(context.directory, account.id, sender);
}

function checkRecipient(context: ReceiverContext, mailbox: Mailbox | undefined, notice: RecipientNotice): RecipientAnswer {
  const known = mailbox ?? postmasterMailbox(context);
  if (known === undefined) return { kind: 'refused', reply: reply(550, '1.1', 'There is no postmaster here'), isGuess: true };
  return resolveRecipient(context, known, notice);
}

function postmasterMailbox(context: ReceiverContext): Mailbox | undefined {
  const address = postmasterAddress(context);
  return address === undefined ? undefined : parseMailbox(address);
}

async function take(
  context: ReceiverContext,
  peer: Peer,
  { transaction, content }: { transaction: Transaction; content: ReceivedContent },
): Promise<Reply> {
  if (peer.account === undefined) return LOG_IN_FIRST;
  const recipient = transaction.recipients.length === 1 ? transaction.recipients[0]?.address : undefined;
  const submitted = await submitMessage(context, {
    account: peer.account,
    sender: transaction.sender,
    recipients: transaction.recipients,
    content: MessageBytes.fromParts(content.parts, content.size).content,
    smtpUtf8: transaction.smtpUtf8,
    eightBit: content.isEightBit,
    ...(transaction.envid === undefined ? {} : { envid: transaction.envid }),
    ...(transaction.ret === undefined ? {} : { ret: transaction.ret }),
    received: (id, atMs) => receivedField({ peer, by: context.hostname(), id, isUtf8: transaction.smtpUtf8, recipient, atMs }),
    remote: peerName(peer),
    detail: tlsDetail(peer),
  });
  const said = submitted.kind === 'accepted' ? outcomeReply(context, submitted.mail, submitted.outcome) : submitted.reply;
  if (said.code < 300) return said;
  const recipients = transaction.recipients.map(({ address }) => address);
  refusedEvents(context, { peer, sender: transaction.sender, recipients, reply: said });
  return said;
}
