/** What the two sides of the benchmark have in common. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Server {
  readonly name: string;
  readonly smtp: Place;
  readonly imap: Place;
  /** The processes under which all of its others run. */
  readonly roots: readonly number[];
  /** Resolves when what was sent is durably in the mailboxes. */
  settled(): Promise<void>;
  /** Resolves when the server has done what it puts off (not part of the rate, but of the CPU). */
  drained(): Promise<void>;
  /** Counts the mailboxes' messages and throws when they did not grow by `expected` since the last count. */
  count(expected: number): Promise<void>;
  stop(): Promise<void>;
}
