/**
 * The closed set of errors that are thrown on purpose. Each edge (SMTP, IMAP, POP3, HTTP, command line) translates them once;
 * whatever else is thrown is a defect: logged in full there, told to the peer as "our own trouble" only.
 *
 * 1. `message` is always safe to show to a peer: it never holds secrets, paths or stack traces.
 * 2. They cross thread borders by `kind` (lib/port-call.ts), so `kind` and the fields are all that may matter.
 */

/** What was asked is refused by a rule (permission, policy, state). */
export class Rejected extends Error {
  readonly kind = 'rejected';
}

/** Our own trouble or a missing resource for now; the same request may work later. */
export class Unavailable extends Error {
  readonly kind = 'unavailable';
}

/** The disk is full: protocols have words of their own for it. */
export class OutOfSpace extends Unavailable {}

/** The thing exists already, or changed under the caller; nothing was done. */
export class Conflict extends Error {
  readonly kind = 'conflict';
}

/** The named thing does not exist (or the caller may not know that it does). */
export class NotFound extends Error {
  readonly kind = 'not-found';
}

/** The request itself is wrong; `field` names the part at fault. */
export class Invalid extends Error {
  readonly kind = 'invalid';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

export type KnownError = Rejected | Unavailable | Conflict | NotFound | Invalid;

export function isKnownError(error: unknown): error is KnownError {
  return (
    error instanceof Rejected ||
    error instanceof Unavailable ||
    error instanceof Conflict ||
    error instanceof NotFound ||
    error instanceof Invalid
  );
}

/** A known error as plain data, for a thread border or a JSON answer. */
export interface ErrorRecord {
  readonly kind: KnownError['kind'] | 'unknown';
  readonly message: string;
  readonly field?: string;
  /** Of Unavailable. */
  readonly isOutOfSpace?: true;
}

export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof Invalid) return { kind: error.kind, message: error.message, field: error.field };
  if (error instanceof OutOfSpace) return { kind: error.kind, message: error.message, isOutOfSpace: true };
  if (isKnownError(error)) return { kind: error.kind, message: error.message };
  return { kind: 'unknown', message: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) };
}

export function fromErrorRecord(record: ErrorRecord): Error {
  switch (record.kind) {
    case 'rejected':
      return new Rejected(record.message);
    case 'unavailable':
      return record.isOutOfSpace === true ? new OutOfSpace(record.message) : new Unavailable(record.message);
    case 'conflict':
      return new Conflict(record.message);
    case 'not-found':
      return new NotFound(record.message);
    case 'invalid':
      return new Invalid(record.field ?? '', record.message);
    case 'unknown':
      return new Error(record.message);
  }
}
