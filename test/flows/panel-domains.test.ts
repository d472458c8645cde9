/** A domain in the panel: added, looked up, its records published as the page gives them, checked again, removed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Lab, openLab } from '../support/lab.ts';
import { PanelBrowser } from '../support/panel-browser.ts';
import { recipientAnswer } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let browser: PanelBrowser;

before(async () => {
  lab = opened.use(
    await openLab({
      accounts: [],
      zones: () => ({ 'bakery.test': ['@ IN MX 5 mail.oldhost.test.'], 'oldhost.test': ['mail IN A 192.0.2.77'] }),
    }),
  );
  browser = opened.use(await PanelBrowser.open(lab.daemon));
});
after(() => opened.disposeAsync());

test('a domain is added, told apart from good, mended with its own records, and removed', async () => {
  const { daemon, names } = lab;
  const panel = await browser.signedIn('/domains');
  await panel.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  assert.match(await recipientAnswer(daemon, 'hello@bakery.test'), /^55\d 5\.7\.1 /);
  await panel.press('button', 'Add domain');
  await panel.dialog('Add domain');
  await panel.fill('textbox', 'Domain', 'bakery.test');
  await panel.page.keyboard.press('Enter');
  await panel.toast('bakery.test is added. Its records come next.');
  await panel.heading('Mail for bakery.test goes to another server');
  assert.match(await recipientAnswer(daemon, 'hello@bakery.test'), /^550 5\.1\.1 /);
  await panel.page.getByRole('listitem').filter({ hasText: 'mail.oldhost.test' }).getByText('Not here').waitFor();
  assert.deepEqual(await panel.accessFaults(), []);

  await panel.press('button', 'Copy all as a zone file');
  await panel.page.getByText('Copied').first().waitFor();
  const zone = await panel.page.evaluate(() => navigator.clipboard.readText());
  await names.replace('bakery.test', zone.trim().split('\n'));
  await panel.press('button', 'Check again');
  await panel.toast('bakery.test was checked just now');
  await panel.heading(/^Mail for bakery\.test comes here/);
  await panel.page.getByRole('link', { name: /^Mail is signed Good/ }).waitFor();
  await panel.page.getByRole('heading', { name: 'What changed' }).waitFor();

  await panel.press('button', 'Suspend domain');
  await panel.dialog('Suspend bakery.test?');
  await panel.fill('textbox', 'Why, for whoever asks', 'Not paid');
  await panel.page.keyboard.press('Enter');
  await panel.page.getByText('This domain is suspended: Not paid').waitFor();
  assert.match(await recipientAnswer(daemon, 'hello@bakery.test'), /^550 5\.(2\.1|7\.1) /);
  await panel.press('button', 'Let it go on');
  await panel.page.getByText('This domain is suspended').waitFor({ state: 'detached' });
  assert.match(await recipientAnswer(daemon, 'hello@bakery.test'), /^550 5\.1\.1 /);

  await panel.press('button', 'Remove domain');
  await panel.press('button', 'Remove domain', await panel.dialog('Remove bakery.test?'));
  await panel.toast('bakery.test is removed');
  assert.match(await recipientAnswer(daemon, 'hello@bakery.test'), /^55\d 5\.7\.1 /);
});
