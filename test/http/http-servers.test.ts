import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fastify from 'fastify';
import { createPlainServer } from '../../daemon/http/http-servers.ts';
import { eventually } from '../support/eventually.ts';

test('one client network does not take all connections, except on loopback in the trial', async (t) => {
  const app = fastify();
  await app.ready();
  for (const [exemptLoopback, expected] of [
    [false, 400],
    [true, 410],
  ] as const) {
    const server = createPlainServer(app, { exemptLoopback }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const open = new Set<Socket>();
    const clients = Array.from({ length: 410 }, () => {
      const client = connect(port, '127.0.0.1').resume();
      client.on('error', () => client.destroy()).once('close', () => open.delete(client));
      return open.add(client) && client;
    });
    t.after(() => {
      for (const client of clients) client.destroy();
      server.close();
    });
    await Promise.all(clients.map((client) => (client.connecting ? once(client, 'connect') : undefined)));
    await eventually('the connections beyond the limit to be gone', () => open.size === expected);
    clients[0]?.destroy();
    await eventually('room for another', async () => {
      const next = connect(port, '127.0.0.1').on('error', () => undefined);
      next.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      let answer = '';
      for await (const chunk of next.on('error', () => undefined)) answer += chunk;
      return answer.startsWith('HTTP/1.1 404');
    });
  }
});

test('a connection opened ahead that waits too long is closed without an answer that its first request would be given', async (t) => {
  const app = fastify();
  await app.ready();
  const server = createPlainServer(app, { exemptLoopback: true });
  Object.assign(server, { headersTimeout: 10, requestTimeout: 10 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  t.after(() => client.destroy());
  const timedOut = once(server, 'clientError');
  let heard = '';
  client.on('data', (chunk) => {
    heard += chunk;
  });
  await Promise.all([timedOut, once(client, 'close')]);
  assert.equal(heard, '');
});
