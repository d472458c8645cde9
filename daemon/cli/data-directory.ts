/** Which data directory a command is about, and becoming its owner. */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandFailure } from './failure.ts';

const INSTALLED = '/var/lib/mailstead';
/** The file that says how the daemon of a directory starts; a trial has one. */
export const CONFIG_NAME = 'mailstead.jsonc';

/** `--data`, else $MAILSTEAD_DATA, else ./trial if it is one, else the installed server's. */
export function chooseDataDir(given: string | undefined, environment: Readonly<Record<string, string | undefined>>): string {
  const named = given ?? environment['MAILSTEAD_DATA'];
  if (named !== undefined && named !== '') return resolve(named);
  const trial = resolve('trial');
  return isDataDir(trial) ? trial : INSTALLED;
}

/** Something of ours lies there. */
export function isDataDir(dir: string): boolean {
  return existsSync(join(dir, 'control.db')) || existsSync(join(dir, CONFIG_NAME));
}

/**
 * Root takes on the identity of the directory's owner, so that no file in it ends up belonging to root. Anyone else must be the owner.
 */
export function becomeOwner(dataDir: string): void {
  const { uid, gid } = statSync(dataDir);
  const self = process.geteuid?.() ?? uid;
  if (self === uid) return;
  if (self !== 0 || process.setgroups === undefined || process.setgid === undefined || process.setuid === undefined) throw notOurs(dataDir);
  process.setgroups([gid]);
  process.setgid(gid);
  process.setuid(uid);
}

export function notOurs(dataDir: string): CommandFailure {
  return new CommandFailure({ code: 'refused', message: `${dataDir} belongs to someone else` }, 'Run this command with sudo');
}
