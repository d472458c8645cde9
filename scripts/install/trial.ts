/**
 * A trial's daemon: starts it in the background, waits until every port answers, says what there is; or stops it.
 *
 * 1. Everything of a trial lies in its folder; how it starts stands in DIR/mailstead.jsonc.
 * 2. Whether a daemon runs is told by the lock of the folder, never by the pid file alone.
 * 3. Started again, it is stopped first: same data, new program.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { DaemonStatus } from '../../daemon/assembly/status.ts';
import { CONFIG_NAME, isDataDir } from '../../daemon/cli/data-directory.ts';
import { asFailure } from '../../daemon/cli/failure.ts';
import { connectDaemon } from '../../daemon/cli/server-connection.ts';
import { lastSentence, logTail } from './log-tail.ts';
import { stopDaemon } from './stop-daemon.ts';
import { allPortsAnswer, trialSummary } from './trial-summary.ts';

const READY_MS = 60_000;
const LOOK_MS = 100;
const PROGRAM = fileURLToPath(new URL('../../daemon/cli/main.ts', import.meta.url));
const CONFIG = `// How this trial starts. Ports are the usual ones plus portOffset.
{
  "trial": true,
  "listen": ["127.0.0.1", "::1"],
  "portOffset": 10000
}
`;

const [action, dirGiven = 'trial', ...serveOptions] = process.argv.slice(2);
const dir = resolve(dirGiven);
process.umask(0o077);
try {
  if (action === 'stop') await stop();
  else await start();
} catch (error) {
  const { message, hint } = asFailure(error);
  tell(`\n${message}.${hint === undefined ? '' : `\n${hint}.`}`);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  if (existsSync(dir) && !isDataDir(dir) && readdirSync(dir).length > 0)
    throw new Error(`${shown()} holds files that are not ours. Name another folder`);
  for (const folder of [dir, join(dir, 'log'), join(dir, 'run')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(join(dir, CONFIG_NAME))) writeFileSync(join(dir, CONFIG_NAME), CONFIG, { mode: 0o600 });
  if (await stopDaemon(dir)) say('Stopping the trial that runs there');
  rmSync(join(dir, 'run', 'boot.json'), { force: true });
  say(`Starting Mailstead in ${shown()}`);
  const log = join(dir, 'log', 'mailstead.log');
  const from = existsSync(log) ? statSync(log).size : 0;
  const child = launch(log);
  const problem = await untilReady(child);
  if (problem !== undefined) {
    if (child.exitCode === null) await stopDaemon(dir);
    const told = lastSentence(log, from);
    tell(`\nThe trial did not start. ${told ?? `What is known: ${problem}.`}`);
    tell(`\nThe end of its log, ${relative('.', log)}:\n\n${logTail(log, from)}`);
    process.exitCode = 1;
    return;
  }
  child.unref();
  process.stdout.write(await trialSummary(dir, shown()));
}

async function stop(): Promise<void> {
  if (!isDataDir(dir)) throw new Error(`There is no trial in ${shown()}`);
  say((await stopDaemon(dir)) ? `The trial in ${shown()} is stopped. Its data stays.` : `The trial in ${shown()} is stopped already.`);
}

function launch(log: string): ChildProcess {
  const out = openSync(log, 'a', 0o600);
  const options = [...(hasIpv6Loopback() ? [] : ['--listen', '127.0.0.1']), ...serveOptions];
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, '--data', dir, 'serve', ...options], {
    detached: true,
    stdio: ['ignore', out, out],
    env: { ...process.env, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(dir, 'cache') },
  });
}

/** The sentence that says why it did not start; undefined once every port answers. */
async function untilReady(child: ChildProcess): Promise<string | undefined> {
  const untilMs = Date.now() + READY_MS;
  let state = 'it does not answer yet';
  while (Date.now() < untilMs) {
    if (child.exitCode !== null || child.signalCode !== null) return 'it ended';
    const status = existsSync(join(dir, 'run', 'boot.json')) ? await statusOf() : undefined;
    if (status !== undefined) {
      const [broken] = Object.entries(status.ports).filter(([, port]) => port !== 'ok');
      if (status.ready && (await allPortsAnswer(dir))) return undefined;
      if (broken !== undefined) state = `${broken[0]}: ${broken[1]}`;
    }
    await wait(LOOK_MS);
  }
  return state;
}

async function statusOf(): Promise<DaemonStatus | undefined> {
  const daemon = await connectDaemon(dir);
  try {
    return (await daemon?.call('status', {})) as DaemonStatus | undefined;
  } finally {
    await daemon?.close();
  }
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1') === true);
}

function shown(): string {
  const near = relative('.', dir);
  return near.startsWith('..') ? dir : `./${near}`;
}

function say(text: string): void {
  process.stdout.write(`  ${text}\n`);
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
