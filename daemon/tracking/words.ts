/**
 * Words of the search index and of a search, cut in the same way: letters, digits and @ . - _ + = make a word, so that an
 * address or a domain is one; a subject is indexed by its plain words.
 */

const NOT_IN_WORDS = /[^\p{L}\p{N}\p{M}\p{Co}@.\-_+=]+/gu;
const NOT_PLAIN = /[^\p{L}\p{N}\p{M}\p{Co}]+/gu;
const MAX_WORDS = 8;

/** Text for the index: identifiers whole, `subject` as plain words. */
export function indexText(identifiers: readonly string[], subject: string): string {
  return `${identifiers.join(' ').replace(NOT_IN_WORDS, ' ')} ${subject.replace(NOT_PLAIN, ' ')}`;
}

/** An FTS5 expression for what a person typed; undefined when there is no word in it. `prefix`: the words may go on. */
export function searchExpression(text: string, prefix: boolean): string | undefined {
  const star = prefix ? '*' : '';
  const words = text
    .replace(NOT_IN_WORDS, ' ')
    .split(' ')
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, MAX_WORDS);
  if (words.length === 0) return undefined;
  const parts = words.map((word) => {
    const plain = word.replace(NOT_PLAIN, ' ').trim().split(' ');
    const whole = `"${word}"${star}`;
    if (plain.length === 1 && plain[0] === word) return whole;
    return `(${whole} OR (${plain.map((each) => `"${each}"${star}`).join(' AND ')}))`;
  });
  return parts.join(' AND ');
}
