/**
 * The boot settings of a data directory: the file named, else DIR/mailstead.jsonc, else /etc/mailstead/mailstead.jsonc; then the
 * environment, then options of the command line. And the note that a daemon leaves of what it really listens on.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, type ConfigSources, readConfig } from '../config/config.ts';
import { CONFIG_NAME } from './data-directory.ts';
import { usageFailure } from './failure.ts';

const SYSTEM_FILE = `/etc/mailstead/${CONFIG_NAME}`;

/** Throws a failure with every mistake in it. */
export function readBootConfig(dataDir: string, file: string | undefined, overrides: ConfigSources['overrides'] = {}): Config {
  const path = file ?? [join(dataDir, CONFIG_NAME), SYSTEM_FILE].find(existsSync);
  const text = path === undefined ? undefined : readText(path);
  const read = readConfig({
    environment: process.env,
    overrides: { ...overrides, data: dataDir },
    ...(text === undefined ? {} : { file: text }),
  });
  if ('config' in read) return read.config;
  const where = path === undefined ? 'The settings cannot be used' : `The settings in ${path} cannot be used`;
  throw usageFailure(`${where}: ${read.mistakes.join('; ')}`, 'Mend them and start again', 'config');
}

/** What the running daemon of a directory was started with. */
export interface BootNote {
  readonly portOffset: number;
  readonly trial: boolean;
  readonly listen: readonly string[];
}

export function writeBootNote(config: Config): void {
  mkdirSync(join(config.data, 'run'), { recursive: true, mode: 0o700 });
  const note: BootNote = { portOffset: config.portOffset, trial: config.trial, listen: config.listen };
  writeFileSync(notePath(config.data), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

export function forgetBootNote(config: Config): void {
  rmSync(notePath(config.data), { force: true });
}

/** Of the running daemon, else of the one that would start. */
export function readBootNote(dataDir: string): BootNote {
  if (existsSync(notePath(dataDir))) return JSON.parse(readFileSync(notePath(dataDir), 'utf8')) as BootNote;
  return readBootConfig(dataDir, undefined);
}

function notePath(dataDir: string): string {
  return join(dataDir, 'run', 'boot.json');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageFailure(`${path} cannot be read: ${(error as Error).message}`, undefined, 'config');
  }
}
