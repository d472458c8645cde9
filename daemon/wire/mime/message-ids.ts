/**
 * Message-IDs out of Message-ID, In-Reply-To and References.
 *
 * Ids come back without brackets, as written, without white space; at most 500, the first and the latest.
 * Specifications: RFC 5322 §3.6.4 and §4.5.4 (phrases in In-Reply-To are skipped), RFC 5256 §3.
 */

const IDS_MAX = 500;
const ID_CHARS_MAX = 2_000;

/** All ids of a value in order. */
export function messageIds(value: string): string[] {
  const ids: string[] = [];
  for (let open = value.indexOf('<'); open >= 0; ) {
    const close = value.indexOf('>', open + 1);
    if (close < 0) break;
    // A bracket that is opened twice begins anew: `<broken <id@host>`.
    const start = value.lastIndexOf('<', close);
    const id = value.slice(start + 1, close).replace(/\s+/g, '');
    if (id !== '' && id.length <= ID_CHARS_MAX) ids.push(id);
    open = value.indexOf('<', close + 1);
  }
  // RFC 5322 §3.6.4: the root and the nearest ancestors are what threading needs.
  return ids.length <= IDS_MAX ? ids : [ids[0] as string, ...ids.slice(1 - IDS_MAX)];
}

/** The one id of a Message-ID field; a value without brackets is taken as it is. */
export function messageId(value: string): string | undefined {
  const id = messageIds(value)[0] ?? value.replace(/\s+/g, '');
  return id === '' || id.length > ID_CHARS_MAX ? undefined : id;
}
