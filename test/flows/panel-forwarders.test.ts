/** Forwarders and a catch-all made in the panel by keyboard, and where mail to them goes on the wire. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { readFolder } from '../support/mail-clients.ts';
import { PanelBrowser, type PanelPage } from '../support/panel-browser.ts';
import { deliver, recipientAnswer } from '../support/wire-answers.ts';

const opened = new AsyncDisposableStack();
let lab: Lab;
let panel: PanelPage;

before(async () => {
  lab = opened.use(await openLab({ accounts: ['alice', 'bob'] }));
  panel = await opened.use(await PanelBrowser.open(lab.daemon)).signedIn('/forwarders');
});
after(() => opened.disposeAsync());

async function arrived(user: string, subject: string): Promise<void> {
  await eventually(`${subject} at ${user}`, async () =>
    (await readFolder(lab.daemon, `${user}@own.test`)).some((message) => message.includes(`Subject: ${subject}`)),
  );
}

test('created: mail to it arrives at its target', async () => {
  assert.match(await recipientAnswer(lab.daemon, 'sales@own.test'), /^550 5\.1\.1 /);
  await panel.press('button', 'Create forwarder');
  const dialog = await panel.dialog('Create forwarder');
  await panel.fill('textbox', 'Mail to', 'sales');
  await panel.fill('textbox', 'To', 'alice@own.test', dialog);
  assert.deepEqual(await panel.accessFaults(), []);
  await panel.press('button', 'Create forwarder', dialog);
  await panel.toast('Mail to sales@own.test goes to alice@own.test');
  assert.match(await deliver(lab.daemon, { to: 'sales@own.test', subject: 'To sales' }), /^250 /);
  await arrived('alice', 'To sales');
});

test('asked where mail goes: the way to the mailbox, step by step', async () => {
  await panel.press('button', 'Where does mail go?');
  const dialog = await panel.dialog('Where does mail to an address go?');
  await panel.fill('textbox', 'Address', 'sales@own.test', dialog);
  await panel.page.keyboard.press('Enter');
  await dialog.getByText('It arrives').first().waitFor();
  await dialog
    .getByText(/alice@own\.test/)
    .first()
    .waitFor();
  await panel.page.keyboard.press('Escape');
});

test('changed to another target, then to a refusal: both at once on the wire', async () => {
  await panel.press('button', 'sales@own.test');
  await panel.dialog('Change sales@own.test');
  await panel.fill('textbox', 'To', 'bob@own.test');
  await panel.press('button', 'Save');
  await panel.toast('Mail to sales@own.test now goes to bob@own.test');
  assert.match(await deliver(lab.daemon, { to: 'sales@own.test', subject: 'To sales again' }), /^250 /);
  await arrived('bob', 'To sales again');
  await panel.choose('More for sales@own.test', 'Change');
  await panel.press('button', 'Refused', await panel.dialog('Change sales@own.test'));
  await panel.fill('textbox', 'What the sender is told', 'We sell nothing any more');
  await panel.page.keyboard.press('Enter');
  await panel.toast('Mail to sales@own.test now is refused: “We sell nothing any more”');
  assert.match(await recipientAnswer(lab.daemon, 'sales@own.test'), /^550 5\.7\.1 We sell nothing any more/);
});

test('a catch-all takes what has no address; deleted and put back from the toast', async () => {
  await panel.press('button', 'Create forwarder');
  const dialog = await panel.dialog('Create forwarder');
  await panel.press('switch', /^Everything else at this domain/, dialog);
  await panel.fill('textbox', 'To', 'bob@own.test', dialog);
  await panel.press('button', 'Create forwarder', dialog);
  await panel.toast('Mail to everything else @own.test goes to bob@own.test');
  assert.match(await recipientAnswer(lab.daemon, 'whoever@own.test'), /^250 /);
  await panel.choose('More for everything else @own.test', 'Delete forwarder');
  await panel.toast('The forwarder everything else @own.test is deleted');
  assert.match(await recipientAnswer(lab.daemon, 'whoever@own.test'), /^550 5\.1\.1 /);
  await panel.press('button', 'Put back');
  await panel.toast('The forwarder everything else @own.test is back');
  assert.match(await recipientAnswer(lab.daemon, 'whoever@own.test'), /^250 /);
  await panel.choose('More for everything else @own.test', 'Delete forwarder');
  await panel.toast('The forwarder everything else @own.test is deleted');
});

test('deleted: RCPT refuses it as unknown', async () => {
  await panel.choose('More for sales@own.test', 'Delete forwarder');
  await panel.toast('The forwarder sales@own.test is deleted');
  await panel.page.getByRole('heading', { name: 'Nothing is forwarded yet' }).waitFor();
  assert.match(await recipientAnswer(lab.daemon, 'sales@own.test'), /^550 5\.1\.1 /);
});
