/**
 * What counts on every page of the running panel: nothing for axe to find, nothing asked of other servers, the policy kept, nothing
 * wider than the screen.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PANEL_LOGIN, PASSWORD } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { submission } from '../support/mail-clients.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { deliver } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let browser: PanelBrowser;
let pages: readonly string[];

before(async () => {
  // Nobody listens at far.test: what goes there waits.
  lab = opened.use(await openLab({ accounts: ['alice', 'bob'] }));
  const { daemon } = lab;
  browser = opened.use(await PanelBrowser.open(daemon));
  await daemon.call('addAddress', { address: 'sales@own.test', targets: ['alice@own.test', 'tom@far.test'] });
  await deliver(daemon, { to: 'alice@own.test', subject: 'Order 20418' });
  await deliver(daemon, { to: 'nobody@own.test', subject: 'Unread' });
  await submission(daemon, 'alice@own.test').sendMail({
    from: 'alice@own.test',
    to: 'tom@far.test',
    subject: 'Contract',
    text: 'Hello Tom.',
  });
  const waiting = await eventually('a message waits', async () =>
    (await daemon.call('queue.list', {})).entries.find(({ subject }) => subject === 'Contract'),
  );
  const sections = ['own', 'sessions', 'tokens', 'audit', 'about'].map((section) => `/settings?section=${section}`);
  const lists = ['/', '/domains', '/mailboxes', '/forwarders', '/queue', '/messages', '/settings'];
  const things = ['/domains/own.test', '/mailboxes/1', `/messages/${waiting.id}`];
  pages = [...lists, ...things, ...sections, '/domains?add=1', '/mailboxes?create=1', '/forwarders?create=1', '/nowhere'];
});
after(() => opened.disposeAsync());

async function assertWell(panel: PanelPage, path: string): Promise<void> {
  await panel.goTo(path);
  if (/[?](?:add|create)=1/.test(path)) await panel.page.getByRole('dialog').getByRole('textbox').first().waitFor();
  assert.deepEqual(await panel.accessFaults(), [], `axe on ${path}`);
  assert.equal(
    await panel.page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)),
    0,
    `${path} is wider than the screen`,
  );
}

for (const [name, look] of [
  ['wide and light', {}],
  ['a phone, dark', { width: 390, height: 844, dark: true }],
] as const) {
  test(`every page of the host and the mailbox user: ${name}`, async () => {
    const host = await browser.signedIn('/', PANEL_LOGIN, look);
    for (const path of pages) await assertWell(host, path);
    host.assertQuiet();
    const user = await browser.signedIn('/', { login: 'alice@own.test', password: PASSWORD }, look);
    for (const path of ['/', '/settings']) await assertWell(user, path);
    user.assertQuiet();
  });
}
