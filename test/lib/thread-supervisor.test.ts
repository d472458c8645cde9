import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { Unavailable } from '../../daemon/lib/errors.ts';
import { ThreadSupervisor } from '../../daemon/lib/thread-supervisor.ts';

async function start(): Promise<{ supervisor: ThreadSupervisor; heard: EventEmitter }> {
  const heard = new EventEmitter();
  const supervisor = new ThreadSupervisor(
    [{ role: 'store', count: 2, entry: new URL('./fixture-worker.ts', import.meta.url), boot: { greeting: 'hello' } }],
    {},
    {
      onNotice: (_role, index, name, value) => heard.emit(name, index, value),
      onDied: (_role, index) => heard.emit('died', index),
      onHopeless: () => heard.emit('hopeless'),
      onDefect: () => undefined,
    },
  );
  await supervisor.whenReady();
  return { supervisor, heard };
}

test('calls reach the thread they are meant for and come back', async () => {
  const { supervisor } = await start();
  const answers = await Promise.all(supervisor.slots('store').map((slot) => slot.call('greet', 'you')));
  assert.deepEqual(answers, ['hello you from 0', 'hello you from 1']);
  await supervisor.stop(['store'], 1000);
});

test('bytes are moved, streams arrive whole, and an early leave ends them', async () => {
  const { supervisor } = await start();
  const slot = supervisor.slots('store')[0];
  assert.ok(slot);
  const { data } = await slot.call<{ data: Uint8Array }>('bytes', 100_000);
  assert.equal(data.length, 100_000);
  const seen: number[] = [];
  for await (const page of slot.stream<number>('count', 1000)) seen.push(page);
  assert.equal(seen.length, 1000);
  for await (const page of slot.stream<number>('count', 1_000_000)) if (page > 20) break;
  assert.equal(await slot.call('greet', 'again'), 'hello again from 0');
  await supervisor.stop(['store'], 1000);
});

test('a dead thread fails its open calls as Unavailable and is replaced', async () => {
  const { supervisor, heard } = await start();
  const slot = supervisor.slots('store')[1];
  assert.ok(slot);
  const died = once(heard, 'died');
  await assert.rejects(slot.call('die'), Unavailable);
  assert.deepEqual(await died, [1]);
  await supervisor.whenReady();
  assert.equal(await slot.call('greet', 'you'), 'hello you from 1');
  await supervisor.stop(['store'], 1000);
});

test('three deaths within a minute are hopeless', async () => {
  const { supervisor, heard } = await start();
  const hopeless = once(heard, 'hopeless');
  for (let death = 0; death < 3; death++) {
    await supervisor.whenReady();
    const died = once(heard, 'died');
    await assert.rejects(async () => supervisor.slots('store')[0]?.call('die'), Unavailable);
    await died;
  }
  await hopeless;
  assert.equal(await supervisor.stop(['store'], 1000), false, 'a stop after that is not orderly');
});

test('a notice is acknowledged by every thread', async () => {
  const { supervisor, heard } = await start();
  const values: unknown[] = [];
  heard.on('heard', (index, value) => values.push([index, value]));
  await supervisor.broadcast('level', 'debug');
  assert.equal(values.length, 2);
  assert.equal(await supervisor.stop(['store'], 1000), true, 'every thread ended by itself');
});
