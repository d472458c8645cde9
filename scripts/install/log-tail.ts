/** The end of a log for people: JSON lines as time, event and reason, everything else as it is. */
import { readFileSync } from 'node:fs';

const LINES = 15;

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

function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { time, event, err, thread } = JSON.parse(line) as { time?: string; event?: string; err?: { message?: string }; thread?: string };
    return [time?.slice(11, 19), thread, event, err?.message].filter((part) => part !== undefined).join('  ');
  } catch {
    return line;
  }
}
