/*
 * What went wrong with a call, as something to show.
 * 1. The server's sentence is shown as it is; where there is none (no answer at all) the panel has its own.
 * 2. `reference` is the number under which the server's log tells more.
 */
import type { ErrorBody } from '../../daemon/http/contract/api.ts';
import { t } from '../text/translate.ts';

export type ProblemCode = ErrorBody['error']['code'] | 'offline';

export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly field: string | undefined;
  readonly reference: string | undefined;

  constructor(status: number, error: { code: ProblemCode; message: string; field?: string | undefined; reference?: string | undefined }) {
    super(error.message);
    this.name = 'Problem';
    this.status = status;
    this.code = error.code;
    this.field = error.field;
    this.reference = error.reference;
  }
}

/** The sentence to show for any thrown thing. */
export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return t('problem.unknown');
  if (error.code === 'offline') return t('problem.offline');
  const text = error.message || t('problem.unknown');
  return error.reference ? `${text} ${t('problem.reference', { reference: error.reference })}` : text;
}
