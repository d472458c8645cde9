/**
 * The `tag=value; tag=value` lists of DKIM and DMARC records.
 *
 * Invariant: a tag that stands twice makes the list unreadable (RFC 6376 §3.2).
 */

/** Tags in lower case to values without surrounding space, or undefined when the text is no such list. */
export function parseTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return undefined;
    const tag = part.slice(0, equals).trim().toLowerCase();
    if (tag === '' || tags.has(tag)) return undefined;
    tags.set(tag, part.slice(equals + 1).trim());
  }
  return tags;
}
