/**
 * ENVELOPE in its final wire form, computed once when a message is stored.
 *
 * 1. Texts go out as they stand in the message, unfolded; encoded words are the client's business.
 * 2. To, Cc and Bcc that occur several times are one list; of all other fields the first counts.
 * Specifications: RFC 9051 §7.5.2 (ENVELOPE), RFC 5322 §3.6.
 */
import { parseAddressList } from '../address/header-list.ts';
import { fieldValue, fieldValues, type HeaderBlock } from './fields.ts';
import { imapNString } from './imap-text.ts';
import type { MessageIndex } from './part.ts';

/** The envelope of the message, with its parentheses. */
export function envelopeOf(index: MessageIndex): Buffer {
  return Buffer.from(envelopeText(index.root.header), 'latin1');
}

/** The envelope of a message with this header block, as latin1. */
export function envelopeText(header: HeaderBlock): string {
  const from = addresses(header, 'from');
  // RFC 9051 §7.5.2: "If the Sender or Reply-To header fields are absent or empty, the server sets the
  // corresponding member of the envelope to be the same value as the from member".
  const sender = addresses(header, 'sender');
  const replyTo = addresses(header, 'reply-to');
  const text = (name: string): string => imapNString(fieldValue(header, name));
  return (
    `(${text('date')} ${text('subject')} ${from} ${sender === 'NIL' ? from : sender} ${replyTo === 'NIL' ? from : replyTo} ` +
    `${addresses(header, 'to')} ${addresses(header, 'cc')} ${addresses(header, 'bcc')} ${text('in-reply-to')} ${text('message-id')})`
  );
}

const REPEATED = new Set(['to', 'cc', 'bcc']);

function addresses(header: HeaderBlock, name: string): string {
  const value = REPEATED.has(name) ? fieldValues(header, name).join(',') : fieldValue(header, name);
  if (value === undefined || value === '') return 'NIL';
  let text = '';
  for (const { name: shown, route, mailbox, host } of parseAddressList(value)) {
    text += `(${imapNString(shown)} ${imapNString(route)} ${imapNString(mailbox)} ${imapNString(host)})`;
  }
  return text === '' ? 'NIL' : `(${text})`;
}
