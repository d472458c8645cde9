/** Stops the daemon of a data directory, in order if it can, and says whether one ran. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { tryDataLock } from '../../daemon/assembly/data-lock.ts';
import { isDataDir } from '../../daemon/cli/data-directory.ts';

const STOP_MS = 30_000;
const LOOK_MS = 50;

/** False when none runs. Throws when it cannot be told which process it is, or it does not end. */
export async function stopDaemon(dataDir: string): Promise<boolean> {
  if (!isDataDir(dataDir) || isFree(dataDir)) return false;
  const pid = pidOf(dataDir);
  if (pid === undefined) {
    // A command on a stopped daemon holds the lock too, for a moment.
    if (await untilFree(dataDir, 5_000)) return false;
    throw new Error(`Something works with ${dataDir}, and there is no run/mailstead.pid to stop it by`);
  }
  process.kill(pid, 'SIGTERM');
  if (await untilFree(dataDir, STOP_MS)) return true;
  process.kill(pid, 'SIGKILL');
  if (await untilFree(dataDir, 5_000)) return true;
  throw new Error(`Process ${pid} does not end`);
}

async function untilFree(dataDir: string, patienceMs: number): Promise<boolean> {
  const untilMs = Date.now() + patienceMs;
  while (!isFree(dataDir)) {
    if (Date.now() > untilMs) return false;
    await wait(LOOK_MS);
  }
  return true;
}

function isFree(dataDir: string): boolean {
  const lock = tryDataLock(dataDir);
  lock?.release();
  return lock !== undefined;
}

/** The process that wrote the pid file, if it still is one of ours. */
function pidOf(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataDir, 'run', 'mailstead.pid'), 'utf8'));
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return Number.isInteger(pid) && pid > 1 && command.includes('daemon/cli/main.ts') ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
