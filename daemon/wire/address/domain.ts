/**
 * Domain names: from what people, DNS and SMTP write to the one form that we store and compare.
 *
 * 1. A `Domain` is lower case, A-labels only, no trailing dot, labels 1-63 and name at most 253 octets.
 * 2. It never looks like an IP address: the WHATWG host parser behind `domainToASCII` reads
 *    `0x7f.1` as 127.0.0.1 and lets labels over 63 octets pass, so its answer is checked again.
 * 3. Underscores are let through, because senders in the wild have them; `isHostname` tells.
 * Specifications: RFC 1035 §2.3.4, RFC 5321 §4.1.2, RFC 5890 §2.3, RFC 6531 §3.3.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { brand, type Domain } from '../ids.ts';

const NAME_OCTETS_MAX = 253;
const LABEL_OCTETS_MAX = 63;
const UNPARSED_CHARS_MAX = 1_000;

/** Brings a domain name to its normal form; undefined when it is none. One trailing dot is dropped. */
export function parseDomain(text: string): Domain | undefined {
  if (text.length === 0 || text.length > UNPARSED_CHARS_MAX) return undefined;
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  const lower = bare.toLowerCase();
  if (isLetterDigitName(lower)) return lower.includes('xn--') ? viaIdna(lower) : brand<Domain>(lower);
  if (!hasNonAscii(bare) || hasForeignAscii(bare)) return undefined;
  return viaIdna(bare);
}

/** Whether the name may be a host: two labels or more, letters, digits and hyphens only (RFC 1123 §2.1). */
export function isHostname(domain: Domain): boolean {
  return domain.includes('.') && !domain.includes('_');
}

/** The domain as people read it, with U-labels (RFC 5890 §2.3.2.1) where they lead back to the same name. */
export function displayDomain(domain: Domain): string {
  if (!domain.includes('xn--')) return domain;
  const shown = domainToUnicode(domain);
  return shown !== '' && domainToASCII(shown) === domain ? shown : domain;
}

function viaIdna(name: string): Domain | undefined {
  const ascii = domainToASCII(name);
  const bare = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  return isLetterDigitName(bare) ? brand<Domain>(bare) : undefined;
}

/** Lower-case letters, digits, hyphens and underscores in well-formed labels, and no IP address. */
function isLetterDigitName(name: string): boolean {
  if (name.length === 0 || name.length > NAME_OCTETS_MAX) return false;
  let labelStart = 0;
  for (let at = 0; at <= name.length; at++) {
    const code = at === name.length ? 0x2e : name.charCodeAt(at);
    if (code === 0x2e) {
      const length = at - labelStart;
      if (length === 0 || length > LABEL_OCTETS_MAX) return false;
      if (name.charCodeAt(labelStart) === 0x2d || name.charCodeAt(at - 1) === 0x2d) return false;
      if (at < name.length) labelStart = at + 1;
      continue;
    }
    const isAllowed = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f;
    if (!isAllowed) return false;
  }
  return isTopLevel(name, labelStart);
}

/** RFC 3696 §2: a top-level label is not all digits; `0x7f` is what URL parsers take for a number. */
function isTopLevel(name: string, start: number): boolean {
  let isNumber = true;
  const isHex = name.startsWith('0x', start);
  for (let at = isHex ? start + 2 : start; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code === 0x5f) return false;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && !(isHex && code >= 0x61 && code <= 0x66)) isNumber = false;
  }
  return !isNumber;
}

function hasNonAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return true;
  return false;
}

/** ASCII that no domain name holds and that a URL parser would give a meaning of its own (`%`, `/`, `@`, ...). */
function hasForeignAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) continue;
    const lower = code | 0x20;
    const isAllowed = (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x2e;
    if (!isAllowed) return true;
  }
  return false;
}
