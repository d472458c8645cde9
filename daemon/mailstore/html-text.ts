/**
 * The text of an HTML part, near enough to find words in it: tags, comments, scripts and styles are left out.
 * One pass from left to right whatever the input: hostile HTML costs no more than its length.
 */

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
/** Elements within a word; all others part words. */
const INLINE = new Set([
  'a',
  'abbr',
  'b',
  'big',
  'em',
  'font',
  'i',
  'ins',
  'mark',
  's',
  'small',
  'span',
  'strike',
  'strong',
  'sub',
  'sup',
  'tt',
  'u',
  'wbr',
]);

export function htmlText(html: string): string {
  let text = '';
  let at = 0;
  for (;;) {
    const open = html.indexOf('<', at);
    if (open === -1) return text + entities(html.slice(at));
    text += entities(html.slice(at, open));
    const name = tagName(html, open + 1);
    const end = endOfTag(html, open, name);
    // What never ends is no tag but text.
    if (end === -1) return text + entities(html.slice(open));
    if (!INLINE.has(name)) text += ' ';
    at = end;
  }
}

function tagName(html: string, from: number): string {
  const start = html.charCodeAt(from) === 47 ? from + 1 : from;
  let end = start;
  while (end < start + 10 && isLetterOrDigit(html.charCodeAt(end))) end++;
  return html.slice(start, end).toLowerCase();
}

/** Where the text goes on behind the tag, comment, script or style at `open`; -1 when it has no end. */
function endOfTag(html: string, open: number, name: string): number {
  if (html.startsWith('<!--', open)) return behind(html, '-->', open + 4);
  const end = behind(html, '>', open + 1);
  if (end === -1 || html.charCodeAt(open + 1) === 47 || (name !== 'script' && name !== 'style')) return end;
  for (let close = html.indexOf('</', end); close !== -1; close = html.indexOf('</', close + 2)) {
    if (tagName(html, close + 1) === name) return behind(html, '>', close);
  }
  return html.length;
}

function behind(html: string, what: string, from: number): number {
  const at = html.indexOf(what, from);
  return at === -1 ? -1 : at + what.length;
}

function entities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x?[0-9a-f]{1,6}|[a-z]{2,8});/gi, (entity, name: string) => entityText(name.toLowerCase()) ?? entity);
}

function entityText(name: string): string | undefined {
  if (!name.startsWith('#')) return ENTITIES[name];
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return Number.isInteger(code) && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
