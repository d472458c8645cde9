/** What a mailbox user does on their own page, by keyboard: usage, forwarding, password; and what IMAP and SMTP make of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PASSWORD } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { deliver, imapAnswers } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let browser: PanelBrowser;
let panel: PanelPage;

const ALICE = { login: 'alice@own.test', password: PASSWORD };
const NEXT = 'candle-harbour-64';

before(async () => {
  lab = opened.use(await openLab({ accounts: ['alice', 'bob'] }));
  browser = opened.use(await PanelBrowser.open(lab.daemon));
  panel = await browser.signedIn('/', ALICE);
});
after(() => opened.disposeAsync());

async function inboxOf(name: string, count: number): Promise<void> {
  await eventually(`${count} messages at ${name}`, async () => {
    const [, status] = await imapAnswers(lab.daemon, { user: `${name}@own.test`, password: PASSWORD }, 'STATUS INBOX (MESSAGES)');
    return status?.includes(`(MESSAGES ${count})`) === true;
  });
}

test('the page shows how devices are set up and what is used', async () => {
  await panel.heading(/All is well\.$/);
  await panel.page
    .getByRole('img', { name: /QR code/ })
    .locator('svg')
    .waitFor();
  await panel.page.getByText('Nothing is in it yet.').waitFor();
  assert.match(await deliver(lab.daemon, { to: 'alice@own.test', subject: 'First' }), /^250 /);
  await inboxOf('alice', 1);
  await panel.goTo('/');
  await panel.page.getByText(/^Inbox \d/).waitFor();
  assert.deepEqual(await panel.accessFaults(), []);
});

test('forwarded with a copy kept: mail reaches both; switched off: it stays', async () => {
  await panel.press('switch', 'Forward my mail');
  await panel.fill('textbox', 'To', 'bob@own.test');
  await panel.press('button', 'Save');
  await panel.toast('Your mail goes to bob@own.test');
  assert.match(await deliver(lab.daemon, { to: 'alice@own.test', subject: 'Second' }), /^250 /);
  await inboxOf('alice', 2);
  await inboxOf('bob', 1);
  await panel.press('switch', 'Forward my mail');
  await panel.press('button', 'Save');
  await panel.toast('Your mail stays here');
  assert.match(await deliver(lab.daemon, { to: 'alice@own.test', subject: 'Third' }), /^250 /);
  await inboxOf('alice', 3);
  await inboxOf('bob', 1);
});

test('a page of the host is not theirs', async () => {
  await panel.goTo('/queue');
  await panel.heading('There is no such page');
  await panel.press('link', 'Go to the start');
  await panel.heading(/All is well\.$/);
});

test('a new password: wrong old one is told, then IMAP takes only the new one', async () => {
  panel.expectNotes(/status of 4\d\d .*\/session\/password$/);
  const type = async (label: string, text: string): Promise<void> => {
    await panel.tabTo(panel.page.getByRole('dialog').getByLabel(label, { exact: true }));
    await panel.page.keyboard.press('Control+a');
    await panel.page.keyboard.type(text);
  };
  await panel.press('button', 'Change password');
  await panel.dialog('Change your password');
  await type('Password until now', 'not this one');
  await type('New password', NEXT);
  await panel.page.keyboard.press('Enter');
  await panel.page.getByRole('dialog').getByRole('alert').filter({ hasText: /\w/ }).waitFor();
  await type('Password until now', PASSWORD);
  await panel.page.keyboard.press('Enter');
  await panel.toast('Your password is changed');
  assert.match((await imapAnswers(lab.daemon, { user: ALICE.login, password: PASSWORD }))[0] ?? '', /^NO \[AUTHENTICATIONFAILED\]/);
  assert.match((await imapAnswers(lab.daemon, { user: ALICE.login, password: NEXT }))[0] ?? '', /^OK/);
  await browser.signedIn('/', { ...ALICE, password: NEXT });
});
