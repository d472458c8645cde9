/**
 * CPU time and syncs of a server: the sum over its processes, children that ended included.
 *
 * 1. A child that ended counts in its parent's cutime and cstime, so a tree's sum only grows.
 * 2. The kernel's own threads (journal, writeback) belong to no server and are counted for neither.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

const MS_A_TICK = 10;

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
}

/** Milliseconds of CPU that the trees under `roots` have used so far. */
export function treeCpuMs(roots: readonly number[]): number {
  const times = allTimes();
  return treeOf(roots, times).reduce((sum, pid) => sum + (times.get(pid)?.ticks ?? 0), 0) * MS_A_TICK;
}

/** The processes under `roots`, with them. */
export function treePids(roots: readonly number[]): number[] {
  return treeOf(roots, allTimes());
}

function treeOf(roots: readonly number[], times: ReadonlyMap<number, ProcessTimes>): number[] {
  const found = new Set(roots);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [pid, { parent }] of times) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function allTimes(): Map<number, ProcessTimes> {
  const times = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The program's name, in brackets, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
      times.set(Number(name), { parent: Number(fields[1]), ticks });
    } catch {
      // It ended between the two looks.
    }
  }
  return times;
}

/** Resident memory of the trees under `roots`, in MB; pages that processes share count for each of them. */
export function treeResidentMb(roots: readonly number[]): number {
  let kib = 0;
  for (const pid of treePids(roots)) {
    try {
      kib += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch {
      // It ended between the two looks.
    }
  }
  return kib / 1024;
}

/** Counts fsync and fdatasync calls by perf; undefined where perf is missing or not allowed. */
export class SyncCounter {
  readonly #perf: ChildProcess;
  #report = '';

  constructor(roots: readonly number[]) {
    const events = 'syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync,syscalls:sys_enter_sync_file_range';
    this.#perf = spawn('perf', ['stat', '-x', ',', '-e', events, '-p', treePids(roots).join(',')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#perf.stderr?.on('data', (text: Buffer) => {
      this.#report += text.toString();
    });
    this.#perf.on('error', () => undefined);
  }

  async end(): Promise<number | undefined> {
    if (this.#perf.pid === undefined) return undefined;
    if (this.#perf.exitCode === null) {
      const closed = once(this.#perf, 'close');
      this.#perf.kill('SIGINT');
      await closed;
    }
    const counts = [...this.#report.matchAll(/^(\d+),/gm)].map((match) => Number(match[1]));
    return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
  }
}
