/** Flow 3 over real sockets: a click in the panel makes a mailbox, every open panel hears of it, and it works at once on the wire. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CreatedMailbox, LiveEvent } from '../../daemon/http/contract/api.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { PanelClient } from '../support/panel-client.ts';

let lab: Lab;
before(async () => {
  lab = await openLab({ accounts: [] });
});
after(() => lab[Symbol.asyncDispose]());

const CARLA = { address: 'carla@own.test', name: 'Carla', password: 'orchard-lantern-9' };

async function nextOf(events: AsyncGenerator<LiveEvent>, kind: LiveEvent['kind']): Promise<LiveEvent> {
  for await (const event of events) if (event.kind === kind) return event;
  throw new Error('the stream of events ended');
}

test('a mailbox made in the panel is told to every open panel and takes log-ins at once', async () => {
  const { daemon, network } = lab;
  const [clicking, watching] = [await PanelClient.signedIn(daemon), await PanelClient.signedIn(daemon)];
  const events = await watching.events();
  const heard = nextOf(events, 'changed');
  const { status, body } = await clicking.ask<CreatedMailbox>('POST', '/mailboxes', CARLA);
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.mailbox.address, CARLA.address);
  assert.equal(body.password, null);
  const told = await heard;
  assert.equal('resource' in told ? told.resource : undefined, 'mailboxes');
  await events.return(undefined);
  const audit = await daemon.call('listAudit', {});
  assert.match(JSON.stringify(audit), /carla@own\.test/);

  const imaps = body.settings.servers.find(({ port }) => port === daemon.port('imaps'));
  assert.ok(imaps !== undefined, `the settings name the port of IMAP: ${JSON.stringify(body.settings)}`);
  using imap = await LineClient.open({ host: network.own, port: imaps.port, tls: true });
  await imap.line();
  assert.match((await imap.imap('LOGIN carla@own.test wrong-password')).at(-1) ?? '', /^t1 NO \[AUTHENTICATIONFAILED\]/);
  assert.match((await imap.imap(`LOGIN carla@own.test ${CARLA.password}`)).at(-1) ?? '', /^t2 OK/);
  const folders = (await imap.imap('LIST "" *')).join('\n');
  for (const use of ['Drafts', 'Sent', 'Junk', 'Trash', 'Archive']) assert.match(folders, new RegExp(`\\\\${use}\\b.*"?${use}"?`));
});

test('no click without log-in, without the CSRF token, with a wrong body, or twice', async () => {
  const panel = await PanelClient.signedIn(lab.daemon);
  const stranger = new PanelClient(lab.daemon);
  assert.equal((await stranger.ask('POST', '/mailboxes', CARLA)).status, 401);
  const withoutToken = new PanelClient(lab.daemon);
  withoutToken.cookie = panel.cookie;
  assert.equal((await withoutToken.ask('POST', '/mailboxes', { ...CARLA, address: 'dora@own.test' })).status, 403);
  assert.equal((await panel.ask('POST', '/mailboxes', { address: 'no address' })).status, 400);
  assert.equal((await panel.ask('POST', '/mailboxes', CARLA)).status, 409);
  assert.equal((await panel.ask('POST', '/mailboxes', { ...CARLA, address: 'dora@elsewhere.test' })).status, 404);
});

test('a mailbox that is removed in the panel is gone on the wire', async () => {
  const { daemon, network } = lab;
  const panel = await PanelClient.signedIn(daemon);
  const list = await panel.ask<{ items: { id: string; address: string }[] }>('GET', '/mailboxes');
  const carla = list.body.items.find(({ address }) => address === CARLA.address);
  using open = await LineClient.open({ host: network.own, port: daemon.port('imaps'), tls: true });
  await open.line();
  await open.imap(`LOGIN ${CARLA.address} ${CARLA.password}`);
  assert.equal((await panel.ask('DELETE', `/mailboxes/${carla?.id}`)).status, 200);
  await open.over();
  using mx = await LineClient.open({ host: network.own, port: daemon.port('smtp') });
  await mx.reply();
  await mx.say('EHLO mx.far.test');
  await mx.say('MAIL FROM:<zoe@far.test>');
  assert.match(await mx.say(`RCPT TO:<${CARLA.address}>`), /^550 5\.1\.1 /);
});
