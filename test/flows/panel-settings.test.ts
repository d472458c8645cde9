/** Settings, tokens and sessions changed in the panel by keyboard, and their effect on SMTP and on the API. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { PANEL_LOGIN } from '../support/daemon.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { ehloLines } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let browser: PanelBrowser;
let panel: PanelPage;

before(async () => {
  lab = opened.use(await openLab({ accounts: [] }));
  browser = opened.use(await PanelBrowser.open(lab.daemon));
  panel = await browser.signedIn('/settings');
});
after(() => opened.disposeAsync());

const announcedSize = async (): Promise<string | undefined> => /^250[- ]SIZE (\d+)$/m.exec((await ehloLines(lab.daemon)).join('\n'))?.[1];

function statusWith(token: string): Promise<number | undefined> {
  const { network, daemon } = lab;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(
      { host: network.own, port: daemon.port('https'), path: '/api/v1/domains', headers, rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

test('the largest message is announced anew in EHLO (RFC 1870 §4), and put back from the toast', async () => {
  const usual = String(50 * 1024 ** 2);
  assert.equal(await announcedSize(), usual);
  await panel.fill('textbox', 'Largest message', 'much');
  await panel.press('button', 'Save the change');
  await panel.page.getByText('A size is needed, such as 25 MB.').waitFor();
  await panel.fill('textbox', 'Largest message', '10 MB');
  await panel.press('button', 'Save the change');
  await panel.toast('Largest message is changed');
  assert.equal(await announcedSize(), String(10 * 1024 ** 2));
  await panel.press('button', 'Put back');
  await panel.page.waitForFunction(() => (document.querySelector('[id="set-mailIn.maxBytes"]') as HTMLInputElement).value === '50 MB');
  assert.equal(await announcedSize(), usual);
});

test('a refused value stays in its field with the reason', async () => {
  panel.expectNotes(/status of 400 .*\/settings$/);
  await panel.fill('textbox', 'Largest message', '1 KB');
  await panel.press('button', 'Save the change');
  await panel.page.locator('.field[data-state=fail]').getByRole('alert').waitFor();
  assert.equal(await panel.page.getByRole('textbox', { name: 'Largest message' }).inputValue(), '1 KB');
  await panel.press('button', 'Undo typing');
});

test('a token is shown once and opens the API until it is revoked', async () => {
  await panel.press('button', 'Tokens');
  await panel.heading('Programs that may act for you');
  await panel.press('button', 'Create token');
  await panel.dialog('Create token');
  await panel.fill('textbox', 'What is it for?', 'Monitor');
  await panel.page.keyboard.press('Enter');
  const shown = await panel.dialog('The token Monitor');
  const secret = (await shown.locator('output').textContent()) ?? '';
  assert.equal(await statusWith(secret), 200);
  assert.deepEqual(await panel.accessFaults(), []);
  await panel.press('button', 'Done');
  await panel.press('button', 'Revoke Monitor');
  await panel.press('button', 'Revoke token', await panel.dialog('Revoke the token Monitor?'));
  await panel.toast('The token Monitor is revoked');
  assert.equal(await statusWith(secret), 401);
});

test('a session ended from another browser is signed out there', async () => {
  const other = await browser.signedIn('/');
  await panel.goTo('/settings?section=sessions');
  await panel.press('button', /^End the session from/);
  await panel.toast('The session is ended');
  other.expectNotes(/status of 401/);
  await other.page.reload();
  await other.heading('Sign in to your mail');
});

test('signed out by the menu, and in again', async () => {
  await panel.press('button', /your account$/);
  await panel.press('button', 'Sign out');
  await panel.signIn(PANEL_LOGIN.login, PANEL_LOGIN.password);
});
