/**
 * Boot settings: one table of key, type, default and meaning; read once from the file, then the environment (MAILSTEAD_KEY),
 * then the command line, checked together, frozen. Everything else lives in control.db and applies at once.
 *
 * 1. All mistakes are told at once, each with its key.
 * 2. Unknown keys of the file are mistakes; unknown MAILSTEAD_ variables are ignored (other tools use the prefix).
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

interface KeyRow<T> {
  readonly read: (text: string) => T | undefined;
  readonly initial: T;
  readonly expects: string;
  readonly doc: string;
}

const text = (initial: string, doc: string): KeyRow<string> => ({ read: (value) => value, initial, expects: 'text', doc });
const flag = (initial: boolean, doc: string): KeyRow<boolean> => ({
  read: (value) => ({ true: true, '1': true, yes: true, false: false, '0': false, no: false })[value.toLowerCase()],
  initial,
  expects: 'true or false',
  doc,
});
const integer = (initial: number, [low, high]: readonly [number, number], doc: string): KeyRow<number> => ({
  read: (value) => (/^-?\d{1,9}$/.test(value) && Number(value) >= low && Number(value) <= high ? Number(value) : undefined),
  initial,
  expects: `a whole number from ${low} to ${high}`,
  doc,
});
const list = (initial: readonly string[], doc: string): KeyRow<readonly string[]> => ({
  read: (value) => value.split(/[\s,]+/).filter((part) => part !== ''),
  initial,
  expects: 'a list, separated by commas',
  doc,
});

const CORES = availableParallelism();

/** The table itself. The environment's name of `publicAddresses` is MAILSTEAD_PUBLIC_ADDRESSES. */
export const CONFIG_KEYS = {
  data: text('/var/lib/mailstead', 'Folder of all data.'),
  listen: list(['::'], 'Addresses to listen on; :: means every address, IPv4 included.'),
  portOffset: integer(0, [0, 50_000], 'Added to every listening port.'),
  trial: flag(false, 'Trial: loopback is exempt from connection, rate and delay limits; private next hops are allowed.'),
  allowPrivateNextHops: flag(false, 'Deliver to MX hosts on loopback and private addresses.'),
  resolver: list([], 'DNS servers as address or address:port; empty = those of /etc/resolv.conf.'),
  outboundPort: integer(25, [1, 65_535], 'Port of other mail servers.'),
  publicAddresses: list([], 'Addresses under which the world reaches this machine; empty = those of its interfaces.'),
  logLevel: text('info', 'trace, debug, info, warn, error or fatal.'),
  protocolThreads: integer(Math.max(1, Math.min(CORES, 16)), [1, 64], 'Threads for SMTP, IMAP and POP3.'),
  storeThreads: integer(Math.max(2, Math.min(2 * CORES, 8)), [1, 32], 'Threads that write mailboxes.'),
  readerThreads: integer(Math.max(1, Math.min(CORES, 16)), [1, 64], 'Threads that read mailboxes.'),
  stopSeconds: integer(10, [1, 300], 'How long a stop waits for running work.'),
} as const;

type Keys = typeof CONFIG_KEYS;
export type Config = { readonly [K in keyof Keys]: Keys[K] extends KeyRow<infer T> ? T : never };

export interface ConfigSources {
  /** Contents of the configuration file (JSON with comments), if there is one. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line; strongest. */
  readonly overrides: Readonly<Partial<Record<keyof Keys, string>>>;
}

/** The frozen configuration, or every mistake in words. */
export function readConfig(sources: ConfigSources): { readonly config: Config } | { readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  const fromFile = parseFile(sources.file, mistakes);
  for (const [key, row] of Object.entries(CONFIG_KEYS) as [keyof Keys, KeyRow<unknown>][]) {
    const given = sources.overrides[key] ?? sources.environment[environmentName(key)] ?? fileText(fromFile[key]);
    const value = given === undefined ? row.initial : row.read(given);
    if (value === undefined) mistakes.push(`${key}: expected ${row.expects}, got "${given}"`);
    values[key] = value;
  }
  for (const key of Object.keys(fromFile)) {
    if (!(key in CONFIG_KEYS)) mistakes.push(`${key}: no such setting`);
  }
  if (mistakes.length > 0) return { mistakes };
  values['data'] = resolve(values['data'] as string);
  return { config: Object.freeze(values) as Config };
}

/** `publicAddresses` -> MAILSTEAD_PUBLIC_ADDRESSES */
export function environmentName(key: string): string {
  return `MAILSTEAD_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function parseFile(file: string | undefined, mistakes: string[]): Record<string, unknown> {
  if (file === undefined) return {};
  const errors: ParseError[] = [];
  const parsed: unknown = parse(file, errors, { allowTrailingComma: true });
  for (const error of errors) mistakes.push(`configuration file, offset ${error.offset}: ${printParseErrorCode(error.error)}`);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    if (errors.length === 0) mistakes.push('configuration file: expected an object');
    return {};
  }
  return parsed as Record<string, unknown>;
}

function fileText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(',') : String(value);
}
