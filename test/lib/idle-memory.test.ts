/** Collections of a quiet thread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const module = new URL('../../daemon/lib/idle-memory.ts', import.meta.url).href;

/** Heap sizes [before, after] of a thread that made garbage at the time that `code` says. */
async function heapOf(code: string): Promise<[number, number]> {
  const worker = new Worker(`const { parentPort, workerData } = require('node:worker_threads');${code}`, {
    eval: true,
    workerData: module,
  });
  const sizes = await new Promise<[number, number]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  return sizes;
}

const WASTE = `let kept = Array.from({ length: 400_000 }, (_, n) => ({ n: String(n) }));
  const before = process.memoryUsage().heapTotal;
  kept = undefined;
  const whenSmall = () => {
    const after = process.memoryUsage().heapTotal;
    if (after < before / 2) parentPort.postMessage([before, after]);
    else setTimeout(whenSmall, 20);
  };
  whenSmall();`;

test('a thread that did much at its start gives the memory back', { timeout: 20_000 }, async () => {
  const [before, after] = await heapOf(
    `import(workerData).then(({ keepIdleMemoryLow }) => { keepIdleMemoryLow(0, 3_600_000); ${WASTE} });`,
  );
  assert.ok(after < before / 2);
});

test('a thread that is quiet after a burst gives the memory back', { timeout: 20_000 }, async () => {
  const [before, after] = await heapOf(
    `import(workerData).then(({ keepIdleMemoryLow }) => { keepIdleMemoryLow(0, 300); setTimeout(() => { ${WASTE} }, 100); });`,
  );
  assert.ok(after < before / 2);
});
