/**
 * BODYSTRUCTURE and BODY in their final wire form, computed once when a message is stored.
 *
 * Specifications: RFC 9051 §7.5.2 (BODY, BODYSTRUCTURE) and §9 (body, body-ext-1part, body-ext-mpart).
 */
import { envelopeText } from './envelope.ts';
import { imapNString, imapString } from './imap-text.ts';
import type { MessageIndex, Part } from './part.ts';

/** BODYSTRUCTURE: with extension data. */
export function bodyStructureOf(index: MessageIndex): Buffer {
  return Buffer.from(describe(index.root, true), 'latin1');
}

/** BODY: without extension data. */
export function bodyOf(index: MessageIndex): Buffer {
  return Buffer.from(describe(index.root, false), 'latin1');
}

function describe(part: Part, isExtended: boolean): string {
  if (part.kind === 'multipart') {
    let text = '(';
    for (const child of part.children) text += describe(child, isExtended);
    text += ` ${imapString(part.subtype)}`;
    return isExtended ? `${text} ${parameters(part.parameters)} ${shared(part)})` : `${text})`;
  }
  let text =
    `(${imapString(part.type)} ${imapString(part.subtype)} ${parameters(part.parameters)} ${imapNString(part.id)} ` +
    `${imapNString(part.description)} ${imapString(part.encoding)} ${part.bodyEnd - part.bodyStart}`;
  if (part.kind === 'message') {
    const embedded = part.children[0] as Part;
    text += ` ${envelopeText(embedded.header)} ${describe(embedded, isExtended)} ${part.lines}`;
  } else if (part.type === 'text') text += ` ${part.lines}`;
  return isExtended ? `${text} ${imapNString(part.md5)} ${shared(part)})` : `${text})`;
}

/** Disposition, language and location: the extension data that every kind of part ends with. */
function shared(part: Part): string {
  const { disposition, languages } = part;
  const shown = disposition === undefined ? 'NIL' : `(${imapString(disposition.type)} ${parameters(disposition.parameters)})`;
  // RFC 9051 §9 body-fld-lang: one string, or a list of them.
  const language = languages.length < 2 ? imapNString(languages[0]) : `(${languages.map(imapString).join(' ')})`;
  return `${shown} ${language} ${imapNString(part.location)}`;
}

function parameters(list: readonly string[]): string {
  if (list.length === 0) return 'NIL';
  let text = '(';
  for (let at = 0; at < list.length; at++) text += `${at === 0 ? '' : ' '}${imapString(list[at] as string)}`;
  return `${text})`;
}
