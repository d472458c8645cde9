/**
 * The tagged answer of a command as data, and the one place where thrown errors become one.
 * 1. Text is printable US-ASCII of one line whatever an error says; unknown errors tell the client nothing (detail goes to the log).
 * Specifications: RFC 9051 §7.1 (response codes), RFC 5530.
 */
import { Conflict, Invalid, NotFound, Rejected, Unavailable } from '../../lib/errors.ts';

export interface Reply {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly code: string | null;
  readonly text: string;
}

export function ok(text: string, code: string | null = null): Reply {
  return { status: 'OK', code, text };
}

export function no(code: string | null, text: string): Reply {
  return { status: 'NO', code, text };
}

export function bad(text: string): Reply {
  return { status: 'BAD', code: null, text };
}

/** Translates an error; null when it is none of the known ones. `rejected` is the code for what a rule refused. */
export function replyOfError(error: unknown, rejected = 'CANNOT'): Reply | null {
  if (error instanceof NotFound) return no('NONEXISTENT', plain(error.message));
  if (error instanceof Conflict) return no('ALREADYEXISTS', plain(error.message));
  if (error instanceof Rejected) return no(rejected, plain(error.message));
  if (error instanceof Invalid) return no('CANNOT', plain(error.message));
  if (error instanceof Unavailable) return no('UNAVAILABLE', 'Temporarily unavailable, try again');
  return null;
}

function plain(text: string): string {
  let safe = '';
  for (const character of text.slice(0, 200)) {
    const isPlain = character >= ' ' && character <= '~';
    safe += isPlain ? character : '?';
  }
  return safe === '' ? 'Refused' : safe;
}
