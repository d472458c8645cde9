/**
 * How a FETCH reads: which columns of which rows, in two statements.
 *
 * 1. `measure` gives a row of numbers per message: what was asked for of the small row, and how long its bytes columns are.
 * 2. `gather` gives the bytes of a range of messages already joined, one blob a column: a blob per message costs
 *    five times as much on the way into JavaScript. group_concat joins the octets as they are, NULs included;
 *    CROSS JOIN pins the order of the range.
 */
import { chunkKey } from './account-schema.ts';
import { Field } from './mailstore.ts';

export type BytesName = 'envelope' | 'bodyStructure' | 'body' | 'header' | 'parts' | 'preview' | 'raw';
export type NumberName = 'flags' | 'low' | 'high' | 'modseq' | 'size' | 'receivedMs' | 'content' | 'headerLength';

export interface FetchPlan {
  /** To be completed by a WHERE on m.key; rows are arrays of numbers, the first is the key. */
  readonly measure: string;
  /** The same for one range: count, then one blob per entry of `bytes`. Empty when no bytes were asked for. */
  readonly gather: string;
  readonly bytes: readonly BytesName[];
  /** Where the length of bytes[i] stands in a measured row. */
  readonly lengthAt: readonly number[];
  /** Where a number stands in a measured row; undefined when it was not asked for. */
  readonly at: Readonly<Partial<Record<NumberName, number>>>;
}

const numberColumns: readonly (readonly [NumberName, number, string])[] = [
  ['flags', Field.flags, 'm.flags'],
  ['low', Field.flags, 'm.keywords_low'],
  ['high', Field.flags, 'm.keywords_high'],
  ['modseq', Field.modseq, 'm.modseq'],
  ['size', Field.size | Field.raw, 'm.size'],
  ['receivedMs', Field.internalDate, 'm.received_ms'],
  ['content', Field.raw, 'm.content'],
  ['headerLength', Field.raw, 'length(c.header)'],
];

const bytesColumns: readonly (readonly [BytesName, number, string, string])[] = [
  ['envelope', Field.envelope, 'c.envelope', 'length(c.envelope)'],
  ['bodyStructure', Field.bodyStructure, 'c.body_structure', 'length(c.body_structure)'],
  ['body', Field.body, 'c.body', 'length(c.body)'],
  ['parts', Field.parts, 'c.parts', 'length(c.parts)'],
  ['preview', Field.preview, 'c.preview', 'ifnull(length(c.preview), 0)'],
  ['header', Field.header, 'c.header', 'length(c.header)'],
  ['raw', Field.raw, "c.header || ifnull(k.bytes, '')", 'm.size'],
];

/** The plan for a combination of `Field` bits. */
export function fetchPlan(fields: number): FetchPlan {
  const numbers = numberColumns.filter(([, bits]) => (fields & bits) !== 0);
  const bytes = bytesColumns.filter(([, bits]) => (fields & bits) !== 0);
  const at: Partial<Record<NumberName, number>> = {};
  for (const [i, [name]] of numbers.entries()) at[name] = 1 + i;
  const measured = ['m.key', ...numbers.map(([, , sql]) => sql), ...bytes.map(([, , , sql]) => sql)].join(', ');
  const content = bytes.length === 0 ? '' : ' CROSS JOIN content c ON c.id=m.content';
  const chunk = (fields & Field.raw) === 0 ? '' : ` LEFT JOIN chunk k ON k.key=${chunkKey(1, 0)}*m.content`;
  const gathered = bytes.map(([, , sql]) => `CAST(group_concat(${sql}, '') AS BLOB)`).join(', ');
  return {
    measure: `SELECT ${measured} FROM message m${content}`,
    gather: bytes.length === 0 ? '' : `SELECT count(*), ${gathered} FROM message m${content}${chunk} WHERE m.key BETWEEN ? AND ?`,
    bytes: bytes.map(([name]) => name),
    lengthAt: bytes.map((_, i) => 1 + numbers.length + i),
    at,
  };
}
