/**
 * DSNs: which recipients' outcomes the sender is told of, and the message that tells it.
 *
 * 1. Only to a sender that was vouched for (design rule 2), never for a message that has none.
 * 2. A report's id derives from the message's and the recipient's: queued twice, it is sent once.
 * 3. What the next server promised to report is not reported here.
 *
 * Specifications: RFC 3461 §5.2, §6.2, §6.3; RFC 3464; RFC 5321 §6.1 (null reverse-path).
 */
import { isAscii } from 'node:buffer';
import type { ClaimedMessage, ClaimedRecipient } from '../../queue/claim.ts';
import type { NewQueueMessage, QueueRecipient } from '../../queue/queue.ts';
import { buildDsn } from '../../wire/dsn/build-dsn.ts';
import type { DsnAction, DsnRecipient } from '../../wire/dsn/delivery-report.ts';
import { reportSubject } from '../../wire/dsn/human-text.ts';
import type { Address } from '../../wire/ids.ts';
import { readReply } from './reply-class.ts';

export interface Reportable {
  readonly recipient: ClaimedRecipient;
  readonly action: Extract<DsnAction, 'failed' | 'delayed' | 'delivered' | 'relayed'>;
  readonly reply: string;
  readonly remote: string;
}

export interface ReportContext {
  readonly hostname: string;
  readonly nowMs: number;
  readonly retryUntilMs: number;
  readonly addressees: (sender: Address) => readonly QueueRecipient[];
}

const FULL_UP_TO_BYTES = 32 * 1024;

/** True when the sender of `message` may and wants to hear of it. */
export function isReported(message: ClaimedMessage, { recipient }: ClaimedRecipient, action: Reportable['action']): boolean {
  if (message.sender === '' || !message.vouched) return false;
  const { notify } = recipient;
  // RFC 3461 §4.1: without NOTIFY failures are reported; delays as this server sees fit, successes never.
  if (action === 'failed') return notify === undefined || notify.includes('FAILURE');
  if (action === 'delayed') return notify === undefined || notify.includes('DELAY');
  return notify?.includes('SUCCESS') === true;
}

/** One DSN for recipients of one message with one action; undefined when there is nobody to send it to. */
export function reportMessage(
  message: ClaimedMessage,
  told: readonly Reportable[],
  original: Buffer,
  context: ReportContext,
): NewQueueMessage | undefined {
  const [first] = told;
  if (first === undefined || message.sender === '') return undefined;
  const recipients = context.addressees(message.sender);
  if (recipients.length === 0) return undefined;
  const id = `${message.id}.${first.action.slice(0, 4)}${first.recipient.number}`;
  const built = buildDsn({
    to: message.sender,
    action: first.action,
    timeMs: context.nowMs,
    messageId: `${id}@${context.hostname}`,
    original,
    returns: message.ret === 'FULL' ? 'full' : message.ret === 'HDRS' ? 'headers' : undefined,
    fullUpToBytes: FULL_UP_TO_BYTES,
    reportingMta: context.hostname,
    envelopeId: message.envid ?? undefined,
    arrivalMs: message.receivedAtMs,
    recipients: told.map((each) => toDsnRecipient(each, context)),
  });
  return {
    id,
    sender: '',
    account: null,
    customer: message.customer,
    origin: 'dsn',
    vouched: false,
    smtpUtf8: built.needsUtf8,
    eightBit: !isAscii(built.raw),
    receivedAtMs: context.nowMs,
    subject: reportSubject(first.action),
    messageId: `<${id}@${context.hostname}>`,
    body: built.raw,
    recipients,
  };
}

function toDsnRecipient({ recipient, action, reply, remote }: Reportable, context: ReportContext): DsnRecipient {
  const { code, status } = readReply(reply);
  const isTheirs = remote !== '' && code !== 0;
  return {
    address: recipient.recipient.address,
    originalRecipient: recipient.recipient.orcpt,
    action,
    status: statusFor(action, status),
    ...(remote === '' ? {} : { remoteMta: remote.split(' ')[0] }),
    diagnostic: reply,
    isSmtpReply: isTheirs,
    lastAttemptMs: context.nowMs,
    ...(action === 'delayed' ? { willRetryUntilMs: context.retryUntilMs } : {}),
  };
}

/** RFC 3464 §2.3.4: the class of the status fits the action. */
function statusFor(action: Reportable['action'], status: string): string {
  const digit = action === 'failed' ? '5' : action === 'delayed' ? '4' : '2';
  return `${digit}${status.slice(1)}`;
}
