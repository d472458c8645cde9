/**
 * The one way in which IMAP input fails to be a command: a sentence for the client, BAD unless the grammar is met and only a value cannot be served.
 * It is thrown inside wire/imap only; parseCommand turns it into a value.
 */

export type FailureStatus = 'BAD' | 'NO';

/** Input that is not a command. `code` is the text of a response code without brackets. */
export class SyntaxFailure extends Error {
  readonly status: FailureStatus;
  readonly code: string | null;

  constructor(text: string, status: FailureStatus = 'BAD', code: string | null = null) {
    super(text);
    this.name = 'SyntaxFailure';
    this.status = status;
    this.code = code;
  }
}
