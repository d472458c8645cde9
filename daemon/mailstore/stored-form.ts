/**
 * What is computed once when a message is stored and never again: the answers that IMAP asks for all the time.
 *
 * 1. It never throws and never refuses: any bytes are a message.
 * 2. `parts` is the packed part tree of wire/mime, whose offsets count from the first octet of the message.
 */
import { bodyOf, bodyStructureOf } from '../wire/mime/body-structure.ts';
import { clockMsOf, parseDate } from '../wire/mime/date.ts';
import { envelopeOf } from '../wire/mime/envelope.ts';
import { fieldValue } from '../wire/mime/fields.ts';
import { indexMessage } from '../wire/mime/index-message.ts';
import { packParts } from '../wire/mime/part-table.ts';

export interface StoredForm {
  /** Octets of the header block with its blank line. */
  readonly headerBytes: number;
  readonly envelope: Uint8Array;
  readonly bodyStructure: Uint8Array;
  /** BODY: as bodyStructure without extension data. */
  readonly body: Uint8Array;
  readonly parts: Uint8Array;
  /** The Date field's own clock as if it were UTC (sent-date.ts), null when unreadable. */
  readonly sentMs: number | null;
}

export function storedForm(raw: Uint8Array): StoredForm {
  const index = indexMessage(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  return {
    headerBytes: index.root.bodyStart,
    envelope: envelopeOf(index),
    bodyStructure: bodyStructureOf(index),
    body: bodyOf(index),
    parts: packParts(index),
    sentMs: sentClockMs(fieldValue(index.root.header, 'date')),
  };
}

/** RFC 9051 §6.4.4: SENTBEFORE, SENTON and SENTSINCE disregard the zone. */
function sentClockMs(field: string | undefined): number | null {
  const date = field === undefined ? undefined : parseDate(field);
  return date === undefined ? null : clockMsOf(date);
}
