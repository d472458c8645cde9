/**
 * The grammar of FETCH and STORE: items, sections, partials, modifiers.
 * Specifications: RFC 9051 §6.4.5, §6.4.6, §9 (fetch, section, store); RFC 3501 (RFC822.*); RFC 7162 §3.1 (modifiers).
 */
import type { BodySection, FetchCommand, FetchItem, Partial, SectionText, StoreCommand } from './command.ts';
import type { Decoder } from './decoder.ts';
import { DOT, GREATER, LEFT_BRACKET, LEFT_PAREN, LESS, MINUS, PLUS, RIGHT_BRACKET, SPACE } from './octets.ts';
import { SyntaxFailure } from './syntax-failure.ts';

const MAX_PART_DEPTH = 128;

const MACROS: ReadonlyMap<string, readonly FetchItem[]> = new Map<string, readonly FetchItem[]>([
  ['FAST', [{ type: 'FLAGS' }, { type: 'INTERNALDATE' }, { type: 'RFC822.SIZE' }]],
  ['ALL', [{ type: 'FLAGS' }, { type: 'INTERNALDATE' }, { type: 'RFC822.SIZE' }, { type: 'ENVELOPE' }]],
  ['FULL', [{ type: 'FLAGS' }, { type: 'INTERNALDATE' }, { type: 'RFC822.SIZE' }, { type: 'ENVELOPE' }, { type: 'BODY' }]],
]);

/** `set SP (item / macro / (item ...)) [SP (modifiers)]`, from after the command name and its space. */
export function parseFetch(decoder: Decoder, uid: boolean): FetchCommand {
  const set = decoder.sequenceSet();
  decoder.SP();
  const items: FetchItem[] = [];
  if (decoder.peek() === LEFT_PAREN) decoder.list(false, () => items.push(fetchAtt(decoder)));
  else {
    const name = decoder.itemName();
    const macro = MACROS.get(name);
    if (macro === undefined) items.push(namedItem(decoder, name));
    else items.push(...macro);
  }
  let changedSince: number | null = null;
  let vanished = false;
  if (decoder.accept(SPACE)) {
    decoder.list(false, () => {
      const modifier = decoder.keyword();
      if (modifier === 'VANISHED') vanished = true;
      else if (modifier === 'CHANGEDSINCE') {
        decoder.SP();
        changedSince = decoder.number64();
      } else throw new SyntaxFailure('There is no such FETCH modifier');
    });
  }
  return { name: 'FETCH', uid, set, items, changedSince, vanished };
}

/** fetch-att: one item. */
export function fetchAtt(decoder: Decoder): FetchItem {
  return namedItem(decoder, decoder.itemName());
}

function namedItem(decoder: Decoder, name: string): FetchItem {
  switch (name) {
    case 'UID':
    case 'FLAGS':
    case 'INTERNALDATE':
    case 'RFC822.SIZE':
    case 'ENVELOPE':
    case 'BODYSTRUCTURE':
    case 'MODSEQ':
    case 'RFC822':
    case 'RFC822.HEADER':
    case 'RFC822.TEXT':
    case 'PREVIEW':
      return { type: name };
    case 'BODY':
      return decoder.peek() === LEFT_BRACKET ? bodySection(decoder, false) : { type: 'BODY' };
    case 'BODY.PEEK':
      return bodySection(decoder, true);
    case 'BINARY':
    case 'BINARY.PEEK':
      return { type: 'BINARY', part: bracketedPart(decoder), peek: name === 'BINARY.PEEK', partial: partial(decoder) };
    case 'BINARY.SIZE':
      return { type: 'BINARY.SIZE', part: bracketedPart(decoder) };
    default:
      throw new SyntaxFailure('There is no such FETCH item');
  }
}

function bodySection(decoder: Decoder, peek: boolean): FetchItem {
  const section = sectionSpec(decoder);
  return { type: 'SECTION', section, peek, partial: partial(decoder) };
}

function bracketedPart(decoder: Decoder): number[] {
  decoder.expect(LEFT_BRACKET);
  const part: number[] = [];
  if (decoder.peek() !== RIGHT_BRACKET) {
    do addPart(decoder, part);
    while (decoder.accept(DOT));
  }
  decoder.expect(RIGHT_BRACKET);
  return part;
}

function addPart(decoder: Decoder, part: number[]): void {
  if (part.length >= MAX_PART_DEPTH) throw new SyntaxFailure('The part number is too long');
  part.push(decoder.nzNumber());
}

/** RFC 9051 §9 (section): `[`, part numbers, then a text specifier, `]`. */
function sectionSpec(decoder: Decoder): BodySection {
  decoder.expect(LEFT_BRACKET);
  const part: number[] = [];
  let text: SectionText = '';
  const fields: string[] = [];
  for (let isFirst = true; decoder.peek() !== RIGHT_BRACKET; isFirst = false) {
    if (!isFirst) decoder.expect(DOT);
    const octet = decoder.peek();
    if (octet >= 48 && octet <= 57) {
      addPart(decoder, part);
      continue;
    }
    text = sectionText(decoder.itemName(), part.length > 0);
    if (text === 'HEADER.FIELDS' || text === 'HEADER.FIELDS.NOT') {
      decoder.SP();
      decoder.list(false, () => fields.push(decoder.astring()));
    }
    break;
  }
  decoder.expect(RIGHT_BRACKET);
  return { part, text, fields };
}

function sectionText(name: string, hasPart: boolean): SectionText {
  switch (name) {
    case 'HEADER':
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
    case 'TEXT':
      return name;
    case 'MIME':
      // RFC 9051 §6.4.5.1: MIME is only there for a part.
      if (hasPart) return name;
  }
  throw new SyntaxFailure('There is no such section');
}

function partial(decoder: Decoder): Partial | null {
  if (!decoder.accept(LESS)) return null;
  const offset = decoder.number64();
  decoder.expect(DOT);
  const count = decoder.number64();
  // RFC 9051 §9 (partial): the count is not zero.
  if (count === 0) throw new SyntaxFailure('Zero octets cannot be fetched');
  decoder.expect(GREATER);
  return { offset, count };
}

/** `set SP [(UNCHANGEDSINCE n) SP] [+/-]FLAGS[.SILENT] SP flags`, from after the command name and its space. */
export function parseStore(decoder: Decoder, uid: boolean): StoreCommand {
  const set = decoder.sequenceSet();
  decoder.SP();
  let unchangedSince: number | null = null;
  if (decoder.peek() === LEFT_PAREN) {
    decoder.list(false, () => {
      if (decoder.keyword() !== 'UNCHANGEDSINCE') throw new SyntaxFailure('There is no such STORE modifier');
      decoder.SP();
      unchangedSince = decoder.number64();
    });
    decoder.SP();
  }
  const mode = decoder.accept(PLUS) ? 'add' : decoder.accept(MINUS) ? 'remove' : 'replace';
  const item = decoder.itemName();
  if (item !== 'FLAGS' && item !== 'FLAGS.SILENT') throw new SyntaxFailure('There is no such STORE item');
  decoder.SP();
  const flags: string[] = [];
  if (decoder.peek() === LEFT_PAREN) flags.push(...decoder.flagList());
  else {
    // RFC 9051 §9 (store-att-flags): the parentheses may be left out.
    do flags.push(decoder.flag());
    while (decoder.accept(SPACE));
  }
  return { name: 'STORE', uid, set, mode, silent: item === 'FLAGS.SILENT', flags, unchangedSince };
}
