/**
 * The little XML that client configuration needs: text made safe for writing, and one value found in a request.
 *
 * Invariants of the reader: 1. at most 16 KiB and 32 levels; 2. a document type, and with it every entity of its own, is
 * refused: nothing outside the text is ever read; 3. linear in the size of the text.
 */

const MAX_CHARS = 16_384;
const MAX_DEPTH = 32;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text for an element or an attribute; characters that XML 1.0 §2.2 does not allow are left out. */
export function escapeXml(text: string): string {
  let result = '';
  for (const char of text) {
    if (isXmlChar(char.codePointAt(0) ?? 0)) result += ESCAPES[char] ?? char;
  }
  return result;
}

function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}

/**
 * The text of the first element of each wanted local name (namespaces are not compared), or undefined when the text is not
 * well formed within the bounds above.
 */
export function readElements(xml: string, wanted: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (xml.length > MAX_CHARS) return undefined;
  const found = new Map<string, string>();
  const open: { name: string; text: string }[] = [];
  let at = 0;
  while (at < xml.length) {
    const tag = xml.indexOf('<', at);
    const text = xml.slice(at, tag < 0 ? undefined : tag);
    const top = open.at(-1);
    if (top === undefined ? text.replace(/^\ufeff/, '').trim() !== '' : tag < 0) return undefined;
    if (top !== undefined) top.text += decodeEntities(text);
    if (tag < 0) break;
    const next = readMarkup(xml, tag, open, (name, value) => {
      if (wanted.includes(name) && !found.has(name)) found.set(name, value.trim());
    });
    if (next === undefined || open.length > MAX_DEPTH) return undefined;
    at = next;
  }
  return open.length === 0 ? found : undefined;
}

/** Handles what begins with `<` at `tag`; the offset behind it, or undefined when it is not allowed. */
function readMarkup(
  xml: string,
  tag: number,
  open: { name: string; text: string }[],
  close: (name: string, text: string) => void,
): number | undefined {
  if (xml.startsWith('<?', tag)) return after(xml, '?>', tag + 2);
  if (xml.startsWith('<!--', tag)) return after(xml, '-->', tag + 4);
  if (xml.startsWith('<![CDATA[', tag)) {
    const end = after(xml, ']]>', tag + 9);
    const top = open.at(-1);
    if (end === undefined || top === undefined) return undefined;
    top.text += xml.slice(tag + 9, end - 3);
    return end;
  }
  if (xml[tag + 1] === '!') return undefined;
  const end = endOfTag(xml, tag + 1);
  if (end === undefined) return undefined;
  const isClosing = xml[tag + 1] === '/';
  const isEmpty = xml[end - 2] === '/';
  const name = /^\/?([^\s/>=<]+)/.exec(xml.slice(tag + 1, end - 1))?.[1];
  if (name === undefined) return undefined;
  const local = name.slice(name.indexOf(':') + 1);
  if (!isClosing) {
    if (isEmpty) close(local, '');
    else open.push({ name, text: '' });
    return end;
  }
  const top = open.pop();
  if (top?.name !== name) return undefined;
  close(local, top.text);
  return end;
}

function after(xml: string, end: string, from: number): number | undefined {
  const found = xml.indexOf(end, from);
  return found < 0 ? undefined : found + end.length;
}

/** The offset behind the tag's `>`, which may stand inside quotes before. */
function endOfTag(xml: string, from: number): number | undefined {
  let quote = '';
  for (let i = from; i < xml.length; i++) {
    const char = xml.charAt(i);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return i + 1;
    else if (char === '<') return undefined;
  }
  return undefined;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code <= 0x10ffff && isXmlChar(code) ? String.fromCodePoint(code) : whole;
  });
}
