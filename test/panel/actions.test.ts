/**
 * What people do, by keyboard where it matters, against the fixture server: each test says what was asked of the API and what is shown then.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { axeViolations, Screens } from './support/screen.ts';

let screens: Screens;
before(async () => {
  screens = await Screens.open();
});
after(() => screens[Symbol.asyncDispose]());

const lastCall = () => screens.server.calls.at(-1);
const toast = (page: Page, text: RegExp | string) => page.locator('.toast').getByText(text).waitFor();

test('signing in: what is wrong is said at the password, then the page that was asked for', async () => {
  const { page } = await screens.page('/queue', { role: 'nobody' });
  await page.getByLabel('Address').fill('ria@northhost.example');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('Five tries are left').waitFor();
  assert.deepEqual(await axeViolations(page), []);
  await page.getByLabel('Password').fill('right password');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Five messages wait/ }).waitFor();
  await page.getByRole('button', { name: 'RN, your account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to your mail' }).waitFor();
});

test('setting up: three questions, then what to do next', async () => {
  const { page } = await screens.page('/setup#one-time', { role: 'nobody' });
  await page.getByLabel('Host name').fill('nonsense');
  await page.keyboard.press('Enter');
  await page.getByText('A full host name is needed').waitFor();
  await page.getByLabel('Host name').fill('mx1.northhost.example');
  await page.keyboard.press('Enter');
  await page.getByLabel('Your password').fill('right password');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Which domain comes first?' }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  await page.getByLabel('Domain').fill('first.example');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /The server is ready/ }).waitFor();
  assert.deepEqual(
    screens.server.calls.slice(-3).map(({ method, path }) => `${method} ${path}`),
    ['POST /setup/check', 'POST /setup', 'POST /domains'],
  );
  await page.getByRole('link', { name: 'Publish the records of first.example' }).first().click();
  await page.getByRole('heading', { name: /first\.example is being looked up/ }).waitFor();
});

test('a mailbox: created by keyboard, its settings and QR code, name and storage changed and put back, deleted', async () => {
  const { page } = await screens.page('/mailboxes?create=1');
  await page.getByRole('textbox', { name: 'Address' }).fill('marta');
  await page.getByText('marta@juniperbakery.example is free').waitFor();
  await page.getByRole('textbox', { name: 'Name of the person or purpose' }).fill('Marta Kowal');
  await page.getByRole('textbox', { name: 'Storage' }).fill('5');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'marta@juniperbakery.example is ready' });
  await dialog
    .getByRole('img', { name: /QR code/ })
    .locator('svg')
    .waitFor();
  const body = lastCall()?.body as { address: string; password: string; quotaBytes: number };
  assert.equal(body.address, 'marta@juniperbakery.example');
  assert.equal(body.quotaBytes, 5 * 1024 ** 3);
  assert.equal(await dialog.locator('output').textContent(), body.password);
  await page.keyboard.press('Enter');
  await toast(page, 'marta@juniperbakery.example is ready');
  await page.getByRole('link', { name: 'marta@juniperbakery.example' }).click();
  await page.getByRole('button', { name: 'Change name' }).click();
  await page.getByRole('textbox', { name: 'Name of the person or purpose' }).fill('Marta K.');
  await page.keyboard.press('Enter');
  await toast(page, /is now called Marta K\./);
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.waitForFunction(() => document.querySelector('.sub')?.textContent?.startsWith('Marta Kowal'));
  await page.getByRole('button', { name: 'Delete mailbox' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Delete mailbox' }).click();
  await page.getByRole('dialog', { name: 'Delete marta@juniperbakery.example?' }).getByRole('button', { name: 'Delete mailbox' }).click();
  await toast(page, 'marta@juniperbakery.example is deleted');
  assert.equal(lastCall()?.method, 'DELETE');
  assert.equal(new URL(page.url()).pathname, '/mailboxes');
});

test('a mailbox that exists already is told before and after it is asked for', async () => {
  const { page } = await screens.page('/mailboxes?create=1');
  await page.getByRole('textbox', { name: 'Address' }).fill('anna');
  await page.getByText('anna@juniperbakery.example already exists').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Leave without what you typed?').waitFor();
  await page.getByRole('button', { name: 'Keep writing' }).press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('suspending: sign-in, receiving and sending apart, with the reason', async () => {
  const { page } = await screens.page('/mailboxes/100');
  await page.getByRole('button', { name: 'Suspend' }).click();
  const sending = page.getByRole('switch', { name: 'Sending' });
  await sending.press('Space');
  await page.getByRole('textbox', { name: 'Why, for whoever asks' }).fill('Sends junk');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'anna@juniperbakery.example is partly off' }).waitFor();
  assert.deepEqual(lastCall()?.body, { suspendedLogin: false, suspendedIn: false, suspendedOut: true, suspendedReason: 'Sends junk' });
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.getByRole('heading', { name: 'anna@juniperbakery.example is in order' }).waitFor();
});

test('several mailboxes are chosen and deleted together', async () => {
  const { page } = await screens.page('/mailboxes');
  await page.getByLabel('Choose kitchen@juniperbakery.example').check();
  await page.getByLabel('Choose noreply@juniperbakery.example').check();
  const bar = page.getByRole('toolbar', { name: 'For the chosen mailboxes' });
  await bar.getByText('2 chosen').waitFor();
  await bar.getByRole('button', { name: 'Delete' }).click();
  await page
    .getByRole('dialog', { name: 'Delete 2 mailboxes and all their mail?' })
    .getByRole('button', { name: 'Delete mailbox' })
    .click();
  await toast(page, '2 mailboxes are deleted');
  await page.getByLabel('Choose kitchen@juniperbakery.example').waitFor({ state: 'detached' });
});

test('a forwarder: created as catch-all, changed to a refusal, deleted and put back from the toast', async () => {
  const { page } = await screens.page('/forwarders');
  await page.getByRole('button', { name: 'Create forwarder' }).click();
  await page.getByRole('switch', { name: /^Everything else at this domain/ }).press('Space');
  await page.getByRole('textbox', { name: 'To' }).fill('lena@juniperbakery.example\nnonsense');
  await page.getByRole('dialog').getByRole('button', { name: 'Create forwarder' }).click();
  await page.getByText('nonsense is no e-mail address').waitFor();
  await page.getByRole('textbox', { name: 'To' }).fill('lena@juniperbakery.example, ben@juniperbakery.example');
  await page.getByRole('dialog').getByRole('button', { name: 'Create forwarder' }).click();
  await toast(page, /everything else @juniperbakery\.example goes to lena@juniperbakery\.example and ben@/);
  assert.deepEqual(lastCall()?.body, {
    address: '@juniperbakery.example',
    kind: 'forward',
    targets: ['lena@juniperbakery.example', 'ben@juniperbakery.example'],
    keepCopy: false,
    rejectText: null,
  });
  await page.getByRole('button', { name: 'everything else @juniperbakery.example', exact: true }).click();
  await page.getByRole('button', { name: 'Refused' }).click();
  await page.getByRole('textbox', { name: 'What the sender is told' }).fill('Nobody here');
  await page.keyboard.press('Enter');
  await toast(page, /now is refused: “Nobody here”/);
  await page.getByRole('button', { name: 'More for everything else @juniperbakery.example' }).press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await toast(page, /is deleted/);
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.getByRole('button', { name: 'everything else @juniperbakery.example', exact: true }).waitFor();
});

test('a domain: added, its records copied, checked again, suspended with the way back, removed', async () => {
  const { page } = await screens.page('/domains');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Add domain' }).click();
  await page.getByRole('textbox', { name: 'Domain' }).fill('nodots');
  await page.keyboard.press('Enter');
  await page.getByText('at least one dot').waitFor();
  await page.getByRole('textbox', { name: 'Domain' }).fill('new.example');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/domains/new.example');
  await page.goto(`${screens.origin}/domains/juniperbakery.example`);
  await page.locator('#f-spf').getByRole('button', { name: 'Copy the TXT record for juniperbakery.example' }).click();
  await page.getByText('Copied').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^v=spf1 /);
  await page.locator('#f-dmarc summary').click();
  assert.equal(await page.locator('#f-dmarc').evaluate((details) => (details as HTMLDetailsElement).open), false);
  await page.getByRole('link', { name: /^Fakes are refused/ }).press('Enter');
  assert.equal(await page.locator('#f-dmarc').evaluate((details) => (details as HTMLDetailsElement).open), true);
  await page.getByRole('button', { name: 'Check again' }).click();
  await toast(page, 'juniperbakery.example was checked just now');
  await page.getByRole('button', { name: 'Suspend domain' }).click();
  await page.getByRole('textbox', { name: 'Why, for whoever asks' }).fill('Not paid');
  await page.keyboard.press('Enter');
  await page.getByText('This domain is suspended: Not paid').waitFor();
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.getByText('This domain is suspended').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Remove domain' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove domain' }).click();
  await page.getByText('Its mailboxes have to be deleted first.').waitFor();
});

test('the queue: held with a reason, released, dropped with or without telling the sender', async () => {
  const { page } = await screens.page('/queue');
  const menu = page.getByRole('button', { name: 'More for Order 20418' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'Hold' }).click();
  await page.getByRole('textbox', { name: /^Why/ }).fill('Looks odd');
  await page.keyboard.press('Enter');
  await page.getByText('Held by hand: Looks odd').waitFor();
  await menu.click();
  await page.getByRole('menuitem', { name: 'Release' }).click();
  await toast(page, 'The message goes on');
  await page.getByLabel('Choose Order 20418').check();
  await page.getByLabel('Choose Invoice 2026-1179').check();
  await page.getByRole('toolbar').getByRole('button', { name: 'Stop sending' }).click();
  await page.getByRole('switch', { name: 'Tell the sender' }).press('Space');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop sending' }).click();
  await toast(page, 'We stopped sending 2 messages');
  assert.deepEqual(lastCall()?.body, { ids: ['8F3K1ZQ', '8F3JX02'], bounce: false });
  await page.getByRole('heading', { name: /^Three messages wait/ }).waitFor();
});

test('the palette: typed at once, chosen by arrows, Tab shows what can be done, Escape leads back', async () => {
  const { page } = await screens.page('/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('juniperb');
  await page.getByRole('option', { name: /^juniperbakery\.example/ }).waitFor();
  assert.equal(await page.getByRole('combobox').inputValue(), 'juniperb');
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: 'Check juniperbakery.example again' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Create mailbox' }).waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('combobox', { name: 'Domain' }).inputValue(), 'juniperbakery.example');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('log of nothing');
  await page.getByText('Nothing is called “log of nothing” here.').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('settings: drafts are saved together and taken back together; a wrong value stays with its reason', async () => {
  const { page } = await screens.page('/settings');
  await page.getByLabel('Outbound port').fill('many');
  await page.getByRole('button', { name: 'Save the change' }).click();
  await page.getByText('A whole number is needed.').waitFor();
  await page.getByLabel('Outbound port').fill('2525');
  await page.getByLabel('Largest message').fill('25 MB');
  await page.getByRole('switch', { name: /^Refuse fakes/ }).press('Space');
  await page.getByRole('button', { name: 'Save 3 changes' }).click();
  await toast(page, '3 settings are changed');
  assert.deepEqual(lastCall()?.body, { 'mailOut.port': 2525, 'mailIn.size': 25 * 1024 ** 2, 'mailIn.honourDmarc': false });
  await page.getByRole('button', { name: 'Put back' }).click();
  await page.waitForFunction(() => (document.querySelector('input[id="set-mailOut.port"]') as HTMLInputElement).value === '25');
});

test('own access: a token is shown once and revoked, another session is ended, the password is changed', async () => {
  const { page } = await screens.page('/settings?section=tokens');
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByLabel('What is it for?').fill('Backup script');
  await page.keyboard.press('Enter');
  await page.getByText('mst_4v8k2m-7hq2xw-9dpz3c').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Revoke Backup script' }).click();
  await page.getByRole('button', { name: 'Revoke token' }).click();
  await toast(page, 'The token Backup script is revoked');
  await page.getByRole('button', { name: 'Sign-ins' }).click();
  await page.getByRole('button', { name: 'End the session from 198.51.100.9' }).click();
  await toast(page, 'The session is ended');
  await page.getByRole('button', { name: 'Access' }).click();
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByLabel('Password until now').fill('wrong');
  await page.getByLabel('New password', { exact: true }).fill('four odd words here');
  await page.keyboard.press('Enter');
  await page.getByText('The password until now is not right.').waitFor();
  await page.getByLabel('Password until now').fill('right password');
  await page.keyboard.press('Enter');
  await toast(page, 'Your password is changed');
});

test('a mailbox user: forwards, keeps a copy, and sees only what is theirs', async () => {
  const { page } = await screens.page('/', { role: 'account' });
  await page.getByRole('switch', { name: 'Forward my mail' }).press('Space');
  await page.getByRole('textbox', { name: 'To' }).fill('anna@elsewhere.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page, 'Your mail goes to anna@elsewhere.example');
  assert.deepEqual(lastCall(), { method: 'PUT', path: '/me/forwarder', body: { targets: ['anna@elsewhere.example'], keepCopy: true } });
  assert.equal(await page.getByRole('link', { name: 'Queue' }).count(), 0);
  await page.goto(`${screens.origin}/queue`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
});

test('light and dark are chosen and remembered', async () => {
  const { page } = await screens.page('/settings?section=own');
  await page.getByRole('main').getByRole('button', { name: 'Dark' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.reload();
  await page.waitForSelector('h1:visible');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});
