/**
 * Port 25: mail from anywhere for our own proven domains, and for nobody else.
 *
 * 1. RCPT is answered by the directory from memory; "not ours" is refused, so this is no relay (RFC 5321 §3.6.2).
 * 2. A full mailbox is told 452 for `mailboxes.fullGrace`, then 552 (design rule 2).
 * 3. The message is refused, filed as junk or delivered as `decide` says, before the reply to its content.
 * Specifications: RFC 5321 §3.3, §4.2; RFC 3463; RFC 8601 §5.
 */
import type { Analysis } from '../../authentication/analysis.ts';
import { isVouched } from '../../authentication/analysis.ts';
import { type HeaderBlock, scanHeader } from '../../authentication/header-fields.ts';
import { MessageBytes } from '../../authentication/message-bytes.ts';
import { authenticationResults, forgedResults } from '../../authentication/results-field.ts';
import type { AcceptedMail, AcceptedRecipient } from '../../mda/accepted-mail.ts';
import { deliveredTo } from '../../mda/delivery-fields.ts';
import type { Mailbox } from '../../wire/address/mailbox.ts';
import type { Address } from '../../wire/ids.ts';
import { type Reply, reply } from '../../wire/smtp/reply.ts';
import { isSrs } from '../../wire/srs/srs.ts';
import { DEFAULT_POLICY, decide, type MailPolicy, type Verdict } from '../decide.ts';
import { isLooping, messageIdOf, receivedField, subjectOf } from '../trace-fields.ts';
import { headerFault } from './content-checks.ts';
import type { ReceiverContext } from './context.ts';
import { outcomeReply } from './outcome-reply.ts';
import { postmasterAddress } from './postmaster.ts';
import type { ReceiverProfile, RecipientAnswer, RecipientNotice } from './profile.ts';
import { answerRecipient, refuse, SUSPENDED, UNKNOWN } from './recipient-answers.ts';
import { refusedEvents } from './refused-events.ts';
import { type Peer, peerName, type ReceivedContent, type Transaction, tlsDetail } from './transaction.ts';

const NO_RELAY = reply(550, '7.1', 'This server takes no mail for that domain (relaying denied)');
const BOUNCES_ONLY = reply(550, '7.1', 'This address takes only bounces');

export function mxProfile(context: ReceiverContext): ReceiverProfile {
  return {
    name: 'mx',
    implicitTls: false,
    needsLogin: false,
    checkSender: () => undefined,
    checkRecipient: (peer, mailbox, notice, sender) => {
      const answer = checkRecipient(context, mailbox, { notice, sender });
      if (answer.kind === 'refused')
        refusedEvents(context, { peer, sender, recipients: [mailbox?.address ?? 'postmaster'], reply: answer.reply });
      return answer;
    },
    take: (peer, transaction, content) => take(context, peer, { transaction, content }),
  };
}

interface RecipientFacts {
  readonly notice: RecipientNotice;
  readonly sender: string;
}

function checkRecipient(context: ReceiverContext, mailbox: Mailbox | undefined, { notice, sender }: RecipientFacts): RecipientAnswer {
  const address = mailbox?.address ?? postmasterAddress(context);
  if (address === undefined) return refuse(UNKNOWN, true);
  if (mailbox?.literal !== undefined) return refuse(NO_RELAY, true);
  const bounced = rewritten(context, mailbox, { notice, sender });
  if (bounced !== undefined) return bounced;
  const resolution = context.directory.resolve(address);
  if (resolution.kind === 'not-ours') {
    // A suspended domain of ours is not another server's: its senders learn that it takes no mail, not that we relay none.
    const isSuspended = mailbox?.domain !== undefined && context.directory.isLocalDomain(mailbox.domain);
    return isSuspended ? refuse(SUSPENDED, false) : refuse(NO_RELAY, true);
  }
  return answerRecipient(context, { address, resolution, notice });
}

/**
 * A bounce to a sender that a forward of ours rewrote: it goes to the sender before (the key proves that it is ours). Nothing
 * but a bounce: whoever was forwarded to knows such an address, and could write to its sender through us.
 */
function rewritten(
  context: ReceiverContext,
  mailbox: Mailbox | undefined,
  { notice, sender }: RecipientFacts,
): RecipientAnswer | undefined {
  if (mailbox?.domain === undefined || !isSrs(mailbox.address) || !context.directory.isLocalDomain(mailbox.domain)) return undefined;
  const address = context.srs.reverse(mailbox.address);
  if (address === undefined) return undefined;
  if (sender !== '') return refuse(BOUNCES_ONLY, true);
  return { kind: 'accepted', recipient: { address, ...rewrittenDestination(context, address), ...notice } };
}

/** The sender before may be one of ours: its mail stays here. */
function rewrittenDestination(context: ReceiverContext, address: Address): Pick<AcceptedRecipient, 'destinations' | 'customer'> {
  const resolution = context.directory.resolve(address);
  if (resolution.kind === 'deliverable') return { destinations: resolution.destinations, customer: resolution.customer };
  return { destinations: undefined, customer: null };
}

