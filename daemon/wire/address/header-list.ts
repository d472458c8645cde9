/**
 * Address lists of header fields (From, To, Reply-To, ...), read leniently into the structures that IMAP's
 * ENVELOPE shows.
 *
 * 1. Bytes in, bytes out: a value read as latin1 gives latin1, encoded words stay as they are, so that
 *    ENVELOPE repeats what the message says. `decodeWords` makes names readable.
 * 2. Never throws and never recurses; an address without a domain has `host: ''`, because a missing host
 *    marks a group there.
 * 3. At most `limit` entries; the rest of the field is left out.
 * Specifications: RFC 5322 §3.4 and §4.4, RFC 9051 §7.5.2 (address structure), RFC 6532 §3.2.
 */

/** One address of ENVELOPE; `host` null marks a group: its start with a name in `mailbox`, its end without. */
export interface ListedAddress {
  readonly name: string | null;
  readonly route: string | null;
  readonly mailbox: string | null;
  readonly host: string | null;
}

const GROUP_END: ListedAddress = { name: null, route: null, mailbox: null, host: null };
const DEFAULT_LIMIT = 5_000;

/** Parses an address-list as in RFC 5322 §3.4, folded or not. */
export function parseAddressList(text: string, limit = DEFAULT_LIMIT): ListedAddress[] {
  return new AddressListReader(text, limit).read();
}

/** The `local@domain` texts of a list, groups opened, entries without both halves left out. */
export function listedMailboxes(list: readonly ListedAddress[]): string[] {
  const texts: string[] = [];
  for (const { mailbox, host } of list) if (mailbox && host) texts.push(`${mailbox}@${host}`);
  return texts;
}

class AddressListReader {
  readonly #text: string;
  readonly #limit: number;
  readonly #found: ListedAddress[] = [];
  #at = 0;
  #isInGroup = false;
  /** Words before `<`, `:` or the end: a display name, a group's name or a bare local part. */
  #phrase = '';
  /** The same words as they stand in an addr-spec, without spaces between them. */
  #spec = '';
  #comment = '';
  /** An address was read and no comma yet: what follows belongs to none. */
  #hasEnded = false;

  constructor(text: string, limit: number) {
    this.#text = text;
    this.#limit = limit;
  }

