/**
 * Gives back what a thread's start left behind: loading its modules fills a heap with garbage that V8 keeps for hours in a
 * thread that does little. One full collection per thread, once, is a quarter of an idle server's memory
 * (decisions/0003-memory-and-start.md).
 *
 * 1. It runs once, some seconds after the thread is ready, and takes 10 to 30 ms.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const AFTER_MS = 5_000;

type Collect = (how: { readonly type: 'major'; readonly execution: 'sync'; readonly flavor: 'last-resort' }) => void;

/** To be called when the thread is ready. */
export function releaseStartMemory(afterMs: number = AFTER_MS): void {
  setTimeout(collect, afterMs).unref();
}

function collect(): void {
  // The only way to V8's collector without a flag on the command line; `gc` exists in contexts made from then on.
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as Collect;
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
