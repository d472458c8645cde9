/** A mailbox in the panel, by keyboard, and what IMAP and SMTP say of it after each step. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Lab, openLab } from '../support/lab.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { imapAnswers, recipientAnswer } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let panel: PanelPage;

before(async () => {
  lab = opened.use(await openLab({ accounts: [] }));
  panel = await opened.use(await PanelBrowser.open(lab.daemon)).signedIn('/mailboxes');
});
after(() => opened.disposeAsync());

const USER = 'carla@own.test';
const FIRST = 'orchard-lantern-9';
const SECOND = 'meadow-candle-31';

const logIn = async (password: string, ...commands: string[]): Promise<string[]> =>
  imapAnswers(lab.daemon, { user: USER, password }, ...commands);

async function typePassword(password: string): Promise<void> {
  const dialog = panel.page.getByRole('dialog');
  await panel.press('button', 'I type one', dialog);
  await panel.tabTo(dialog.getByLabel('Password, typed'));
  await panel.page.keyboard.type(password);
}

test('created: IMAP lets it in with its quota (RFC 9208 §4.2), and RCPT accepts it', async () => {
  const { keyboard } = panel.page;
  await panel.press('button', 'Create mailbox');
  const dialog = await panel.dialog('Create mailbox');
  await panel.fill('textbox', 'Address', 'carla');
  await panel.page.getByText(`${USER} is free`).waitFor();
  await panel.fill('textbox', 'Name of the person or purpose', 'Carla Voss');
  await typePassword(FIRST);
  await panel.fill('textbox', 'Storage', '5');
  await panel.tabTo(dialog.getByRole('combobox', { name: 'Unit of storage' }));
  await keyboard.press('ArrowUp');
  await panel.tabTo(dialog.getByRole('textbox', { name: 'Storage' }));
  await keyboard.press('Enter');
  const ready = await panel.dialog(`${USER} is ready`);
  await ready
    .getByRole('img', { name: /QR code/ })
    .locator('svg')
    .waitFor();
  await ready.getByText(`port ${lab.daemon.port('imaps')}`).waitFor();
  assert.deepEqual(await panel.accessFaults(), []);
  await keyboard.press('Enter');
  await panel.toast(`${USER} is ready`);
  await panel.heading('One mailbox');

  const [login, quota] = await logIn(FIRST, 'GETQUOTAROOT INBOX');
  assert.match(login ?? '', /^OK/);
  assert.match(quota ?? '', /\* QUOTA "?[^"]*"? \(STORAGE 0 5120\)/);
  assert.match(await recipientAnswer(lab.daemon, USER), /^250 /);
});

test('a new password: the old one is refused, the new one lets in', async () => {
  await panel.goTo('/mailboxes');
  await panel.press('link', USER);
  await panel.heading(`${USER} is in order`);
  await panel.press('button', 'New password');
  await panel.dialog(`New password for ${USER}`);
  await typePassword(SECOND);
  await panel.page.keyboard.press('Enter');
  await panel.toast(`${USER} has a new password`);
  assert.match((await logIn(FIRST))[0] ?? '', /^NO \[AUTHENTICATIONFAILED\]/);
  assert.match((await logIn(SECOND))[0] ?? '', /^OK/);
});

test('another quota stands in GETQUOTA at once, and the way back restores it', async () => {
  await panel.goTo('/mailboxes');
  await panel.choose(`More for ${USER}`, 'Change storage');
  await panel.dialog(`Storage of ${USER}`);
  await panel.fill('textbox', 'Storage', '8');
  await panel.page.keyboard.press('Enter');
  await panel.toast(`${USER} now has 8 MB`);
  assert.match((await logIn(SECOND, 'GETQUOTAROOT INBOX'))[1] ?? '', /\(STORAGE 0 8192\)/);
  await panel.press('button', 'Put back');
  await panel.page.getByText('of 5 MB').waitFor();
  assert.match((await logIn(SECOND, 'GETQUOTAROOT INBOX'))[1] ?? '', /\(STORAGE 0 5120\)/);
});

test('sign-in and receiving off: IMAP and RCPT refuse; let go on: both work', async () => {
  await panel.goTo('/mailboxes');
  await panel.press('link', USER);
  await panel.press('button', 'Suspend');
  const dialog = await panel.dialog(`What works for ${USER}`);
  await panel.press('switch', /^Sign-in/, dialog);
  await panel.press('switch', /^Receiving/, dialog);
  await panel.fill('textbox', 'Why, for whoever asks', 'Left the company');
  await panel.page.keyboard.press('Enter');
  await panel.heading(`${USER} is partly off`);
  assert.match((await logIn(SECOND))[0] ?? '', /^NO /);
  assert.match(await recipientAnswer(lab.daemon, USER), /^550 5\.2\.1 /);
  await panel.press('button', 'Let it go on');
  await panel.heading(`${USER} is in order`);
  assert.match((await logIn(SECOND))[0] ?? '', /^OK/);
  assert.match(await recipientAnswer(lab.daemon, USER), /^250 /);
});

test('deleted: log-in and RCPT are refused', async () => {
  await panel.goTo('/mailboxes');
  await panel.choose(`More for ${USER}`, 'Delete mailbox');
  await panel.press('button', 'Delete mailbox', await panel.dialog(`Delete ${USER}?`));
  await panel.toast(`${USER} is deleted`);
  await panel.page.getByRole('heading', { name: 'No one lives here yet' }).waitFor();
  assert.match((await logIn(SECOND))[0] ?? '', /^NO \[AUTHENTICATIONFAILED\]/);
  assert.match(await recipientAnswer(lab.daemon, USER), /^550 5\.1\.1 /);
});
