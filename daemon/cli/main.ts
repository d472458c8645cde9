/**
 * The command `mailstead`: understands the command line, runs one command, prints its answer, sets the exit code (failure.ts).
 *
 * 1. A command's own files are loaded only when it runs: `--help` and what goes over the socket start at once.
 * 2. stdout carries the answer alone (one document with `--json`), stderr what went wrong.
 * 3. Nothing that it makes can be read by others: umask 077.
 */
import { checkOperands, parseLine } from './arguments.ts';
import { COMMANDS } from './command-table.ts';
import { chooseDataDir } from './data-directory.ts';
import { asFailure, type CommandFailure, EXIT } from './failure.ts';
import { commandHelp, groupHelp, overviewHelp } from './help.ts';
import type { Outcome } from './invocation.ts';
import { openServer, type ServerConnection } from './server-connection.ts';
import { sentence, terminalFor } from './terminal.ts';

process.umask(0o077);
const words = process.argv.slice(2);
const wantsJson = beforeDashes(words).includes('--json');
const terminal = terminalFor(process.stdout, process.env);
// A reader such as head that has seen enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : EXIT.temporary));

try {
  const outcome = await run();
  const text = wantsJson ? JSON.stringify(outcome.document, null, 2) : outcome.text;
  if (text !== '') process.stdout.write(`${text}\n`);
  process.exitCode = outcome.exit ?? EXIT.ok;
} catch (error) {
  const failure = asFailure(error);
  process.stderr.write(`${wantsJson ? failureDocument(failure) : failureText(failure)}\n`);
  process.exitCode = failure.exit;
}

async function run(): Promise<Outcome> {
  const { command, group, operands, options } = parseLine(words, COMMANDS);
  if (options.has('version')) return versionOutcome();
  if (command === undefined && group.length === 0) return helpOutcome(overviewHelp(COMMANDS, terminal), options.has('help'));
  if (command === undefined) return helpOutcome(groupHelp(group, COMMANDS, terminal), options.has('help'));
  if (options.has('help')) return helpOutcome(commandHelp(command, terminal), true);
  checkOperands(command, operands);
  const dataDir = chooseDataDir(options.value('data'), process.env);
  let opened: ServerConnection | undefined;
  try {
    const perform = await command.load();
    const server = async (): Promise<ServerConnection> =>
      (opened ??= await openServer(dataDir, { mayCreate: command.words[0] === 'setup' }));
    return await perform({ operands, options, dataDir, terminal, server });
  } finally {
    await opened?.close();
  }
}

async function versionOutcome(): Promise<Outcome> {
  const { programVersion } = await import('../config/version.ts');
  const version = programVersion();
  return { document: { version }, text: `mailstead ${version}` };
}

/** Help that was not asked for answers a command line that says too little. */
function helpOutcome(text: string, asked: boolean): Outcome {
  return { document: { help: text }, text, exit: asked ? EXIT.ok : EXIT.usage };
}

function failureText({ message, hint }: CommandFailure): string {
  const styles = terminalFor(process.stderr, process.env);
  const lines = [`${styles.bad('mailstead:')} ${sentence(message)}`];
  if (hint !== undefined) lines.push(styles.faint(hint));
  return lines.join('\n');
}

function failureDocument({ code, message, field }: CommandFailure): string {
  return JSON.stringify({ error: { code, message, field: field ?? null } });
}

function beforeDashes(all: readonly string[]): readonly string[] {
  const at = all.indexOf('--');
  return at === -1 ? all : all.slice(0, at);
}