  read(): ListedAddress[] {
    const text = this.#text;
    while (this.#at < text.length && this.#found.length < this.#limit) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x2c) this.#endAddress();
      else if (code === 0x3b) this.#endGroup();
      else if (code === 0x3a) this.#startGroup();
      else if (code === 0x3c) this.#readAngle();
      else if (code === 0x40) this.#readBareHost();
      else this.#readWord(code);
    }
    if (this.#found.length < this.#limit) this.#endAddress();
    if (this.#isInGroup) this.#found.push(GROUP_END);
    return this.#found;
  }

  /** Takes a word, a comment, a space or a stray sign into the phrase. */
  #readWord(code: number): void {
    if (code === 0x28) {
      const comment = this.#readComment();
      if (this.#comment === '') this.#comment = comment;
      return;
    }
    if (isSpace(code)) {
      this.#at++;
      return;
    }
    const isGlued = this.#at > 0 && this.#phrase !== '' && !isSpace(this.#text.charCodeAt(this.#at - 1));
    const word = code === 0x22 ? this.#readQuoted() : this.#readAtom();
    this.#phrase += this.#phrase === '' || isGlued ? word : ` ${word}`;
    this.#spec += word;
  }

  /** An atom with dots (RFC 5322 §4.1 obs-phrase allows them); at least one character. */
  #readAtom(): string {
    const start = this.#at++;
    while (this.#at < this.#text.length && !endsAtom(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #readQuoted(): string {
    const text = this.#text;
    let value = '';
    let from = ++this.#at;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x22) break;
      if (code !== 0x5c && code !== 0x0d && code !== 0x0a) continue;
      value += text.slice(from, this.#at);
      // A backslash gives way to its character, a fold to the white space that follows it.
      from = this.#at + 1;
      if (code === 0x5c) this.#at++;
    }
    value += text.slice(from, Math.min(this.#at, text.length));
    this.#at++;
    return value;
  }

  #readComment(): string {
    const text = this.#text;
    const start = ++this.#at;
    let depth = 1;
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x5c) this.#at++;
      else if (code === 0x28) depth++;
      else if (code === 0x29 && --depth === 0) break;
    }
    const inside = text.slice(start, Math.min(this.#at, text.length));
    this.#at++;
    return inside
      .replace(/\\([^])/g, '$1')
      .replace(/\s+/g, ' ')
      .trim();
  }

  /** `<@route:local@host>` after the phrase. */
  #readAngle(): void {
    const name = this.#phrase || this.#comment || null;
    this.#reset();
    this.#at++;
    const route = this.#readRoute();
    const text = this.#text;
    for (; this.#at < text.length && this.#found.length < this.#limit; ) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x3e) break;
      if (code === 0x40) {
        this.#at++;
        this.#push(name, route, this.#spec, this.#readHost());
        this.#skipTo(0x3e);
        return;
      }
      // A bracket that is never closed ends with the address: `Name <user, other@host`.
      if (code === 0x2c || code === 0x3b) {
        this.#push(name, route, this.#spec, '');
        return;
      }
      this.#readWord(code);
    }
    this.#at++;
    if (this.#spec !== '' || name !== null) this.#push(name, route, this.#spec, '');
  }

  /** RFC 5322 §4.4 obs-route; null when there is none. */
  #readRoute(): string | null {
    const text = this.#text;
    while (isSpace(text.charCodeAt(this.#at))) this.#at++;
    if (text.charCodeAt(this.#at) !== 0x40) return null;
    const close = text.indexOf('>', this.#at);
    const colon = text.indexOf(':', this.#at);
    if (colon < 0 || (close >= 0 && close < colon)) return null;
    const route = text.slice(this.#at, colon).replace(/\s+/g, '');
    this.#at = colon + 1;
    return route;
  }

  #readBareHost(): void {
    this.#at++;
    const local = this.#spec;
    const earlier = this.#comment;
    const host = this.#readHost();
    // RFC 5322 §3.4 note: the old form `user@host (Full Name)`.
    const name = this.#skipTo(0) || earlier;
    if (this.#text.charCodeAt(this.#at) === 0x3c) {
      this.#reset();
      this.#phrase = `${local}@${host}`;
      return;
    }
    this.#push(name || null, null, local, host);
  }

  /** A domain or literal with spaces and comments left out. */
  #readHost(): string {
    const text = this.#text;
    let host = '';
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x28) {
        const inside = this.#readComment();
        this.#comment ||= inside;
      } else if (code === 0x5b) host += this.#readLiteral();
      else if (isSpace(code)) {
        this.#at++;
        if (!this.#isDotAhead(host)) break;
      } else if (code === 0x40) {
        host += '@';
        this.#at++;
      } else if (endsAtom(code)) break;
      else host += this.#readAtom();
    }
    return host;
  }

  /** Whether a host goes on after white space: `example . com` (RFC 5322 §4.4 obs-domain). */
  #isDotAhead(host: string): boolean {
    const text = this.#text;
    while (isSpace(text.charCodeAt(this.#at))) this.#at++;
    return host === '' || host.endsWith('.') || text.charCodeAt(this.#at) === 0x2e || text.charCodeAt(this.#at) === 0x28;
  }

  #readLiteral(): string {
    const start = this.#at;
    const close = this.#text.indexOf(']', start);
    this.#at = close < 0 ? this.#text.length : close + 1;
    return this.#text.slice(start, this.#at).replace(/\s+/g, '');
  }

  /** Goes past `sign`, or stops before the `,` or `;` that ends the address; gives a comment seen on the way. */
  #skipTo(sign: number): string {
    const text = this.#text;
    let comment = this.#comment;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === 0x28) {
        const inside = this.#readComment();
        comment ||= inside;
        continue;
      }
      if (code === 0x22) {
        this.#readQuoted();
        continue;
      }
      if (code === 0x2c || code === 0x3b) break;
      // `user@host <user@host>`: the unquoted address was meant as the name.
      if (sign === 0 && code === 0x3c) break;
      this.#at++;
      if (code === sign) break;
    }
    return comment;
  }

  #endAddress(): void {
    if (this.#spec !== '' && !this.#hasEnded) this.#push(null, null, this.#phrase, '');
    this.#reset();
    this.#hasEnded = false;
    this.#at++;
  }

  #startGroup(): void {
    // A colon within a group, or with no name before it, is a stray sign.
    if (this.#isInGroup || this.#phrase === '' || this.#hasEnded) {
      this.#at++;
      return;
    }
    this.#found.push({ name: null, route: null, mailbox: this.#phrase, host: null });
    this.#isInGroup = true;
    this.#reset();
    this.#at++;
  }

  #endGroup(): void {
    this.#endAddress();
    if (this.#isInGroup && this.#found.length < this.#limit) {
      this.#found.push(GROUP_END);
      this.#isInGroup = false;
    }
  }

  #push(name: string | null, route: string | null, mailbox: string, host: string): void {
    this.#found.push({ name, route, mailbox, host });
    this.#reset();
    this.#hasEnded = true;
  }

  #reset(): void {
    this.#phrase = '';
    this.#spec = '';
    this.#comment = '';
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

function endsAtom(code: number): boolean {
  switch (code) {
    case 0x20:
    case 0x09:
    case 0x0d:
    case 0x0a:
    case 0x22:
    case 0x28:
    case 0x2c:
    case 0x3a:
    case 0x3b:
    case 0x3c:
    case 0x3e:
    case 0x40:
    case 0x5b:
      return true;
    default:
      return false;
  }
}
