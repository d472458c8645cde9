/** The panel as a whole: what its first page weighs, the way in, and the palette that leads everywhere. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PANEL_LOGIN } from '../support/daemon.ts';
import { openLab } from '../support/lab.ts';
import { PanelBrowser } from '../support/panel-browser.ts';

const FIRST_PAGE_BYTES_MAX = 200 * 1024;
const opened = new AsyncDisposableStack();
let browser: PanelBrowser;

before(async () => {
  const lab = opened.use(await openLab({ accounts: ['alice', 'bob'] }));
  browser = opened.use(await PanelBrowser.open(lab.daemon));
});
after(() => opened.disposeAsync());

test('the first page needs at most 200 KB of script and style, compressed', async () => {
  const panel = await browser.visit('/');
  const sizes = new Map<string, number>();
  panel.page.on('response', async (response) => {
    if (/\.(?:js|css)$/.test(new URL(response.url()).pathname) && response.ok())
      sizes.set(response.url(), gzipSync(await response.body()).length);
  });
  await panel.page.reload();
  await panel.signIn(PANEL_LOGIN.login, PANEL_LOGIN.password);
  await panel.heading(/^Ready for mail\./);
  await panel.page.waitForLoadState('load');
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 20_000 && bytes <= FIRST_PAGE_BYTES_MAX, `${bytes} bytes in ${sizes.size} files`);
});

test('a wrong password is told at its field; then the page that was asked for opens', async () => {
  const panel = await browser.visit('/mailboxes?q=bob');
  panel.expectNotes(/status of 401/);
  const { page } = panel;
  await panel.fill('textbox', 'Address', PANEL_LOGIN.login);
  await panel.tabTo(page.getByLabel('Password', { exact: true }));
  await page.keyboard.type('not this one');
  await page.keyboard.press('Enter');
  await page
    .getByRole('alert')
    .getByText(/do not match/)
    .waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'password');
  assert.deepEqual(await panel.accessFaults(), []);
  await page.keyboard.type(PANEL_LOGIN.password);
  await page.keyboard.press('Enter');
  await panel.heading('One mailbox fits “bob”');
  assert.equal(new URL(page.url()).search, '?q=bob');
});

test('the palette finds a mailbox and opens it; Tab offers what can be done with it', async () => {
  const panel = await browser.signedIn('/');
  const { keyboard } = panel.page;
  await keyboard.press('Control+k');
  await keyboard.type('bob@');
  await panel.page.getByRole('option', { name: /^bob@own\.test/ }).waitFor();
  await keyboard.press('Enter');
  await panel.heading('bob@own.test is in order');
  await keyboard.press('Control+k');
  await keyboard.type('alice@own');
  await panel.page.getByRole('option', { name: /^alice@own\.test/ }).waitFor();
  assert.deepEqual(await panel.accessFaults(), []);
  await keyboard.press('Tab');
  await panel.page.getByRole('option', { name: 'New password for alice@own.test' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await panel.dialog('New password for alice@own.test');
});
