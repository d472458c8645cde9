/** The first minutes of a host: the one-time link, three questions answered by keyboard, and a server that greets by its name. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HOSTNAME, PANEL_LOGIN, TestDaemon } from '../support/daemon.ts';
import { chooseNetwork } from '../support/loopback-network.ts';
import { NameServer } from '../support/name-server.ts';
import { PanelBrowser } from '../support/panel-browser.ts';
import { ehloLines, recipientAnswer } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let daemon: TestDaemon;
let browser: PanelBrowser;

before(async () => {
  const network = await chooseNetwork();
  opened.use(await NameServer.open(network, { 'own.test': [`@ IN MX 10 ${HOSTNAME}.`, `mail IN A ${network.own}`] }));
  daemon = opened.use(await TestDaemon.open({ network, setUp: false }));
  browser = opened.use(await PanelBrowser.open(daemon));
});
after(() => opened.disposeAsync());

test('from the link to the first domain by keyboard; the link then opens nothing more', async () => {
  const { secret } = await daemon.call('createSetupLink', { email: PANEL_LOGIN.login });
  const panel = await browser.visit(`/setup#${secret}`);
  const { keyboard } = panel.page;
  await panel.heading('What is this server called?');
  await panel.fill('textbox', 'Host name', 'no name');
  await keyboard.press('Enter');
  await panel.page.getByText('A full host name is needed').waitFor();
  await panel.fill('textbox', 'Host name', HOSTNAME);
  await keyboard.press('Enter');
  await panel.heading('How do you sign in?');
  assert.equal(await panel.page.getByLabel('Your e-mail address').inputValue(), PANEL_LOGIN.login);
  await panel.tabTo(panel.page.getByLabel('Your password', { exact: true }));
  await keyboard.type(PANEL_LOGIN.password);
  await keyboard.press('Enter');
  await panel.heading('Which domain comes first?');
  assert.equal(new URL(panel.page.url()).hash, '', 'the secret has left the address');
  await panel.fill('textbox', 'Domain', 'own.test');
  await keyboard.press('Enter');
  await panel.heading(/^The server is ready\./);
  assert.deepEqual(await panel.accessFaults(), []);

  assert.equal((await ehloLines(daemon))[0], `250-${HOSTNAME}`);
  assert.match(await recipientAnswer(daemon, 'nobody@own.test'), /^550 5\.1\.1 /);
  assert.match(await recipientAnswer(daemon, 'nobody@elsewhere.test'), /^55\d 5\.7\.1 /);

  await panel.press('link', 'Publish the records of own.test');
  await panel.heading(/^Mail for own\.test comes here/);

  const late = await browser.visit(`/setup#${secret}`);
  late.expectNotes(/status of 4\d\d/);
  await late.heading('This link opens nothing any more');
  await late.press('link', 'Sign in instead');
  await late.signIn(PANEL_LOGIN.login, PANEL_LOGIN.password);
  await late.heading(/^(Mail is flowing|Ready for mail)\./);
});
