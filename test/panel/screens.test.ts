/**
 * Every page as people meet it: wide and light, narrow and dark. axe finds nothing, the policy is kept, nothing is wider than the screen.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { axeViolations, type ScreenOptions, Screens } from './support/screen.ts';

let screens: Screens;
before(async () => {
  screens = await Screens.open();
});
after(() => screens[Symbol.asyncDispose]());

const forHost = [
  '/',
  '/?range=week',
  '/domains',
  '/domains/juniperbakery.example',
  '/domains/juniper-events.example',
  '/domains/newplace.example',
  '/mailboxes',
  '/mailboxes?create=1',
  '/mailboxes/100',
  '/mailboxes/108',
  '/forwarders',
  '/forwarders?create=1',
  '/forwarders?test=1',
  '/queue',
  '/messages',
  '/messages/8F3K20C',
  '/settings',
  '/settings?section=own',
  '/settings?section=sessions',
  '/settings?section=tokens',
  '/settings?section=audit',
  '/settings?section=about',
  '/nowhere',
];

async function look(page: Page, path: string): Promise<void> {
  await page.goto(`${screens.origin}${path}`);
  await page.waitForSelector(path.includes('create') || path.includes('test=') ? 'dialog[open] input' : 'h1:visible');
  assert.deepEqual(await axeViolations(page), [], `axe on ${path}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${path} is ${over} px wider than the screen`);
}

const wide: ScreenOptions = { width: 1440 };
const narrow: ScreenOptions = { width: 360, height: 740, dark: true };
const unexpected = (errors: readonly string[]): readonly string[] => errors.filter((text) => !/status of 40[13]/.test(text));

for (const [name, options] of [
  ['wide and light', wide],
  ['360 px and dark', narrow],
] as const) {
  test(`host: every page, ${name}`, async () => {
    const { page, errors } = await screens.page('/', options);
    for (const path of forHost) await look(page, path);
    assert.deepEqual(unexpected(errors), []);
  });

  test(`customer and mailbox user: their pages, ${name}`, async () => {
    for (const role of ['customer', 'account'] as const) {
      const { page, errors } = await screens.page('/', { ...options, role });
      for (const path of ['/', '/settings']) await look(page, path);
      assert.deepEqual(unexpected(errors), []);
    }
  });

  test(`sign-in and set-up, ${name}`, async () => {
    const { page, errors } = await screens.page('/', { ...options, role: 'nobody' });
    for (const path of ['/', '/setup#one-time', '/setup#used', '/setup']) await look(page, path);
    assert.deepEqual(unexpected(errors), []);
  });
}

test('the first page needs at most 200 KB of script and style', async () => {
  const { page } = await screens.page('/');
  const bytes = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter((entry) => /\.(js|css)$/.test(entry.name))
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).decodedBodySize, 0),
  );
  assert.ok(bytes > 20_000 && bytes < 200_000, `${bytes} bytes before compression`);
});

test('nothing is asked of any other server', async () => {
  const { page } = await screens.page('/mailboxes/100');
  await page.waitForSelector('.qr svg');
  const foreign = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => entry.name)
      .filter((url) => !url.startsWith(location.origin)),
  );
  assert.deepEqual(foreign, []);
});

test('a slow answer shows a skeleton only after 200 ms, a failed one says so and tries again', async () => {
  screens.server.delayMs = 600;
  const { page } = await screens.page('/settings?section=own');
  await page.getByRole('link', { name: /^Forwarders/ }).click();
  await page.waitForSelector('.sk-rows');
  await page.getByRole('heading', { name: /^Six forwarders/ }).waitFor();
  screens.server.delayMs = 0;
  screens.server.fail = ['queue'];
  await page.getByRole('link', { name: /^Queue/ }).click();
  await page.getByText('The store is busy.').waitFor();
  screens.server.fail = [];
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: /^Five messages wait/ }).waitFor();
});

test('events change what is shown: a message in place, new ones behind a button, the queue in the side bar', async () => {
  const { page } = await screens.page('/messages');
  await page.getByRole('link', { name: /Contract for the oven/ }).waitFor();
  const [first] = screens.server.fixture.messages;
  assert.ok(first);
  screens.server.emit({ kind: 'message', message: { ...first, state: 'delivered' } });
  await page.getByText('Delivered. anna@juniperbakery.example to tom@harbourlaw.example, 1 more').waitFor();
  screens.server.emit({ kind: 'message', message: { ...first, id: 'NEW1' } });
  await page.getByRole('button', { name: '1 new' }).waitFor();
  screens.server.emit({ kind: 'queue', messages: 7, recipients: 9, held: 0 });
  await page.getByRole('link', { name: 'Queue 7' }).waitFor();
});
