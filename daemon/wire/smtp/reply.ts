/**
 * Our SMTP replies as values.
 *
 * 1. The class of an enhanced status is the reply code's first digit and is derived here alone; 3xx has none.
 * 2. What is written never holds control characters; long or multi-line texts become several lines of one reply.
 * Specifications: RFC 5321 §4.2 and §4.5.3.1.5, RFC 2034 §3 and §4, RFC 3463 §2.
 */

export interface Reply {
  readonly code: number;
  /** `class.subject.detail`, or '' where none belongs. */
  readonly enhanced: string;
  /** Lines are divided by `\n`. */
  readonly text: string;
}

const TEXT_OCTETS_MAX = 480;

/** A reply of ours: `reply(550, '1.1', 'No such user')` has the status 5.1.1. */
export function reply(code: number, subjectAndDetail: string, text: string): Reply {
  return { code, enhanced: enhancedStatus(code, subjectAndDetail), text };
}

/** RFC 2034 §4: 2, 4 and 5 are the classes there are. */
export function enhancedStatus(code: number, subjectAndDetail: string): string {
  const digit = Math.floor(code / 100);
  return digit === 2 || digit === 4 || digit === 5 ? `${digit}.${subjectAndDetail}` : '';
}

/** The reply on the wire, with CRLF after each line. */
export function formatReply({ code, enhanced, text }: Reply): string {
  const lines = text.split('\n').flatMap(cutLine);
  const status = enhanced === '' ? '' : `${enhanced} `;
  return lines.map((line, at) => `${code}${at === lines.length - 1 ? ' ' : '-'}${status}${line}\r\n`).join('');
}

/** Control characters become spaces. */
export function printable(text: string): string {
  let result = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && (code < 0x7f || code > 0x9f)) continue;
    result += `${text.slice(from, at)} `;
    from = at + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** RFC 5321 §4.5.3.1.5: a reply line is at most 512 octets. */
function cutLine(line: string): string[] {
  let rest = printable(line);
  if (Buffer.byteLength(rest) <= TEXT_OCTETS_MAX) return [rest];
  const lines: string[] = [];
  while (rest !== '') {
    let end = Math.min(rest.length, TEXT_OCTETS_MAX);
    while (Buffer.byteLength(rest.slice(0, end)) > TEXT_OCTETS_MAX) end--;
    const space = end < rest.length ? rest.lastIndexOf(' ', end) : -1;
    const cut = space > end / 2 ? space : end;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return lines;
}
