/**
 * The log: pino, one JSON line an event to stdout, a constant event name with the data in fields.
 *
 * 1. Never bodies or credentials; an unknown error's stack goes here and nowhere else.
 * 2. Lines are buffered up to 4 KiB and at most 100 ms; `flush` empties the buffer (before an exit).
 */
import { createRequire } from 'node:module';
import type { DestinationStream, Logger } from 'pino';

const require = createRequire(import.meta.url);
const FLUSH_MS = 100;

export type Log = Logger;

export interface LogHandle {
  readonly log: Log;
  flush(): void;
  setLevel(level: string): void;
}

/** `fields` stand in every line of this log, e.g. `{thread: 'store-1'}`. */
export function createLog(level: string, fields: Readonly<Record<string, unknown>>): LogHandle {
  const pino = require('pino') as typeof import('pino').pino & { destination: typeof import('pino').destination };
  const stream = pino.destination({ fd: 1, minLength: 4096, sync: true });
  const log = pino({ level, base: fields, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' }, stream as DestinationStream);
  // Not flushSync, which waits for the disk as well: every thread would, ten times a second.
  const timer = setInterval(() => stream.flush(), FLUSH_MS);
  timer.unref();
  return {
    log,
    flush: () => stream.flushSync(),
    setLevel: (next) => {
      log.level = next;
    },
  };
}
