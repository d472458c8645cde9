/**
 * A FETCH compiled: which columns the mailstore must send, and how one row of them is written.
 *
 * 1. Compiled once a command; a row costs no object beyond the slices of its sections. A message over 256 KiB passes through in slices.
 * 2. Octets go out as they were stored: ENVELOPE and BODYSTRUCTURE are final text, sections are ranges of the message.
 * 3. A section of a part that is not there is NIL.
 * Specifications: RFC 9051 §6.4.5, §7.5.2; RFC 3501 §6.4.5 (RFC822.*); RFC 7162 §3.1.4 (MODSEQ).
 */
import { type BytesColumn, type FetchPage, Field } from '../../mailstore/mailstore.ts';
import type { BodySection, FetchCommand, FetchItem, Partial } from '../../wire/imap/command.ts';
import { formatDateTime } from '../../wire/imap/date-time.ts';
import type { ResponseWriter } from '../../wire/imap/response-writer.ts';
import { type PartTable, sliceSection, unpackParts } from '../../wire/mime/part-table.ts';
import { type FieldFilter, fieldFilter } from './header-fields.ts';
import type { SessionView } from './session-view.ts';

/** A page with its byte columns as Buffers, and the parts of the row that is being written. */
interface PageRow {
  readonly page: FetchPage;
  readonly bytes: ReadonlyMap<ByteColumnName, Buffer>;
  row: number;
  parts: PartTable | null;
}

type ByteColumnName = 'envelope' | 'bodyStructure' | 'body' | 'header' | 'raw' | 'parts';
type ItemWriter = (writer: ResponseWriter, at: PageRow) => void;

const BYTE_COLUMNS: readonly ByteColumnName[] = ['envelope', 'bodyStructure', 'body', 'header', 'raw', 'parts'];

export class FetchPlan {
  /** Columns to ask for. */
  readonly fields: number;
  /** The whole message may come in slices: it is written last, and nothing else needs its octets. */
  readonly slices: boolean;
  /** Reading these items sets \Seen. */
  readonly setsSeen: boolean;
  readonly #view: SessionView;
  readonly #writers: readonly ItemWriter[];
  /** Told beside the items when reading has set \Seen; null when FLAGS was asked for anyway. */
  readonly #changedFlags: ItemWriter | null;
  readonly #body: { readonly label: string; readonly partial: Partial | null; readonly write: ItemWriter } | null;
  #sliceSize = 0;
  #isInsideSlices = false;

