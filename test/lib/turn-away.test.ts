import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { turnAway } from '../../daemon/lib/turn-away.ts';

test('a client that is refused and stays holds no connection of ours', async (t) => {
  const accepted = Promise.withResolvers<Socket>();
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    turnAway(socket, 'too many\r\n');
    accepted.resolve(socket);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect({ port: (listener.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => {
    client.destroy();
    listener.close();
  });
  const [heard] = (await once(client, 'data')) as [Buffer];
  assert.equal(heard.toString(), 'too many\r\n');
  const socket = await accepted.promise;
  if (!socket.closed) await once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
});
