/**
 * Matching of folder names against LIST patterns in time linear in name times pattern, without backtracking.
 * 1. "*" matches anything, "%" anything but the hierarchy separator, INBOX is compared without case.
 * Specifications: RFC 9051 §6.3.9, RFC 3501 §6.3.8.
 */

const PERCENT = '%';
const ASTERISK = '*';

/** A compiled pattern: matches whole names. */
export interface ListPattern {
  matches(name: string): boolean;
}

/** Compiles `reference` + `pattern` for the hierarchy separator `separator`. */
export function compileListPattern(reference: string, pattern: string, separator: string): ListPattern {
  const canonical = foldInbox(collapse(reference + pattern), separator);
  return { matches: (name) => simulate(canonical, name, separator) };
}

/** Neighbouring wildcards say no more than one: keeps hostile patterns short. */
function collapse(pattern: string): string {
  let text = '';
  for (const character of pattern) {
    const last = text.at(-1);
    if (character === PERCENT && (last === PERCENT || last === ASTERISK)) continue;
    if (character === ASTERISK) while (text.endsWith(PERCENT) || text.endsWith(ASTERISK)) text = text.slice(0, -1);
    text += character;
  }
  return text;
}

/** RFC 9051 §5.1: INBOX is case-insensitive, alone and as the first level. */
function foldInbox(pattern: string, separator: string): string {
  if (pattern.length < 5 || pattern.slice(0, 5).toUpperCase() !== 'INBOX') return pattern;
  const next = pattern.charAt(5);
  return next === '' || next === separator || next === PERCENT || next === ASTERISK ? `INBOX${pattern.slice(5)}` : pattern;
}

/** Runs the pattern as a set of states over the name: state i means that the first i pattern characters are used up. */
function simulate(pattern: string, name: string, separator: string): boolean {
  let states = new Uint8Array(pattern.length + 1);
  let following = new Uint8Array(pattern.length + 1);
  states[0] = 1;
  spread(pattern, states);
  for (let index = 0; index < name.length; index++) {
    const character = name.charAt(index);
    following.fill(0);
    let isAlive = false;
    for (let state = 0; state < pattern.length; state++) {
      if (states[state] === 0) continue;
      const expected = pattern.charAt(state);
      if (expected === ASTERISK || (expected === PERCENT && character !== separator)) following[state] = 1;
      else if (expected === character) following[state + 1] = 1;
      else continue;
      isAlive = true;
    }
    if (!isAlive) return false;
    spread(pattern, following);
    [states, following] = [following, states];
  }
  return states[pattern.length] === 1;
}

function spread(pattern: string, states: Uint8Array): void {
  for (let state = 0; state < pattern.length; state++) {
    const expected = pattern.charAt(state);
    if (states[state] === 1 && (expected === ASTERISK || expected === PERCENT)) states[state + 1] = 1;
  }
}