  /** Compiles the items of a FETCH for one session's view. */
  constructor(command: FetchCommand, view: SessionView, withModSeq: boolean) {
    const items = allItems(command, withModSeq);
    const sections = items.map(sectionOf).filter((section) => section !== null);
    const others = sections.filter(({ section }) => !isRootHeader(section));
    const body = others.length === 1 && isWhole((others[0] as SectionItem).section) ? items.find((item) => isBody(item)) : undefined;
    const needsRaw = body === undefined && others.length > 0;
    this.setsSeen = items.some(marksSeen);
    this.slices = body !== undefined;
    let fields = this.setsSeen ? Field.flags : 0;
    const compile = (item: FetchItem): ItemWriter => {
      const [field, write] = itemWriter(item, view, needsRaw);
      fields |= field;
      const label = `${labelOf(item)} `;
      return (writer, at) => write(writer.ascii(label), at);
    };
    this.#view = view;
    this.#writers = items.filter((item) => item !== body).map(compile);
    this.#changedFlags = items.some(({ type }) => type === 'FLAGS') ? null : compile({ type: 'FLAGS' });
    this.#body = body === undefined ? null : { label: labelOf(body), partial: sectionOf(body)?.partial ?? null, write: compile(body) };
    if (!this.setsSeen && this.#changedFlags !== null) fields &= ~Field.flags;
    this.fields = this.slices ? fields | Field.size : fields;
  }

  /** Is a message begun whose last slice has not come? Then nothing else may be written. */
  get isInsideSlices(): boolean {
    return this.#isInsideSlices;
  }

  /** Writes the rows of a page; `tellFlags` says that \Seen was set for some of them. */
  writePage(writer: ResponseWriter, page: FetchPage, tellFlags: boolean): void {
    const bytes = new Map<ByteColumnName, Buffer>();
    for (const name of BYTE_COLUMNS) {
      const column = page[name];
      if (column !== undefined) bytes.set(name, Buffer.from(column.data.buffer, column.data.byteOffset, column.data.byteLength));
    }
    const at: PageRow = { page, bytes, row: 0, parts: null };
    if (page.rawOffset !== undefined) return this.#writeSlice(writer, at, page.rawOffset, tellFlags);
    for (; at.row < page.uids.length; at.row++) {
      at.parts = null;
      if (!this.#begin(writer, at, tellFlags)) continue;
      this.#body?.write(writer, at);
      writer.ascii(')\r\n');
    }
  }

  /** Everything before the body; false when the client does not know the message. */
  #begin(writer: ResponseWriter, at: PageRow, tellFlags: boolean): boolean {
    const sequence = this.#view.sequenceOf(at.page.uids[at.row] as number);
    if (sequence === 0) return false;
    writer.ascii('* ').number(sequence).ascii(' FETCH (');
    let isFirst = true;
    for (const write of this.#writers) {
      if (!isFirst) writer.ascii(' ');
      isFirst = false;
      write(writer, at);
    }
    if (tellFlags && this.#changedFlags !== null) {
      this.#changedFlags(isFirst ? writer : writer.ascii(' '), at);
      isFirst = false;
    }
    if (!isFirst && this.#body !== null) writer.ascii(' ');
    return true;
  }

  /** One slice of one message: the first brings the other items and the size, the last ends the response. */
  #writeSlice(writer: ResponseWriter, at: PageRow, offset: number, tellFlags: boolean): void {
    const { label, partial } = this.#body as { label: string; partial: Partial | null };
    const raw = at.bytes.get('raw') as Buffer;
    if (offset === 0) {
      this.#isInsideSlices = this.#begin(writer, at, tellFlags);
      this.#sliceSize = at.page.sizes?.[0] ?? 0;
    }
    if (!this.#isInsideSlices) return;
    const size = this.#sliceSize;
    const start = Math.min(partial?.offset ?? 0, size);
    const end = partial === null ? size : Math.min(partial.offset + partial.count, size);
    if (offset === 0)
      writer
        .ascii(label)
        .ascii(' {')
        .number(end - start)
        .ascii('}\r\n');
    const from = Math.max(0, start - offset);
    const to = Math.min(raw.length, end - offset);
    if (to > from) writer.slice(raw, from, to);
    if (offset + raw.length < size) return;
    writer.ascii(')\r\n');
    this.#isInsideSlices = false;
  }
}

/** The items to answer: UID first in UID commands, FLAGS when they may change by reading, MODSEQ where the session asked for it. */
function allItems({ items, uid, changedSince }: FetchCommand, withModSeq: boolean): FetchItem[] {
  const all = [...items];
  // RFC 9051 §6.4.9: UID FETCH always answers with UID.
  if (uid && !all.some((item) => item.type === 'UID')) all.unshift({ type: 'UID' });
  const hasModSeq = all.some((item) => item.type === 'MODSEQ');
  if (!hasModSeq && (changedSince !== null || (withModSeq && all.some((item) => item.type === 'FLAGS' || marksSeen(item)))))
    all.push({ type: 'MODSEQ' });
  return all;
}

/** RFC 9051 §6.4.5: BODY[...], RFC822 and RFC822.TEXT mark as read; BODY.PEEK and RFC822.HEADER do not. */
function marksSeen(item: FetchItem): boolean {
  return item.type === 'RFC822' || item.type === 'RFC822.TEXT' || (item.type === 'SECTION' && !item.peek);
}

interface SectionItem {
  readonly section: BodySection;
  readonly partial: Partial | null;
}

function sectionOf(item: FetchItem): SectionItem | null {
  switch (item.type) {
    case 'SECTION':
      return item;
    case 'RFC822':
      return { section: { part: [], text: '', fields: [] }, partial: null };
    case 'RFC822.HEADER':
      return { section: { part: [], text: 'HEADER', fields: [] }, partial: null };
    case 'RFC822.TEXT':
      return { section: { part: [], text: 'TEXT', fields: [] }, partial: null };
    default:
      return null;
  }
}

function isWhole({ part, text }: BodySection): boolean {
  return part.length === 0 && text === '';
}

function isBody(item: FetchItem): boolean {
  const found = sectionOf(item);
  return found !== null && isWhole(found.section);
}

function isRootHeader({ part, text }: BodySection): boolean {
  return part.length === 0 && text.startsWith('HEADER');
}

/** The name that the response gives an item (RFC 9051 §7.5.2): the section as asked, the partial with its offset only. */
function labelOf(item: FetchItem): string {
  if (item.type !== 'SECTION') return item.type;
  const { part, text, fields } = item.section;
  const names = fields.length > 0 ? ` (${fields.map(fieldName).join(' ')})` : '';
  const path = part.join('.');
  const section = `BODY[${path}${path !== '' && text !== '' ? '.' : ''}${text}${names}]`;
  return item.partial === null ? section : `${section}<${item.partial.offset}>`;
}

/** A field name as the client may read it back: quoted when it is no atom. */
function fieldName(name: string): string {
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index);
    const isPlain = unit > 32 && unit < 127 && !'(){%*"\\]'.includes(name.charAt(index));
    if (!isPlain)
      return `"${Buffer.from(name, 'utf8').toString('latin1').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\r', '').replaceAll('\n', '')}"`;
  }
  return name === '' ? '""' : name;
}

