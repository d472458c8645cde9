/**
 * Gives memory back that a thread no longer uses: loading modules and a burst of work fill a heap with garbage that V8 keeps for
 * hours in a thread that does little afterwards. A full collection when it is quiet is a quarter of an idle server's memory
 * (decisions/0003-memory-and-start.md).
 *
 * 1. The first runs some seconds after the thread is ready, further ones only when the heap has grown by GROWN_BYTES since the
 *    last and the thread was quiet for a whole period: a busy thread is never stopped for it.
 * 2. A collection takes 10 to 30 ms.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const FIRST_MS = 5_000;
const PERIOD_MS = 15_000;
const QUIET_UTILIZATION = 0.05;
const GROWN_BYTES = 6 * 1024 * 1024;

type Collect = (how: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void;

/** To be called when the thread is ready; goes on as long as the thread lives and never keeps it alive. */
export function keepIdleMemoryLow(firstMs: number = FIRST_MS, periodMs: number = PERIOD_MS): void {
  let heldBytes = 0;
  let seen: EventLoopUtilization = performance.eventLoopUtilization();
  const collectNow = (): void => {
    collect();
    heldBytes = getHeapStatistics().total_physical_size;
  };
  const whenQuiet = (): void => {
    const now = performance.eventLoopUtilization();
    const isQuiet = performance.eventLoopUtilization(now, seen).utilization < QUIET_UTILIZATION;
    seen = now;
    if (isQuiet && getHeapStatistics().total_physical_size > heldBytes + GROWN_BYTES) collectNow();
  };
  setTimeout(collectNow, firstMs).unref();
  setInterval(whenQuiet, periodMs).unref();
}

function collect(): void {
  // The only way to V8's collector without a flag on the command line; `gc` exists in contexts made from then on.
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as Collect;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
