/**
 * Everything that is computed once when a message is stored, in one call.
 *
 * Specifications: RFC 9051 §7.5.2 and §6.4.4, RFC 5322 §3.6.1.
 */
import { bodyOf, bodyStructureOf } from './body-structure.ts';
import { clockMsOf, parseDate } from './date.ts';
import { envelopeOf } from './envelope.ts';
import { fieldValue } from './fields.ts';
import { indexMessage } from './index-message.ts';
import { packParts } from './part-table.ts';

export interface StoredForm {
  /** Octets of the header block with its blank line. */
  readonly headerBytes: number;
  readonly envelope: Buffer;
  readonly bodyStructure: Buffer;
  readonly body: Buffer;
  /** For `unpackParts`. */
  readonly parts: Uint8Array;
  /** The Date field's own clock as if it were UTC (RFC 9051 §6.4.4), null when it is unreadable. */
  readonly sentMs: number | null;
}

/** Indexes a message and serialises what IMAP asks for all the time; never throws. */
export function storedFormOf(raw: Uint8Array): StoredForm {
  const octets = Buffer.isBuffer(raw) ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const index = indexMessage(octets);
  const sent = parseDate(fieldValue(index.root.header, 'date') ?? '');
  return {
    headerBytes: index.root.header.end,
    envelope: envelopeOf(index),
    bodyStructure: bodyStructureOf(index),
    body: bodyOf(index),
    parts: packParts(index),
    sentMs: sent === undefined ? null : clockMsOf(sent),
  };
}