function itemWriter(item: FetchItem, view: SessionView, needsRaw: boolean): [field: number, write: ItemWriter] {
  switch (item.type) {
    case 'UID':
      return [0, (writer, { page, row }) => writer.number(page.uids[row] as number)];
    case 'FLAGS':
      return [
        Field.flags,
        (writer, { page, row }) =>
          writer.ascii(view.flagText.of(page.flags?.[row] ?? 0, page.keywords?.[row] ?? 0n, view.isRecent(page.uids[row] as number))),
      ];
    case 'INTERNALDATE':
      return [
        Field.internalDate,
        (writer, { page, row }) =>
          writer
            .ascii('"')
            .ascii(formatDateTime(Math.floor((page.internalDatesMs?.[row] ?? 0) / 1000)))
            .ascii('"'),
      ];
    case 'RFC822.SIZE':
      return [Field.size, (writer, { page, row }) => writer.number(page.sizes?.[row] ?? 0)];
    case 'MODSEQ':
      return [
        Field.modseq,
        (writer, { page, row }) =>
          writer
            .ascii('(')
            .number(page.modseqs?.[row] ?? 1)
            .ascii(')'),
      ];
    case 'ENVELOPE':
      return [Field.envelope, finalText('envelope')];
    case 'BODYSTRUCTURE':
      return [Field.bodyStructure, finalText('bodyStructure')];
    case 'BODY':
      return [Field.body, finalText('body')];
    case 'SECTION':
    case 'RFC822':
    case 'RFC822.HEADER':
    case 'RFC822.TEXT':
      return sectionWriter(sectionOf(item) as SectionItem, needsRaw);
    case 'PREVIEW':
    case 'BINARY':
    case 'BINARY.SIZE':
      throw new Error(`${item.type} was let through`);
  }
}

function finalText(name: ByteColumnName): ItemWriter {
  return (writer, { page, bytes, row }) => {
    const { offsets } = page[name] as BytesColumn;
    writer.slice(bytes.get(name) as Buffer, offsets[row] as number, offsets[row + 1] as number);
  };
}

function cell(name: ByteColumnName, { page, bytes, row }: PageRow): Buffer {
  const { offsets } = page[name] as BytesColumn;
  return (bytes.get(name) as Buffer).subarray(offsets[row] as number, offsets[row + 1] as number);
}

function sectionWriter({ section, partial }: SectionItem, needsRaw: boolean): [field: number, write: ItemWriter] {
  const filter = filterOf(section);
  const isHeader = isRootHeader(section);
  const whole = isWhole(section);
  const field = isHeader && !needsRaw ? Field.header : whole ? Field.raw : Field.raw | Field.parts;
  return [
    field,
    (writer, at) => {
      const found = field === Field.header ? cell('header', at) : whole ? cell('raw', at) : slice(at, section);
      if (found === undefined) {
        writer.ascii('NIL');
        return;
      }
      const octets = filter === null ? found : filter(found);
      // RFC 9051 §6.4.5: what lies behind the end is the empty string.
      writer.literal(
        partial === null
          ? octets
          : octets.subarray(Math.min(partial.offset, octets.length), Math.min(partial.offset + partial.count, octets.length)),
      );
    },
  ];
}

function slice(at: PageRow, section: BodySection): Buffer | undefined {
  at.parts ??= unpackParts(cell('parts', at));
  return sliceSection(cell('raw', at), at.parts, section);
}

function filterOf({ text, fields }: BodySection): FieldFilter | null {
  return text === 'HEADER.FIELDS' || text === 'HEADER.FIELDS.NOT' ? fieldFilter(fields, text === 'HEADER.FIELDS') : null;
}
