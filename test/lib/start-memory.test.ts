/** One collection after the start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

test('a thread that did much at its start gives the memory back', async () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData).then(({ releaseStartMemory }) => {
      let kept = Array.from({ length: 400_000 }, (_, n) => ({ n: String(n) }));
      const before = process.memoryUsage().heapTotal;
      kept = undefined;
      releaseStartMemory(0);
      setTimeout(() => parentPort.postMessage([before, process.memoryUsage().heapTotal]), 50);
    });`;
  const module = new URL('../../daemon/lib/start-memory.ts', import.meta.url).href;
  const worker = new Worker(code, { eval: true, workerData: module });
  const [before, after] = await new Promise<[number, number]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  assert.ok(after < before / 2, `${before} -> ${after}`);
});
