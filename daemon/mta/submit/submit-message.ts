/**
 * Sends a message for one of our accounts, whoever asks: the submission listeners, webmail, the sendmail command.
 *
 * 1. Identity is checked here and nowhere else (design rule 5).
 * 2. Accepted means committed to the queue with all destinations (design rule 1).
 * Specifications: RFC 6409, RFC 6376 (signed as the author's domain).
 */

import { type HeaderBlock, scanHeader } from '../../authentication/header-fields.ts';
import type { MessageBytes } from '../../authentication/message-bytes.ts';
import type { AcceptedMail, AcceptedRecipient, HandOverOutcome } from '../../mda/accepted-mail.ts';
import { deliveredTo } from '../../mda/delivery-fields.ts';
import { domainOf } from '../../wire/address/mailbox.ts';
import type { Address } from '../../wire/ids.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import { headerFault } from '../receive/content-checks.ts';
import type { ReceiverContext } from '../receive/context.ts';
import type { SessionAccount } from '../receive/transaction.ts';
import { isLooping, messageIdOf, subjectOf } from '../trace-fields.ts';
import { completeMessage } from './complete-message.ts';
import { authorAddress, authorFault, senderFault } from './identity.ts';

export type SubmitContext = Pick<ReceiverContext, 'directory' | 'signer' | 'handOver' | 'hostname' | 'now' | 'nextId' | 'log'>;

export interface Submission {
  readonly account: SessionAccount;
  readonly sender: Address | '';
  /** Each answered by `resolveRecipient`. */
  readonly recipients: readonly AcceptedRecipient[];
  /** The message as its author made it, CRLF line ends. */
  readonly content: Buffer;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  readonly envid?: string;
  readonly ret?: 'FULL' | 'HDRS';
  /** The Received field for this id and time, with its CRLF. */
  readonly received: (id: string, atMs: number) => string;
  /** For tracking. */
  readonly remote: string;
  readonly detail: Readonly<Record<string, string>>;
}

export type SubmissionOutcome =
  | { readonly kind: 'accepted'; readonly mail: AcceptedMail; readonly outcome: HandOverOutcome }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Checks, completes, signs and queues. Rejects with Unavailable for our own trouble. */
export async function submitMessage(context: SubmitContext, submission: Submission): Promise<SubmissionOutcome> {
  const scanned = scanHeader(submission.content);
  const fault = faultOf(context, submission, scanned);
  if (fault !== undefined) return { kind: 'refused', reply: fault };
  const atMs = context.now();
  const id = context.nextId(atMs);
  const author = submission.sender === '' ? submission.account.address : submission.sender;
  const { message, header } = completeMessage(submission.content, scanned, { id, atMs, author, hostname: context.hostname() });
  await signMessage(context, message, header, atMs);
  message.prepend(submission.received(id, atMs));
  const mail: AcceptedMail = {
    id,
    origin: 'submission',
    sender: submission.sender,
    account: submission.account.account,
    customer: submission.account.customer,
    recipients: submission.recipients,
    message,
    deliveredTo: deliveredTo(header),
    junk: false,
    vouched: true,
    smtpUtf8: submission.smtpUtf8,
    eightBit: submission.eightBit,
    ...(submission.envid === undefined ? {} : { envid: submission.envid }),
    ...(submission.ret === undefined ? {} : { ret: submission.ret }),
    receivedAtMs: atMs,
    subject: subjectOf(header),
    messageId: messageIdOf(header),
    remote: submission.remote,
    detail: submission.detail,
  };
  return { kind: 'accepted', mail, outcome: await context.handOver(mail) };
}

function faultOf(context: SubmitContext, submission: Submission, header: HeaderBlock): Reply | undefined {
  const account = context.directory.account(submission.account.account);
  if (account === undefined || account.suspendedOut) return sendingSuspended();
  return (
    headerFault(header) ??
    (isLooping(header) ? reply(554, '4.6', 'The message has passed too many servers') : undefined) ??
    senderFault(context.directory, account.id, submission.sender) ??
    authorFault(context.directory, account.id, header)
  );
}

/** Signed as the author's domain when that is ours and has keys; a key that cannot be used does not hold mail up. */
async function signMessage(context: SubmitContext, message: MessageBytes, header: HeaderBlock, atMs: number): Promise<void> {
  const author = authorAddress(header);
  const domain = author === undefined ? undefined : domainOf(author);
  if (domain === undefined) return;
  const keys = context.directory.signingKeys(domain);
  try {
    message.prepend(await context.signer.sign(header, domain, keys, atMs));
  } catch (error) {
    context.log.error({ err: error, domain }, 'submission.signing-failed');
  }
}

export function sendingSuspended(): Reply {
  return reply(550, '7.1', 'Sending is suspended for this mailbox');
}
