/**
 * The two date forms of IMAP as numbers: `date` as days since 1970-01-01, `date-time` as Unix seconds.
 * 1. A date that the calendar does not have (31-Feb) is null.
 * Specifications: RFC 9051 §9 (date, date-time).
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const MS_PER_DAY = 86_400_000;

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return end > start ? value : Number.NaN;
}

/** Parses `1-Feb-2026` or `01-Feb-2026`. Returns days since the epoch, or null. */
export function parseDate(text: string): number | null {
  const dash = text.indexOf('-');
  if (dash < 1 || dash > 2 || text.length !== dash + 9 || text.charAt(dash + 4) !== '-') return null;
  const day = digits(text, 0, dash);
  const name = text.slice(dash + 1, dash + 4).toLowerCase();
  const month = MONTHS.findIndex((entry) => entry.toLowerCase() === name);
  const year = digits(text, dash + 5, dash + 9);
  if (month < 0 || Number.isNaN(day) || Number.isNaN(year)) return null;
  const time = new Date(0);
  time.setUTCFullYear(year, month, day);
  return time.getUTCDate() === day && time.getUTCMonth() === month ? time.getTime() / MS_PER_DAY : null;
}

/** Parses ` 1-Feb-2026 12:34:56 +0200` (26 characters, without quotes). Returns Unix seconds, or null. */
export function parseDateTime(text: string): number | null {
  if (text.length !== 26 || text.charAt(11) !== ' ' || text.charAt(20) !== ' ') return null;
  if (text.charAt(14) !== ':' || text.charAt(17) !== ':') return null;
  const days = parseDate(text.charAt(0) === ' ' ? text.slice(1, 11) : text.slice(0, 11));
  const [hour, minute, second] = [digits(text, 12, 14), digits(text, 15, 17), digits(text, 18, 20)];
  const [zoneHours, zoneMinutes] = [digits(text, 22, 24), digits(text, 24, 26)];
  const sign = text.charAt(21) === '+' ? 1 : text.charAt(21) === '-' ? -1 : 0;
  if (days === null || sign === 0 || !(hour < 24 && minute < 60 && second < 61 && zoneHours < 24 && zoneMinutes < 60)) return null;
  return days * 86_400 + hour * 3600 + minute * 60 + second - sign * (zoneHours * 3600 + zoneMinutes * 60);
}

const twoDigits = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Writes Unix seconds as a date-time in UTC, without quotes. */
export function formatDateTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const day = time.getUTCDate();
  const date = `${day < 10 ? ` ${day}` : day}-${MONTHS[time.getUTCMonth()]}-${String(time.getUTCFullYear()).padStart(4, '0')}`;
  return `${date} ${twoDigits(time.getUTCHours())}:${twoDigits(time.getUTCMinutes())}:${twoDigits(time.getUTCSeconds())} +0000`;
}
