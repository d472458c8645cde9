/** The socket between command line and daemon, with this process as the daemon. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAdminCalls } from '../../daemon/admin-socket/admin-calls.ts';
import { type AdminCall, startAdminSocket } from '../../daemon/admin-socket/admin-socket.ts';
import { findSocketPath } from '../../daemon/admin-socket/admin-socket-path.ts';
import { takeDataLock } from '../../daemon/assembly/data-lock.ts';
import { createLedgerServer } from '../../daemon/assembly/ledger-server.ts';
import { CommandFailure } from '../../daemon/cli/failure.ts';
import { connectDaemon } from '../../daemon/cli/server-connection.ts';
import { Conflict, Invalid, NotFound, Rejected, Unavailable } from '../../daemon/lib/errors.ts';
import { settledAdministration } from '../admin/administration.ts';
import { temporaryDirectory } from '../directory/temporary-control.ts';
import { runCommand } from './run-command.ts';

async function listen(t: TestContext, data: string, call: AdminCall): Promise<{ defects: unknown[]; path: string }> {
  const defects: unknown[] = [];
  const socket = await startAdminSocket(data, call, (error) => defects.push(error));
  t.after(() => socket.close());
  return { defects, path: socket.path };
}

test('the socket is its owner’s alone and answers one call after the other', async (t) => {
  const data = temporaryDirectory(t);
  const { path } = await listen(t, data, async (name, args) => ({ name, args }));
  assert.equal(path, join(data, 'run', 'admin.sock'));
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(path)).mode & 0o777, 0o700);
  const daemon = await connectDaemon(data);
  assert.ok(daemon);
  const long = 'x'.repeat(200_000);
  assert.deepEqual(await daemon.call('queue.show', { id: '1' }), { name: 'queue.show', args: { id: '1' } });
  assert.deepEqual(await daemon.call('queue.show', { id: long }), { name: 'queue.show', args: { id: long } });
  await daemon.close();
});

test('a directory with a long name has its socket elsewhere, and leaves nothing there', async (t) => {
  const data = join(temporaryDirectory(t), 'x'.repeat(120));
  mkdirSync(data);
  const socket = await startAdminSocket(data, async () => 'here');
  assert.ok(Buffer.byteLength(socket.path) <= 100);
  assert.equal(readFileSync(join(data, 'run', 'socket'), 'utf8').trim(), socket.path);
  assert.equal(findSocketPath(data), socket.path);
  assert.equal(statSync(dirname(socket.path)).mode & 0o777, 0o700);
  const daemon = await connectDaemon(data);
  assert.equal(await daemon?.call('status', {}), 'here');
  await daemon?.close();
  await socket.close();
  assert.equal(existsSync(dirname(socket.path)), false);
  assert.equal(await connectDaemon(data), undefined);
});

test('errors keep their kind; an unknown one stays with the daemon', async (t) => {
  const data = temporaryDirectory(t);
  const thrown: Record<string, Error> = {
    invalid: new Invalid('quota', 'No size'),
    not_found: new NotFound('Nobody'),
    exists: new Conflict('Already'),
    refused: new Rejected('No'),
    unavailable: new Unavailable('Later'),
    internal: new Error('secret detail'),
  };
  const { defects } = await listen(t, data, async (name) => {
    throw thrown[name] ?? new Error('?');
  });
  const exits = { invalid: 2, not_found: 4, exists: 5, refused: 6, unavailable: 75, internal: 75 };
  for (const [code, exit] of Object.entries(exits)) {
    const daemon = await connectDaemon(data);
    await assert.rejects(daemon?.call(code as 'status', {}) ?? Promise.resolve(), (error) => {
      assert.ok(error instanceof CommandFailure);
      assert.deepEqual([error.code, error.exit, error.field], [code, exit, code === 'invalid' ? 'quota' : undefined]);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    await daemon?.close();
  }
  assert.deepEqual(defects, [thrown['internal']]);
});

test('what is no request, or too large, ends the connection with a reason', async (t) => {
  const data = temporaryDirectory(t);
  let calls = 0;
  const { path } = await listen(t, data, async () => (calls += 1));
  for (const bytes of ['nonsense\n', '[]\n', '{"args":{}}\n', `{"name":"${'x'.repeat(1_100_000)}"}\n`]) {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(path, () => socket.write(bytes));
      socket.setEncoding('utf8').on('data', (part: string) => (text += part));
      // The rest of a request that is too large is not read: its writer may be reset after the answer.
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      socket.on('end', () => socket.end());
    });
    assert.match(answer, /^\{"error":\{"code":"invalid"/, bytes.slice(0, 20));
  }
  assert.equal(calls, 0);
});

test('commands ask the running daemon: use cases, queue, tracking, status', async (t) => {
  const { context, dataDir } = await settledAdministration(t);
  const ledger = createLedgerServer({ queuePath: join(dataDir, 'queue.db'), trackingPath: join(dataDir, 'tracking.db') });
  t.after(() => ledger.close());
  const { queue, tracking } = ledger;
  const asked: string[] = [];
  const calls = createAdminCalls({
    admin: context,
    queue: {
      list: queue.list,
      show: async (id) => queue.show(id),
      summary: async () => queue.summary(),
      retry: queue.retry,
      hold: (ids, reason) => queue.hold(ids, reason),
      release: queue.release,
      drop: (ids, options) => queue.drop(ids, options),
    },
    tracking: { list: async (filter) => tracking.list(filter), story: async (message, scope) => tracking.story(message, scope) },
    checkDomain: async (domain) => ({
      domain,
      delivers: asked.push(domain) > 1 ? null : false,
      checked_at: '2026-11-23T12:00:00.000Z',
      headline: 'Mail goes elsewhere',
      findings: [],
      mx: [],
      line: [],
    }),
    status: async () => ({ version: '1.2.3', ready: true, ports: { smtp: 'ok' }, threads: { 'store-0': 'ready' }, queue: queue.summary() }),
  });
  const lock = takeDataLock(dataDir);
  t.after(() => lock.release());
  await listen(t, dataDir, calls);
  const mailstead = (line: string) => runCommand(['--data', dataDir, ...line.split(' '), '--json']);

  assert.equal((await mailstead('domain add juniper.example')).json.state, 'proven');
  assert.equal((await mailstead('domain check juniper.example')).exit, 1);
  const unknown = await mailstead('domain check juniper.example');
  assert.equal(unknown.exit, 75);
  assert.deepEqual(Object.keys(unknown.json), ['domain', 'delivers', 'checked_at', 'headline', 'findings']);
  const status = await mailstead('status');
  assert.equal(status.exit, 0, status.stderr);
  assert.deepEqual(status.json, {
    version: '1.2.3',
    ready: true,
    ports: { smtp: 'ok' },
    queue: { messages: 0, recipients: 0, held: 0, oldest_at: null },
    threads: { 'store-0': 'ready' },
  });

  const id = await queue.put({
    sender: 'marta@juniper.example' as never,
    account: 7 as never,
    customer: 3 as never,
    origin: 'submission',
    vouched: true,
    smtpUtf8: false,
    eightBit: false,
    receivedAtMs: Date.UTC(2026, 10, 23),
    subject: 'Lanterns',
    messageId: '<1@juniper.example>',
    body: new TextEncoder().encode('Subject: Lanterns\r\n\r\nHello\r\n'),
    recipients: [{ address: 'ann@else.example' as never, original: 'ann@else.example' as never, destination: { kind: 'remote' } }],
  });
  const [row] = (await mailstead('queue list')).json;
  assert.deepEqual([row.id, row.recipient, row.received_at, row.state], [id, 'ann@else.example', '2026-11-23T00:00:00.000Z', 'waiting']);
  assert.deepEqual([row.account, row.customer, row.recipient_number], ['7', '3', 0]);
  const shown = (await mailstead(`queue show ${id}`)).json;
  assert.match(shown.header, /^Subject: Lanterns/);
  assert.deepEqual([shown.account, shown.customer], ['7', '3']);
  assert.deepEqual((await mailstead(`queue hold ${id} --reason why`)).json, { recipients: 1 });
  assert.equal((await mailstead('queue list')).json[0].held, 'why');
  assert.deepEqual((await mailstead(`queue release ${id}`)).json, { recipients: 1 });
  assert.deepEqual((await mailstead(`queue drop ${id}`)).json, { recipients: 1 });
  const story = await mailstead(`track ${id}`);
  assert.deepEqual(
    story.json.map((event: { kind: string }) => event.kind),
    ['held', 'released', 'dropped'],
  );
  assert.equal((await mailstead('track ann@else.example')).json[0].state, 'dropped');
});

test('while another process holds the directory a command waits, then says so', async (t) => {
  const data = temporaryDirectory(t);
  const lock = takeDataLock(data);
  t.after(() => lock.release());
  assert.throws(() => takeDataLock(data), Unavailable);
  const ran = await runCommand(['--data', data, 'domain', 'list']);
  assert.equal(ran.exit, 75);
  assert.match(ran.stderr, /Another command or a starting server/);
});
