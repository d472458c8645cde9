/**
 * The Date field's grammar, written in today's form and read with the obsolete ones that old mail has.
 *
 * 1. What is no date gives undefined, never "now".
 * 2. Two-digit years: 00-49 are 2000-2049, 50-99 are 1950-1999; three digits add 1900 (RFC 5322 §4.3).
 * 3. Unknown alphabetic zones count as -0000 (RFC 5322 §4.3); a day without a clock begins at midnight.
 * Specifications: RFC 5322 §3.3 and §4.3, RFC 9051 §6.4.4 (SENTON disregards the zone).
 */

export interface SentDate {
  /** The moment, milliseconds since 1970 UTC. */
  readonly timeMs: number;
  /** East of UTC is positive. */
  readonly zoneMinutes: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONE_HOURS = new Map([
  ['ut', 0],
  ['gmt', 0],
  ['utc', 0],
  ['z', 0],
  ['est', -5],
  ['edt', -4],
  ['cst', -6],
  ['cdt', -5],
  ['mst', -7],
  ['mdt', -6],
  ['pst', -8],
  ['pdt', -7],
]);
const TEXT_MAX = 200;

/** Parses a date-time; undefined when it is none. */
export function parseDate(text: string): SentDate | undefined {
  const tokens = text
    .slice(0, TEXT_MAX)
    .replace(/\([^()]*\)/g, ' ')
    .trim()
    .toLowerCase()
    .split(/[\s,]+/);
  // The day of the week may stand first; nobody depends on it being right.
  let at = /^[a-z]/.test(tokens[0] ?? '') ? 1 : 0;
  const dashed = /^(\d{1,2})-([a-z]{3})-(\d{2,4})$/.exec(tokens[at] ?? '');
  const day = Number(dashed?.[1] ?? digits(tokens[at], 2));
  const month = MONTHS.indexOf((dashed?.[2] ?? tokens[at + 1] ?? '').slice(0, 3));
  const yearText = dashed?.[3] ?? digits(tokens[at + 2], 4);
  at += dashed ? 1 : 3;
  const clock = readClock(tokens, at);
  if (month < 0 || yearText === undefined || yearText.length < 2 || clock === undefined) return undefined;
  const year = fullYear(yearText);
  const clockMs = Date.UTC(year, month, day, clock.hour, clock.minute, clock.second);
  const isReal = day >= 1 && new Date(Date.UTC(year, month, day)).getUTCDate() === day;
  const zoneMinutes = parseZone(tokens[clock.next]);
  if (!isReal || zoneMinutes === undefined) return undefined;
  return { timeMs: clockMs - zoneMinutes * 60_000, zoneMinutes };
}

/** The date's own clock as if it were UTC, which is what SENTBEFORE, SENTON and SENTSINCE compare. */
export function clockMsOf(date: SentDate): number {
  return date.timeMs + date.zoneMinutes * 60_000;
}

const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** RFC 5322 §3.3: `Mon, 6 May 2024 10:00:00 +0200`. */
export function formatDate(timeMs: number, zoneMinutes = 0): string {
  const clock = new Date(timeMs + zoneMinutes * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = MONTHS[clock.getUTCMonth()] as string;
  const zone = Math.abs(zoneMinutes);
  return (
    `${DAY_NAMES[clock.getUTCDay()]}, ${clock.getUTCDate()} ${month.charAt(0).toUpperCase()}${month.slice(1)} ${String(clock.getUTCFullYear()).padStart(4, '0')} ` +
    `${two(clock.getUTCHours())}:${two(clock.getUTCMinutes())}:${two(clock.getUTCSeconds())} ${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(zone / 60))}${two(zone % 60)}`
  );
}

function digits(token: string | undefined, max: number): string | undefined {
  return token !== undefined && token.length <= max && /^\d+$/.test(token) ? token : undefined;
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

/** `hh:mm[:ss]`, with spaces around the colons as RFC 5322 §4.3 allows; `next` is the token behind it. */
function readClock(tokens: readonly string[], from: number): { hour: number; minute: number; second: number; next: number } | undefined {
  if (tokens.length <= from) return { hour: 0, minute: 0, second: 0, next: from };
  let text = tokens[from] as string;
  let next = from + 1;
  while (next < tokens.length && (text.endsWith(':') || (tokens[next] as string).startsWith(':'))) text += tokens[next++];
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/.exec(text);
  if (match === null) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  // RFC 5322 §3.3: a leap second is 60.
  const second = Math.min(Number(match[3] ?? 0), 60);
  return hour > 23 || minute > 59 || Number(match[3] ?? 0) > 60 ? undefined : { hour, minute, second, next };
}

function parseZone(token: string | undefined): number | undefined {
  if (token === undefined || token === '') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(token);
  if (match !== null) {
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    return Number(match[3]) > 59 ? undefined : match[1] === '-' ? -minutes || 0 : minutes;
  }
  return /^[a-z]/.test(token) ? (ZONE_HOURS.get(token) ?? 0) * 60 : undefined;
}
