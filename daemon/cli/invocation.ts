/** What a command gets, what it gives back, and how its row in the table of commands looks. */
import type { ExitCode } from './failure.ts';
import type { ServerConnection } from './server-connection.ts';
import type { Terminal } from './terminal.ts';

/** `[name, value, meaning]`; a value of null makes it a switch. */
export type OptionRow = readonly [name: string, value: string | null, doc: string];

export interface CommandRow {
  /** `['account', 'add']` */
  readonly words: readonly string[];
  /** `ADDR`, `[ADDR]` (may be left out), `ID...` (one or more). */
  readonly operands: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionRow[];
  /** Further lines of `--help`: what is worth knowing, an example. */
  readonly notes?: readonly string[];
  readonly load: () => Promise<Run>;
}

export interface GivenOptions {
  has(name: string): boolean;
  /** The last one given. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
}

export interface Invocation {
  readonly operands: readonly string[];
  readonly options: GivenOptions;
  readonly dataDir: string;
  readonly terminal: Terminal;
  /** The running daemon, or this process in its place. Closed by the caller of the command. */
  readonly server: () => Promise<ServerConnection>;
}

export interface Outcome {
  /** For `--json`. */
  readonly document: unknown;
  /** For people; '' prints nothing. */
  readonly text: string;
  readonly exit?: ExitCode;
}

export type Run = (invocation: Invocation) => Promise<Outcome>;
