/**
 * The delivery report's machine part: message/delivery-status and its UTF-8 form.
 *
 * 1. Every value is one line of printable characters, long ones are folded; nothing a peer said can make a new field.
 * 2. Recipients beyond ASCII appear as `utf-8;` addresses: as they are in the global form, else as
 *    `\x{...}` (RFC 6533 §3).
 * Specifications: RFC 3464 §2, RFC 6533 §3 and §4.
 */
import { domainOf } from '../address/mailbox.ts';
import type { Address } from '../ids.ts';
import { formatDate } from '../mime/date.ts';
import { encodeUtf8Address } from '../smtp/parameters.ts';
import { printable } from '../smtp/reply.ts';

export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export interface DsnRecipient {
  readonly address: Address;
  /** `rfc822;address`, from ORCPT. */
  readonly originalRecipient?: string | undefined;
  readonly action: DsnAction;
  /** `5.1.1`. */
  readonly status: string;
  /** The host that said so. */
  readonly remoteMta?: string | undefined;
  /** That host's reply with its code, or what we found. */
  readonly diagnostic?: string | undefined;
  /** False when the diagnostic is ours and no SMTP reply. */
  readonly isSmtpReply?: boolean;
  readonly lastAttemptMs?: number | undefined;
  /** For delays. */
  readonly willRetryUntilMs?: number | undefined;
}

export interface ReportFacts {
  readonly reportingMta: string;
  readonly envelopeId?: string | undefined;
  readonly arrivalMs: number;
  readonly recipients: readonly DsnRecipient[];
}

const VALUE_CHARS_MAX = 1_000;
const LINE_CHARS = 76;

/** The part's body with CRLF line ends. */
export function deliveryStatusText(facts: ReportFacts, isGlobal: boolean): string {
  const groups = [
    fieldLine('Reporting-MTA', `dns; ${facts.reportingMta}`) +
      fieldLine('Original-Envelope-Id', facts.envelopeId) +
      fieldLine('Arrival-Date', formatDate(facts.arrivalMs)),
    ...facts.recipients.map((recipient) => recipientGroup(recipient, isGlobal)),
  ];
  return groups.join('\r\n');
}

function recipientGroup(recipient: DsnRecipient, isGlobal: boolean): string {
  const { originalRecipient: original, remoteMta, diagnostic, lastAttemptMs, willRetryUntilMs } = recipient;
  const semicolon = original?.indexOf(';') ?? -1;
  const typed = original === undefined ? undefined : addressOf(original.slice(0, semicolon), original.slice(semicolon + 1), isGlobal);
  const kind = recipient.isSmtpReply === false ? 'x-mailstead' : 'smtp';
  return (
    fieldLine('Original-Recipient', typed) +
    fieldLine('Final-Recipient', addressOf('rfc822', recipient.address, isGlobal)) +
    fieldLine('Action', recipient.action) +
    fieldLine('Status', recipient.status) +
    fieldLine('Remote-MTA', remoteMta === undefined ? undefined : `dns; ${remoteMta}`) +
    fieldLine('Diagnostic-Code', diagnostic === undefined ? undefined : `${kind}; ${plain(diagnostic, isGlobal)}`) +
    fieldLine('Last-Attempt-Date', lastAttemptMs === undefined ? undefined : formatDate(lastAttemptMs)) +
    // RFC 3464 §2.3.8 allows Will-Retry-Until with delays only.
    fieldLine(
      'Will-Retry-Until',
      willRetryUntilMs === undefined || recipient.action !== 'delayed' ? undefined : formatDate(willRetryUntilMs),
    )
  );
}

function addressOf(type: string, address: string, isGlobal: boolean): string {
  if (!isNonAscii(address)) return `${type}; ${address}`;
  return `utf-8; ${isGlobal ? address : encodeUtf8Address(address)}`;
}

/** Whether an address needs SMTPUTF8 on its way. */
export function needsUtf8(address: Address | string): boolean {
  return isNonAscii(address) && domainOf(address as Address) !== undefined;
}

export function isNonAscii(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

function plain(text: string, isGlobal: boolean): string {
  return isGlobal ? text : text.replace(/[^\0-\x7f]/g, '?');
}

/** One field, folded at spaces; '' for undefined. */
function fieldLine(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  let text = `${name}:`;
  let column = text.length;
  for (const word of printable(value.slice(0, VALUE_CHARS_MAX)).split(/ +/)) {
    if (word === '') continue;
    const needsFold = column + 1 + word.length > LINE_CHARS && column > name.length + 1;
    text += needsFold ? `\r\n ${word}` : ` ${word}`;
    column = needsFold ? 1 + word.length : column + 1 + word.length;
  }
  return `${text}\r\n`;
}
