/** Mail that comes by SMTP shows in the open panel by itself, and its story says what the wire did. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Lab, openLab } from '../support/lab.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { deliver } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let panel: PanelPage;

before(async () => {
  lab = opened.use(await openLab({ accounts: ['alice'] }));
  panel = await opened.use(await PanelBrowser.open(lab.daemon)).signedIn('/messages');
});
after(() => opened.disposeAsync());

test('a message that arrives waits behind "1 new", and opens its story by keyboard', async () => {
  await panel.page.getByRole('heading', { name: 'No message yet' }).waitFor();
  assert.match(await deliver(lab.daemon, { to: 'alice@own.test', subject: 'Order 20418' }), /^250 /);
  await panel.press('button', '1 new');
  await panel.press('link', /Order 20418/);
  await panel.heading('In the mailbox of alice@own.test.');
  const story = panel.page.getByRole('list', { name: 'What happened' });
  await story.getByText('Put into the mailbox of alice@own.test').waitFor();
  await panel.page.getByText('Order-20418@far.test').waitFor();
  assert.deepEqual(await panel.accessFaults(), []);
  assert.match(new URL(panel.page.url()).pathname, /^\/messages\/\w+$/);
});

test('a message that is turned away says so, with our words', async () => {
  assert.match(await deliver(lab.daemon, { to: 'nobody@own.test', subject: 'Unread' }), /^550 /);
  await panel.press('button', '1 new');
  await panel.press('link', /nobody@own\.test/);
  await panel.heading(/^Turned away\./);
  await panel.page.getByText('550 5.1.1 There is no such address here').waitFor();
});

test('searched by address, the list holds what fits; a link to a story opens it alone', async () => {
  await panel.fill('searchbox', 'Search messages', 'alice@own.test');
  await panel.page.getByRole('link', { name: /nobody@own\.test/ }).waitFor({ state: 'detached' });
  await panel.press('link', /Order 20418/);
  await panel.heading('In the mailbox of alice@own.test.');
  const { pathname } = new URL(panel.page.url());
  await panel.goTo(pathname);
  await panel.heading('In the mailbox of alice@own.test.');
});

test('the overview counts what came while it is open', async () => {
  await panel.goTo('/');
  const delivered = panel.page.getByText('Delivered to mailboxes').locator('xpath=..').getByRole('definition');
  assert.equal(await delivered.textContent(), '1');
  await deliver(lab.daemon, { to: 'alice@own.test', subject: 'Order 20419' });
  await delivered.getByText('2', { exact: true }).waitFor();
});
