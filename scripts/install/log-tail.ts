/** The end of a log for people: JSON lines as time, event and reason, everything else as it is. */
import { readFileSync } from 'node:fs';

const LINES = 15;
const LEAD = 'mailstead: ';

/** `from`: the byte where the part of interest begins. */
export function logTail(path: string, from: number): string {
  const lines = readFileSync(path)
    .subarray(from)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines
    .slice(-LINES)
    .map(readable)
    .map((line) => `    ${line}`)
    .join('\n');
}

/** What the program itself said when it gave up, if it did. */
export function lastSentence(path: string, from: number): string | undefined {
  const lines = readFileSync(path).subarray(from).toString('utf8').split('\n');
  return lines.findLast((line) => line.startsWith(LEAD))?.slice(LEAD.length);
}

function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { level: _, time, event, err, thread, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const reason = (err as { message?: string } | undefined)?.message ?? '';
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    return [String(time).slice(11, 19), thread, event, ...rest, reason].filter((part) => part !== '').join('  ');
  } catch {
    return line;
  }
}
