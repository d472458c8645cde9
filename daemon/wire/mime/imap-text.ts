/**
 * IMAP's strings as they stand in ENVELOPE and BODYSTRUCTURE: quoted where that is allowed, else a literal.
 *
 * Texts are latin1 (a character is an octet). A quoted string holds 7-bit text only, so that the answer is
 * right for clients with and without UTF8=ACCEPT; NUL may stand in neither form and becomes `?`.
 * Specifications: RFC 9051 §4.3 and §9 (string, literal, nstring), RFC 3501 §9.
 */

/** NIL for undefined and null. */
export function imapNString(text: string | null | undefined): string {
  return text === undefined || text === null ? 'NIL' : imapString(text);
}

export function imapString(text: string): string {
  let needsEscape = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c) needsEscape = true;
    else if (code >= 0x7f || code === 0x0d || code === 0x0a || code === 0) return literal(text);
  }
  return needsEscape ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

function literal(text: string): string {
  return `{${text.length}}\r\n${text.includes('\0') ? text.replaceAll('\0', '?') : text}`;
}
