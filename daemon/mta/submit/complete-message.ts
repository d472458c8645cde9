/**
 * Makes a submitted message whole: what a mail program may leave out is added, what must not leave is cut.
 *
 * 1. Nothing that the author wrote is changed: fields are added on top or removed whole.
 * Specifications: RFC 6409 §8 (Date, Message-ID, From), RFC 5322 §3.6.3 (Bcc), RFC 8601 §5 (results are ours to state).
 */
import { countFields, type HeaderBlock, scanHeader } from '../../authentication/header-fields.ts';
import { MessageBytes } from '../../authentication/message-bytes.ts';
import type { Address } from '../../wire/ids.ts';
import { formatDate } from '../../wire/mime/date.ts';

const CUT = new Set(['bcc', 'resent-bcc', 'return-path', 'delivered-to', 'authentication-results']);

export interface Completion {
  readonly id: string;
  readonly atMs: number;
  /** Written as From when there is none. */
  readonly author: Address;
  readonly hostname: string;
}

/** The message as it will be signed and sent, and the scan of its header. */
export function completeMessage(
  content: Buffer,
  header: HeaderBlock,
  completion: Completion,
): { message: MessageBytes; header: HeaderBlock } {
  const whole = MessageBytes.fromParts([content], content.length);
  whole.remove(header.fields.filter((field) => CUT.has(field.name)));
  const added = missingFields(header, completion);
  if (added === '' && whole.content === content) return { message: whole, header };
  const top = Buffer.from(added);
  const message = MessageBytes.fromParts([top, whole.content], top.length + whole.content.length);
  return { message, header: scanHeader(message.content) };
}

function missingFields(header: HeaderBlock, { id, atMs, author, hostname }: Completion): string {
  let fields = '';
  if (countFields(header, 'from') === 0) fields += `From: <${author}>\r\n`;
  if (countFields(header, 'date') === 0) fields += `Date: ${formatDate(atMs)}\r\n`;
  if (countFields(header, 'message-id') === 0) fields += `Message-ID: <${id}@${hostname}>\r\n`;
  // A message without any header begins with its body: the blank line between is ours then.
  const isBodyOnly = header.fields.length === 0 && header.bytes[0] !== 0x0d;
  return isBodyOnly ? `${fields}\r\n` : fields;
}
