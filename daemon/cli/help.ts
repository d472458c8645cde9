/** The texts of `--help`: all commands, the commands of a group, one command. */
import { GLOBAL_OPTIONS } from './arguments.ts';
import type { CommandRow, OptionRow } from './invocation.ts';
import type { Terminal } from './terminal.ts';

export function overviewHelp(commands: readonly CommandRow[], terminal: Terminal): string {
  const groups = new Map<string, CommandRow[]>();
  for (const command of commands) {
    const [first = ''] = command.words;
    groups.set(first, [...(groups.get(first) ?? []), command]);
  }
  const rows = [...groups].map(([first, [only, ...more]]): readonly [string, string] =>
    more.length === 0 && only !== undefined
      ? [first, only.summary]
      : [first, subcommands([...(only === undefined ? [] : [only]), ...more])],
  );
  return [
    `${terminal.bold('mailstead')}: a mail server and its control panel`,
    '',
    `Usage: mailstead ${terminal.faint('[options]')} command ${terminal.faint('...')}`,
    '',
    list(rows, terminal),
    '',
    'Options of every command',
    options(GLOBAL_OPTIONS, terminal),
    '',
    `How one is used: ${terminal.live('mailstead account add --help')}`,
  ].join('\n');
}

export function groupHelp(group: readonly string[], commands: readonly CommandRow[], terminal: Terminal): string {
  const inside = commands.filter(({ words }) => group.every((word, at) => words[at] === word));
  return [
    `Usage: mailstead ${group.join(' ')} ${terminal.faint('command ...')}`,
    '',
    list(
      inside.map(({ words, operands, summary }) => [[...words, ...operands].join(' '), summary]),
      terminal,
    ),
  ].join('\n');
}

export function commandHelp(command: CommandRow, terminal: Terminal): string {
  const { words, operands, summary, options: own, notes = [] } = command;
  const lines = [
    `Usage: mailstead ${[...words, ...operands, ...(own.length === 0 ? [] : [terminal.faint('[options]')])].join(' ')}`,
    '',
    `${summary}.`,
  ];
  if (own.length > 0) lines.push('', options(own, terminal));
  if (notes.length > 0) lines.push('', ...notes);
  return lines.join('\n');
}

function subcommands(commands: readonly CommandRow[]): string {
  return commands.map(({ words }) => words.slice(1).join(' ')).join(', ');
}

function options(rows: readonly OptionRow[], terminal: Terminal): string {
  return list(
    rows.map(([name, value, doc]) => [value === null ? `--${name}` : `--${name} ${value}`, doc]),
    terminal,
  );
}

function list(rows: readonly (readonly [string, string])[], terminal: Terminal): string {
  const wide = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, doc]) => `  ${terminal.live(name)}${' '.repeat(wide - name.length)}  ${doc}`).join('\n');
}
