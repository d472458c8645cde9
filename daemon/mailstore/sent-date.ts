/**
 * The Date field's day and clock as written, for SENTBEFORE, SENTON and SENTSINCE, which disregard its zone (RFC 9051 §6.4.4).
 * It reads what RFC 5322 §3.3 and its obsolete forms (§4.3) allow and is lenient about the rest.
 */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The clock as if it were UTC; null when there is no date in `value`. */
export function sentDateMs(value: string | undefined): number | null {
  if (value === undefined || value.length > 200) return null;
  const tokens = value.replace(/\([^()]*\)/g, ' ').split(/[\s,-]+/);
  for (let at = 1; at < tokens.length - 1; at++) {
    const month = MONTHS.indexOf((tokens[at] as string).slice(0, 3).toLowerCase());
    if (month === -1) continue;
    const day = wholeNumber(tokens[at - 1]);
    const year = fullYear(tokens[at + 1]);
    if (day === null || year === null || day < 1 || day > 31) return null;
    const [hour = 0, minute = 0, second = 0] = (tokens[at + 2] ?? '').split(':').map((part) => wholeNumber(part) ?? 0);
    return Date.UTC(year, month, day, Math.min(hour, 23), Math.min(minute, 59), Math.min(second, 59));
  }
  return null;
}

// RFC 5322 §4.3: two digits below 50 are 20xx, other years of two or three digits count from 1900.
function fullYear(token: string | undefined): number | null {
  const year = wholeNumber(token);
  if (year === null || year > 9999) return null;
  if ((token as string).length > 3) return year;
  return year < 50 && (token as string).length === 2 ? 2000 + year : 1900 + year;
}

function wholeNumber(token: string | undefined): number | null {
  return token !== undefined && /^\d{1,4}$/.test(token) ? Number(token) : null;
}
