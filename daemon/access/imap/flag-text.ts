/**
 * Flags between their columns (bits) and the words of IMAP, with the written forms cached: a folder knows few combinations.
 * It owns one account's keyword names as one session knows them.
 * Specifications: RFC 9051 §2.3.2, RFC 3501 §2.3.2 (\Recent).
 */
import { Flag } from '../../mailstore/mailstore.ts';

const SYSTEM_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [Flag.answered, '\\Answered'],
  [Flag.flagged, '\\Flagged'],
  [Flag.deleted, '\\Deleted'],
  [Flag.seen, '\\Seen'],
  [Flag.draft, '\\Draft'],
];

const RECENT_BIT = 32;

/** Splits flag words into bits and keywords. */
export function splitFlags(words: readonly string[]): { flags: number; keywords: string[] } {
  let flags = 0;
  const keywords: string[] = [];
  for (const word of words) {
    const system = SYSTEM_FLAGS.find(([, name]) => name === word);
    if (system !== undefined) flags |= system[0];
    else if (!keywords.includes(word)) keywords.push(word);
  }
  return { flags, keywords };
}

export class FlagText {
  #names: readonly string[];
  readonly #plain: (string | undefined)[] = [];
  #withKeywords = new Map<bigint, (string | undefined)[]>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get keywordNames(): readonly string[] {
    return this.#names;
  }

  /** Takes the account's present list; true when it has grown. */
  learn(names: readonly string[]): boolean {
    if (names.length <= this.#names.length) return false;
    this.#names = names;
    this.#withKeywords = new Map();
    return true;
  }

  /** All flags that messages of the folder may carry, in parentheses. */
  defined(): string {
    return `(${[...SYSTEM_FLAGS.map(([, name]) => name), ...this.#names].join(' ')})`;
  }

  /** RFC 9051 §7.1 (PERMANENTFLAGS): `\*` says that new keywords can be made. */
  permanent(): string {
    return `(${[...SYSTEM_FLAGS.map(([, name]) => name), ...this.#names].join(' ')} \\*)`;
  }

  /** A message's flags in parentheses. */
  of(flags: number, keywords: bigint, isRecent: boolean): string {
    const index = isRecent ? flags | RECENT_BIT : flags;
    let cache = this.#plain;
    if (keywords !== 0n) {
      const known = this.#withKeywords.get(keywords);
      cache = known ?? [];
      if (known === undefined) this.#withKeywords.set(keywords, cache);
    }
    return (cache[index] ??= this.#write(flags, keywords, isRecent));
  }

  #write(flags: number, keywords: bigint, isRecent: boolean): string {
    const words = SYSTEM_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
    if (isRecent) words.push('\\Recent');
    for (let bit = 0; bit < this.#names.length; bit++) {
      if (((keywords >> BigInt(bit)) & 1n) === 1n) words.push(this.#names[bit] as string);
    }
    return `(${words.join(' ')})`;
  }
}
