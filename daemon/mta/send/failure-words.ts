/** Replies and errors of a connection as one line for tracking, DSNs and the queue page. */
import type { ClientError } from './smtp-client.ts';

export function wordsOf(error: ClientError): string {
  return oneLine(error.originalCode === undefined ? error.message : `${error.message} (${error.originalCode})`).slice(0, 300);
}

/** A reply of several lines as one, its code once: `550-5.7.1 a\n550 5.7.1 b` gives `550 5.7.1 a b`. */
export function oneLine(reply: string): string {
  const lines = reply.split(/\r?\n/);
  const [first = ''] = lines;
  const head = /^(\d{3})[ -](\d\.\d{1,3}\.\d{1,3} )?/.exec(first);
  if (head === null) return lines.join(' ').trim().slice(0, 1000);
  const texts = lines.map((line) =>
    line
      .replace(/^\d{3}[ -]?/, '')
      .replace(/^\d\.\d{1,3}\.\d{1,3} /, '')
      .trim(),
  );
  return `${head[1]} ${head[2] ?? ''}${texts.join(' ')}`.trim().slice(0, 1000);
}
