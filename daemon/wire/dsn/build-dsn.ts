/**
 * Delivery status notifications as whole messages: multipart/report with words, facts and what was sent.
 *
 * 1. The envelope sender of what is built here is `<>`; the caller sees to that (RFC 3464 §2).
 * 2. It is marked as automatic, so that no auto-reply answers it (RFC 3834 §5).
 * 3. The whole message goes back only on request or when it is small, else its header, at most 64 KiB of it.
 * 4. The UTF-8 forms are used when the report goes to a sender beyond ASCII, whose way takes SMTPUTF8 anyway.
 * Specifications: RFC 3464, RFC 6522 §3, RFC 6533 §4 and §5, RFC 3461 §6.2, RFC 3834 §5.
 */
import { isAscii } from 'node:buffer';
import type { Address } from '../ids.ts';
import { formatDate } from '../mime/date.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import { fieldValue, readHeaderBlock } from '../mime/fields.ts';
import { type DsnAction, deliveryStatusText, isNonAscii, needsUtf8, type ReportFacts } from './delivery-report.ts';
import { humanText, reportSubject } from './human-text.ts';

export interface DsnRequest extends ReportFacts {
  /** Whom the report goes to: the envelope sender of the message. */
  readonly to: Address;
  /** What happened; of several kinds, the worst. */
  readonly action: DsnAction;
  readonly timeMs: number;
  /** Without brackets. */
  readonly messageId: string;
  /** The message as it was sent, or its header block. */
  readonly original: Buffer;
  /** RFC 3461 §4.3; undefined leaves it to the size. */
  readonly returns?: 'full' | 'headers' | undefined;
  /** Whole messages up to this size go back without being asked for. */
  readonly fullUpToBytes: number;
}

export interface BuiltDsn {
  readonly raw: Buffer;
  /** It holds UTF-8 in its header and may only be sent with SMTPUTF8. */
  readonly needsUtf8: boolean;
}

const HEADER_OCTETS_MAX = 64 * 1024;
const FULL_OCTETS_MAX = 10 * 1024 * 1024;

export function buildDsn(request: DsnRequest): BuiltDsn {
  const isGlobal = needsUtf8(request.to);
  const returned = returnedPart(request, isGlobal);
  const subject = fieldValue(readHeaderBlock(request.original, 0, request.original.length), 'subject');
  const words = humanText(request, request.action, subject === undefined ? undefined : decodeWords(subject));
  const status = deliveryStatusText(request, isGlobal);
  const boundary = freeBoundary(request.messageId, [Buffer.from(words + status), returned.body]);
  const is8bit = isNonAscii(words + status) || !isAscii(returned.body);
  const encoding = (isBodyAscii: boolean): string => `Content-Transfer-Encoding: ${isBodyAscii ? '7bit' : '8bit'}\r\n`;
  const head =
    `${reportHeader(request, boundary)}${encoding(!is8bit)}\r\n` +
    `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n${encoding(!isNonAscii(words))}Content-Description: Notification\r\n\r\n${words}\r\n` +
    `--${boundary}\r\nContent-Type: message/${isGlobal ? 'global-' : ''}delivery-status\r\n${encoding(!isNonAscii(status))}` +
    `Content-Description: Delivery report\r\n\r\n${status}\r\n` +
    `--${boundary}\r\nContent-Type: ${returned.type}\r\n${encoding(isAscii(returned.body))}Content-Description: ${returned.description}\r\n\r\n`;
  return { raw: Buffer.concat([Buffer.from(head), returned.body, Buffer.from(`\r\n--${boundary}--\r\n`)]), needsUtf8: isGlobal };
}

function reportHeader(request: DsnRequest, boundary: string): string {
  const inReplyTo = fieldValue(readHeaderBlock(request.original, 0, request.original.length), 'message-id');
  const isReference = inReplyTo !== undefined && /^<[!-;=?-~]{1,900}>$/.test(inReplyTo);
  return (
    `From: Mail Delivery System <MAILER-DAEMON@${request.reportingMta}>\r\n` +
    `To: <${request.to}>\r\n` +
    `Subject: ${reportSubject(request.action)}\r\n` +
    `Date: ${formatDate(request.timeMs)}\r\n` +
    `Message-ID: <${request.messageId}>\r\n` +
    (isReference ? `In-Reply-To: ${inReplyTo}\r\nReferences: ${inReplyTo}\r\n` : '') +
    // RFC 3834 §5.2: a report about a message counts as a reply to it.
    'Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n' +
    `Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="${boundary}"\r\n`
  );
}

interface Returned {
  readonly type: string;
  readonly description: string;
  readonly body: Buffer;
}

/** RFC 6522 §3 and §4: the message, or only its header. */
function returnedPart(request: DsnRequest, isGlobal: boolean): Returned {
  const { original, returns, fullUpToBytes } = request;
  const headerEnd = readHeaderBlock(original, 0, original.length).end;
  const hasUtf8Header = !isAscii(original.subarray(0, headerEnd));
  // RFC 3461 §6.2: a notification of success returns no content.
  const mayBeFull = request.action === 'failed' && returns !== 'headers' && original.length <= FULL_OCTETS_MAX;
  if (mayBeFull && (returns === 'full' || original.length <= fullUpToBytes)) {
    return { type: isGlobal && hasUtf8Header ? 'message/global' : 'message/rfc822', description: 'Your message', body: original };
  }
  const type = isGlobal && hasUtf8Header ? 'message/global-headers' : 'text/rfc822-headers';
  return { type, description: 'Header of your message', body: cutHeader(original.subarray(0, headerEnd)) };
}

/** At most 64 KiB, cut between lines. */
function cutHeader(header: Buffer): Buffer {
  if (header.length <= HEADER_OCTETS_MAX) return header;
  const lineEnd = header.lastIndexOf(0x0a, HEADER_OCTETS_MAX - 1);
  return header.subarray(0, lineEnd < 0 ? HEADER_OCTETS_MAX : lineEnd + 1);
}

/** A boundary that occurs in none of the bodies. */
function freeBoundary(messageId: string, bodies: readonly Buffer[]): string {
  const seed = messageId.replace(/[^A-Za-z0-9]/g, '').slice(0, 40);
  for (let count = 0; ; count++) {
    const boundary = `=_report_${seed}_${count}`;
    if (!bodies.some((body) => body.includes(`--${boundary}`))) return boundary;
  }
}
