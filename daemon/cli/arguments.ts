/**
 * The command line's grammar: `mailstead [global options] command words [operands and options in any order]`.
 *
 * 1. Global options (`--data DIR`, `--json`, `--help`, `--version`) stand before or after the command.
 * 2. `--name value` and `--name=value` are the same; after `--` everything is an operand.
 * 3. What is not understood is a usage failure that names the nearest thing that would be.
 */
import { usageFailure } from './failure.ts';
import type { CommandRow, GivenOptions, OptionRow } from './invocation.ts';
import { nearest } from './nearest.ts';

export const GLOBAL_OPTIONS: readonly OptionRow[] = [
  ['data', 'DIR', 'the folder of the server; else $MAILSTEAD_DATA, ./trial if it is one, /var/lib/mailstead'],
  ['json', null, 'answer as one JSON document'],
  ['help', null, 'say how a command is used'],
  ['version', null, 'say which version this is'],
];

export interface ParsedLine {
  readonly command: CommandRow | undefined;
  /** Words given of a command that has more: `account` alone. */
  readonly group: readonly string[];
  readonly operands: readonly string[];
  readonly options: GivenOptions;
}

class Given implements GivenOptions {
  readonly #values = new Map<string, string[]>();

  add(name: string, value: string): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  value(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  values(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/** `words` are the arguments after the program's name. */
export function parseLine(words: readonly string[], commands: readonly CommandRow[]): ParsedLine {
  const options = new Given();
  const operands: string[] = [];
  const path: string[] = [];
  let command: CommandRow | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      operands.push(...words.slice(at + 1));
      break;
    }
    if (word.length > 1 && word.startsWith('-')) at = takeOption(words, at, { options, command });
    else if (command === undefined) {
      path.push(word);
      command = findCommand(path, commands);
    } else operands.push(word);
  }
  return { command, group: path, operands, options };
}

/** The command of these words; undefined while they begin one. */
function findCommand(path: readonly string[], commands: readonly CommandRow[]): CommandRow | undefined {
  const fitting = commands.filter(({ words }) => path.every((word, at) => words[at] === word));
  if (fitting.length > 0) return fitting.find(({ words }) => words.length === path.length);
  const before = path.slice(0, -1);
  const known = [
    ...new Set(
      commands.filter(({ words }) => before.every((word, at) => words[at] === word)).map(({ words }) => words[before.length] ?? ''),
    ),
  ];
  const last = path.at(-1) ?? '';
  const near = nearest(last, known);
  const group = before.join(' ');
  const message = group === '' ? `There is no command "${last}"` : `"${group}" has no "${last}"`;
  if (near !== undefined) throw usageFailure(message, `Did you mean: mailstead ${[...before, near].join(' ')}`);
  throw usageFailure(message, group === '' ? 'mailstead --help lists the commands' : `It has: ${known.join(', ')}`);
}

function takeOption(
  words: readonly string[],
  at: number,
  { options, command }: { options: Given; command: CommandRow | undefined },
): number {
  const word = words[at] ?? '';
  if (word === '-h') {
    options.add('help', '');
    return at;
  }
  const equals = word.indexOf('=');
  const name = word.slice(word.startsWith('--') ? 2 : 1, equals === -1 ? undefined : equals);
  const rows = [...(command?.options ?? []), ...GLOBAL_OPTIONS];
  const row = word.startsWith('--') ? rows.find(([known]) => known === name) : undefined;
  if (row === undefined) throw unknownOption(word, name, { rows, command });
  if (row[1] === null) {
    if (equals !== -1) throw usageFailure(`--${name} takes no value`, undefined, name);
    options.add(name, '');
    return at;
  }
  const value = equals === -1 ? words[at + 1] : word.slice(equals + 1);
  if (value === undefined) throw usageFailure(`--${name} needs a value: --${name} ${row[1]}`, undefined, name);
  options.add(name, value);
  return equals === -1 ? at + 1 : at;
}

function unknownOption(
  word: string,
  name: string,
  { rows, command }: { rows: readonly OptionRow[]; command: CommandRow | undefined },
): Error {
  const near = nearest(
    name,
    rows.map(([known]) => known),
  );
  if (command === undefined && near === undefined)
    return usageFailure(`There is no option ${word} before a command`, 'Options of a command stand after it: mailstead account add --help');
  const whose = command === undefined ? 'mailstead' : `mailstead ${command.words.join(' ')}`;
  return usageFailure(`${whose} has no option ${word}`, near === undefined ? `${whose} --help lists them` : `Did you mean --${near}`);
}

/** Refuses too few and too many operands. */
export function checkOperands({ words, operands }: CommandRow, given: readonly string[]): void {
  const needed = operands.filter((operand) => !operand.startsWith('['));
  const usage = `Usage: mailstead ${[...words, ...operands].join(' ')}`;
  const missing = needed[given.length];
  if (missing !== undefined) throw usageFailure(`${missing.replace('...', '')} is missing`, usage);
  if (operands.some((operand) => operand.endsWith('...'))) return;
  const extra = given[operands.length];
  if (extra !== undefined) throw usageFailure(`"${extra}" is one word too many`, usage);
}
