/*
 * Numbers, sizes and times as a person reads them.
 * 1. Sizes count in powers of 1024, as the command line does, and are shown with at most one decimal below ten.
 * 2. Times are local; a day is named relative to `now`, which every function takes so that it can be tested.
 * 3. Counts up to twelve are words when they stand in a sentence.
 */
const number = new Intl.NumberFormat('en-GB');
const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;
const words = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'] as const;

/** 19612 → "19,612". */
export function count(n: number): string {
  return number.format(n);
}

/** 3 → "three", 41 → "41". `zero` replaces "no". */
export function countWord(n: number, zero: string = words[0]): string {
  if (n === 0) return zero;
  return words[n] ?? number.format(n);
}

/** First letter large: for a number word or name that begins a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a, b and c". */
export function list(parts: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(parts);
}

/** Bytes in the unit that `like` (default: the value itself) is best told in. */
function inUnit(bytes: number, like: number): { amount: string; unit: string } {
  let power = 0;
  for (let size = like; size >= 1024 && power < units.length - 1; size /= 1024) power++;
  const value = bytes / 1024 ** power;
  const digits =
    power === 0 || value >= 100 ? 0 : value >= 10 ? (Math.round(value * 10) % 10 === 0 ? 0 : 1) : value !== 0 && value < 0.1 ? 2 : 1;
  return { amount: value.toFixed(digits), unit: units[power] ?? 'B' };
}

/** 3435973837 → "3.2 GB". Whole values drop the decimal: "5 GB". */
export function bytes(size: number): string {
  const { amount, unit } = inUnit(size, size);
  return `${amount.replace(/\.0+$/, '')} ${unit}`;
}

/** Amount used in the quota's unit, and what follows it: ["4.7", "of 5 GB"]; without a quota ["4.7 GB", ""]. */
export function usage(used: number, quota: number | null): [string, string] {
  if (quota === null) return [bytes(used), ''];
  const amount = used === 0 ? '0' : inUnit(used, quota).amount;
  return [amount === '0.00' ? bytes(used) : amount, `of ${bytes(quota)}`];
}

/** "9:04"; with seconds "9:04:11". */
export function clock(at: Date, seconds = false): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getHours()}:${two(at.getMinutes())}${seconds ? `:${two(at.getSeconds())}` : ''}`;
}

const dayStart = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
const daysApart = (at: Date, now: Date): number => Math.round((dayStart(now) - dayStart(at)) / 86_400_000);
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const longDay = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** Short time for lists: "just now", "2 min ago", "11:52", "Yesterday", "Fri", "2 Nov", "2 Nov 2025". */
export function ago(time: string, now: Date): string {
  const at = new Date(time);
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes >= 0 && minutes < 2) return 'just now';
  if (minutes >= 0 && minutes < 60) return `${minutes} min ago`;
  const days = daysApart(at, now);
  if (days === 0) return clock(at);
  if (days === 1) return 'Yesterday';
  if (days === -1) return `tomorrow, ${clock(at)}`;
  if (days > 1 && days < 7) return weekday.format(at);
  return (at.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(at);
}

/** Time with its day unless it is today: "14:37", "Saturday at 14:02", "2 Nov at 9:12". */
export function moment(time: string, now: Date): string {
  const at = new Date(time);
  const days = daysApart(at, now);
  if (days === 0) return clock(at);
  if (days === 1) return `yesterday at ${clock(at)}`;
  if (days === -1) return `tomorrow at ${clock(at)}`;
  if (Math.abs(days) < 7) return `${new Intl.DateTimeFormat('en-GB', { weekday: 'long' }).format(at)} at ${clock(at)}`;
  return `${(at.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(at)} at ${clock(at)}`;
}

/** "Monday 23 November, 14:21". */
export function longMoment(at: Date): string {
  return `${longDay.format(at).replace(',', '')}, ${clock(at)}`;
}

/** A length of time in its largest fitting unit: "40 seconds", "19 minutes", "3 hours", "5 days". */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [n, unit] =
    seconds < 90
      ? [seconds, 'second']
      : seconds < 5400
        ? [Math.round(seconds / 60), 'minute']
        : seconds < 129_600
          ? [Math.round(seconds / 3600), 'hour']
          : [Math.round(seconds / 86_400), 'day'];
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}

const lengths = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Seconds in the largest unit that holds them whole: 432000 → "5 days", 5400 → "90 minutes". */
export function duration(seconds: number): string {
  const [unit, size] = lengths.find(([, length]) => seconds >= length && seconds % length === 0) ?? lengths[3];
  const n = seconds / size;
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}

/** "5 days" → 432000; a bare number counts seconds; undefined if it is no length of time. */
export function parseDuration(text: string): number | undefined {
  const found = /^\s*(\d+)\s*([dhms]?)[a-z]*\.?\s*$/i.exec(text);
  if (!found) return undefined;
  const size = lengths.find(([unit]) => unit[0] === found[2]?.toLowerCase())?.[1] ?? 1;
  return Number(found[1]) * size;
}

/** "Good morning", by the clock of whoever reads. */
export function greeting(at: Date): 'morning' | 'afternoon' | 'evening' {
  const hour = at.getHours();
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}

/** Two letters for the round account mark: "Anna Weiss" → "AW", "admin@x" → "AD". */
export function initials(name: string): string {
  const parts =
    name
      .split('@')[0]
      ?.split(/[\s._-]+/)
      .filter(Boolean) ?? [];
  const letters = parts.length > 1 ? `${parts[0]?.[0] ?? ''}${parts.at(-1)?.[0] ?? ''}` : (parts[0] ?? '?').slice(0, 2);
  return letters.toUpperCase();
}