async function take(
  context: ReceiverContext,
  peer: Peer,
  received: { transaction: Transaction; content: ReceivedContent },
): Promise<Reply> {
  const { transaction, content } = received;
  const atMs = context.now();
  const message = MessageBytes.fromParts(content.parts, content.size);
  const header = scanHeader(message.content);
  const fault = headerFault(header) ?? (isLooping(header) ? reply(554, '4.6', 'The message has passed too many servers') : undefined);
  if (fault !== undefined) return refuseContent(context, peer, { transaction, said: fault, detail: {} });
  const analysis = await analyze(context, peer, { header, transaction });
  const verdict = analysis === undefined ? undefined : decide(analysis, policyOf(context));
  if (verdict?.kind === 'reject')
    return refuseContent(context, peer, { transaction, said: verdict.reply, detail: factsOf(analysis, verdict) });
  const subject = subjectOf(header);
  const messageId = messageIdOf(header);
  const id = context.nextId(atMs);
  addTraceFields(context, { peer, transaction, header, message, analysis, id, atMs });
  const mail: AcceptedMail = {
    id,
    origin: 'mx',
    sender: transaction.sender,
    account: null,
    customer: transaction.recipients[0]?.customer ?? null,
    recipients: transaction.recipients,
    message,
    deliveredTo: deliveredTo(header),
    junk: verdict?.kind === 'junk',
    vouched: analysis !== undefined && isVouched(analysis, transaction.sender),
    smtpUtf8: transaction.smtpUtf8,
    eightBit: content.isEightBit,
    ...(transaction.envid === undefined ? {} : { envid: transaction.envid }),
    ...(transaction.ret === undefined ? {} : { ret: transaction.ret }),
    receivedAtMs: atMs,
    subject,
    messageId,
    remote: peerName(peer),
    detail: { ...factsOf(analysis, verdict), ...tlsDetail(peer) },
  };
  const said = outcomeReply(context, mail, await context.handOver(mail));
  return said.code < 300 ? said : refuseContent(context, peer, { transaction, said, detail: mail.detail });
}

async function analyze(
  context: ReceiverContext,
  peer: Peer,
  { header, transaction }: { header: HeaderBlock; transaction: Transaction },
): Promise<Analysis | undefined> {
  if (!context.directory.setting<boolean>('mailIn.authentication')) return undefined;
  return context.analyzer.analyze({ clientAddress: peer.clientAddress, helo: peer.helo, sender: transaction.sender, header });
}

function policyOf(context: ReceiverContext): MailPolicy {
  return {
    ...DEFAULT_POLICY,
    honourDmarc: context.directory.setting<boolean>('mailIn.honourDmarc'),
    refuseMissingSenderDomain: context.directory.setting<boolean>('mailIn.requireSenderDomain'),
    suspicious: context.directory.setting<'folder' | 'deliver' | 'refuse'>('mailIn.junk'),
  };
}

interface TraceRequest {
  readonly peer: Peer;
  readonly transaction: Transaction;
  readonly header: HeaderBlock;
  readonly message: MessageBytes;
  readonly analysis: Analysis | undefined;
  readonly id: string;
  readonly atMs: number;
}

/** RFC 8601 §5: results that claim to be ours leave; our own stand on top of the other trace fields (§4.1). */
function addTraceFields(context: ReceiverContext, { peer, transaction, header, message, analysis, id, atMs }: TraceRequest): void {
  const hostname = context.hostname();
  message.remove(forgedResults(header, hostname));
  const recipient = transaction.recipients.length === 1 ? transaction.recipients[0]?.address : undefined;
  const received = receivedField({ peer, by: hostname, id, isUtf8: transaction.smtpUtf8, recipient, atMs });
  const results = analysis === undefined ? '' : authenticationResults(hostname, analysis, { sender: transaction.sender, helo: peer.helo });
  message.prepend(results + received);
}

interface ContentRefusal {
  readonly transaction: Transaction;
  readonly said: Reply;
  readonly detail: Readonly<Record<string, string>>;
}

function refuseContent(context: ReceiverContext, peer: Peer, { transaction, said, detail }: ContentRefusal): Reply {
  const recipients = transaction.recipients.map((recipient) => recipient.address);
  refusedEvents(context, {
    peer,
    sender: transaction.sender,
    recipients,
    reply: said,
    detail,
    customer: transaction.recipients[0]?.customer ?? null,
  });
  return said;
}

/** What tracking keeps about the checks, in words. */
function factsOf(analysis: Analysis | undefined, verdict: Verdict | undefined): Record<string, string> {
  if (analysis === undefined || verdict === undefined) return {};
  const facts: Record<string, string> = {
    spf: analysis.spf.result,
    dkim: analysis.dkim[0]?.result ?? 'none',
    dmarc: analysis.dmarc.result,
  };
  if (analysis.arc.result !== 'none') facts['arc'] = analysis.arc.result;
  if (verdict.reasons.length > 0) facts['why'] = verdict.reasons.map((reason) => reason.text).join('; ');
  return facts;
}
