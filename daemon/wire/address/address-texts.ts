/**
 * Every text in an address field that some reader could take for an address: stricter than `parseAddressList`, which reads one
 * way where other programs read another (`a@x b@y`, `a@x <b@y>`, `<a@x b@y>`).
 *
 * 1. Nothing with an `@` outside quoted names, comments and encoded words is left out.
 * 2. A quote or comment that does not end has no reading at all.
 * Specifications: RFC 5322 §3.2.2, §3.2.4 and §3.4; RFC 2047 §2.
 */
const ENCODED_WORD = /^=\?[^?\s]+\?[bq]\?[^?\s]*\?=$/i;

/** The texts in order, a quoted local part with its quotes; undefined when a quote or comment does not end. */
export function addressTexts(value: string): string[] | undefined {
  const texts: string[] = [];
  let from = 0;
  let hasAt = false;
  const take = (end: number): void => {
    if (hasAt && !ENCODED_WORD.test(value.slice(from, end))) texts.push(value.slice(from, end));
    from = end + 1;
    hasAt = false;
  };
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0x40) hasAt = true;
    else if (code === 0x22) {
      at = endOfQuoted(value, at);
      if (at < 0) return undefined;
    } else if (code === 0x28) {
      take(at);
      at = endOfComment(value, at);
      if (at < 0) return undefined;
      from = at + 1;
    } else if (endsText(code)) take(at);
  }
  take(value.length);
  return texts;
}

/** The closing quote of the string that opens at `start`, or -1. */
function endOfQuoted(value: string, start: number): number {
  for (let at = start + 1; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at;
  }
  return -1;
}

/** The closing parenthesis of the comment that opens at `start`, or -1. */
function endOfComment(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) return at;
  }
  return -1;
}

/** White space, controls and `) , : ; < >`. */
function endsText(code: number): boolean {
  return code <= 0x20 || code === 0x29 || code === 0x2c || code === 0x3a || code === 0x3b || code === 0x3c || code === 0x3e;
}
