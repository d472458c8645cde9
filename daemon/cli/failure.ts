/**
 * Exit codes of `mailstead`, and the one error that commands throw on purpose.
 * 0 ok · 1 finding · 2 usage · 3 daemon stopped · 4 not found · 5 exists, nothing changed · 6 refused · 75 temporary or not reachable.
 */
import type { AdminError, AdminErrorCode } from '../admin-socket/admin-socket.ts';
import { isKnownError, type KnownError } from '../lib/errors.ts';

export const EXIT = { ok: 0, finding: 1, usage: 2, stopped: 3, notFound: 4, exists: 5, refused: 6, temporary: 75 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const EXIT_OF_CODE: Readonly<Record<AdminErrorCode, ExitCode>> = {
  invalid: EXIT.usage,
  not_found: EXIT.notFound,
  exists: EXIT.exists,
  refused: EXIT.refused,
  unavailable: EXIT.temporary,
  internal: EXIT.temporary,
};
const CODE_OF_KIND: Readonly<Record<KnownError['kind'], AdminErrorCode>> = {
  invalid: 'invalid',
  'not-found': 'not_found',
  conflict: 'exists',
  rejected: 'refused',
  unavailable: 'unavailable',
};

export class CommandFailure extends Error {
  readonly code: AdminErrorCode;
  readonly field: string | undefined;
  /** The next step, as a sentence or a command. */
  readonly hint: string | undefined;

  constructor(error: AdminError, hint?: string) {
    super(error.message);
    this.code = error.code;
    this.field = error.field;
    this.hint = hint;
  }

  get exit(): ExitCode {
    return EXIT_OF_CODE[this.code];
  }
}

/** A command line that cannot be understood. */
export function usageFailure(message: string, hint?: string, field?: string): CommandFailure {
  return new CommandFailure({ code: 'invalid', message, ...(field === undefined ? {} : { field }) }, hint);
}

/** Any thrown error as a failure to tell; what nobody foresaw keeps its message, for there is no log to look it up in. */
export function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (isKnownError(error)) {
    const field = error.kind === 'invalid' ? { field: error.field } : {};
    return new CommandFailure({ code: CODE_OF_KIND[error.kind], message: error.message, ...field });
  }
  return new CommandFailure({ code: 'internal', message: `This did not work: ${error instanceof Error ? error.message : String(error)}` });
}
