/**
 * What the indexer finds: a tree of parts with octet positions in the raw message.
 *
 * 1. Ranges nest: a child lies within its parent's body; header block [header.start, bodyStart),
 *    body [bodyStart, bodyEnd). The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
 * 2. A multipart has at least one child; a message part has exactly one, the embedded message.
 * 3. Texts are latin1, so that they can go back on the wire as the bytes they were.
 */
import type { HeaderBlock } from './fields.ts';

export type PartKind = 'leaf' | 'multipart' | 'message';

export interface Disposition {
  readonly type: string;
  readonly parameters: readonly string[];
}

export interface Part {
  readonly kind: PartKind;
  readonly header: HeaderBlock;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Lower case. */
  readonly type: string;
  readonly subtype: string;
  /** Flat: name, value, name, value. */
  readonly parameters: readonly string[];
  /** As written; `7bit` when the field is missing. */
  readonly encoding: string;
  readonly id: string | undefined;
  readonly description: string | undefined;
  readonly md5: string | undefined;
  readonly disposition: Disposition | undefined;
  readonly languages: readonly string[];
  readonly location: string | undefined;
  /** Lines of the body, for text and embedded messages only, else 0. */
  readonly lines: number;
  readonly children: readonly Part[];
}

export interface MessageIndex {
  readonly root: Part;
  readonly sizeBytes: number;
}
