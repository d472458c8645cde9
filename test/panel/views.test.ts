import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overview, Story } from '../../daemon/http/contract/api.ts';
import { merged, roundDown, trafficScale } from '../../panel/elements/traffic-scale.ts';
import { domainsSentence } from '../../panel/pages/domains/domain-state.ts';
import { reportSentence, toChange, zoneFile } from '../../panel/pages/domains/report-view.ts';
import { mailboxesSentence, offText } from '../../panel/pages/mailboxes/mailbox-state.ts';
import { storySentences } from '../../panel/pages/messages/message-state.ts';
import { storySteps } from '../../panel/pages/messages/story-steps.ts';
import { hitGroups, localGroups, pieces } from '../../panel/shell/palette-items.ts';
import { generatePassword } from '../../panel/state/password.ts';
import { matchPattern, matchRoute } from '../../panel/state/routes.ts';
import { trafficData } from '../../panel/state/traffic.ts';
import { comparedWords } from '../../panel/text/compared-words.ts';
import { makeFixture, overviewOf } from './support/fixture-data.ts';

const now = new Date(2026, 10, 23, 14, 21);
const fixture = makeFixture(now);

test('addresses of the panel lead to pages by role', () => {
  assert.deepEqual(matchPattern('/domains/:name', '/domains/xn--bcher-kva.example'), { name: 'xn--bcher-kva.example' });
  assert.deepEqual(matchPattern('/mailboxes/:id', '/mailboxes/a%20b'), { id: 'a b' });
  assert.equal(matchPattern('/mailboxes/:id', '/mailboxes/%ff'), undefined);
  assert.equal(matchRoute('/', 'host')?.route.element, 'ms-overview');
  assert.equal(matchRoute('/', 'account')?.route.element, 'ms-my-mailbox');
  assert.equal(matchRoute('/queue', 'account'), undefined);
  assert.equal(matchRoute('/messages/8F3K20C/', 'customer')?.params.id, '8F3K20C');
});

test('a record shows what goes and what comes where it stands', () => {
  const words = comparedWords('v=DMARC1; p=none; rua=mailto:d@x.example', 'v=DMARC1; p=quarantine; rua=mailto:d@x.example');
  assert.deepEqual(
    words.map(({ text, kind }) => `${kind} ${text}`),
    ['same v=DMARC1;', 'gone p=none;', 'new p=quarantine;', 'same rua=mailto:d@x.example'],
  );
  assert.deepEqual(
    comparedWords('a b', 'a b').every(({ kind }) => kind === 'same'),
    true,
  );
});

test('a report tells the broken first and counts in words', () => {
  const report = fixture.details.get('juniperbakery.example')?.report;
  assert.ok(report);
  assert.equal(
    reportSentence(report, Date.parse(report.checked_at) + 40_000),
    'One thing is broken, two could be better. Checked 40 seconds ago.',
  );
  const findings = toChange(report, true);
  assert.deepEqual(
    findings.map(({ state }) => state),
    ['fail', 'warn', 'warn', 'info'],
  );
  assert.deepEqual(
    findings.map(({ open }) => open),
    [true, true, true, false],
  );
  assert.deepEqual(
    toChange(report, false).map(({ open }) => open),
    [true, false, false, false],
  );
  assert.equal(domainsSentence(fixture.domains, 4), 'Four domains, one of them is broken');
});

test('RFC 1035 §3.3 long TXT values become strings of at most 255 bytes', () => {
  const file = zoneFile([
    { name: 'k._domainkey.x.example', type: 'TXT', value: `v=DKIM1; p=${'A'.repeat(300)}`, ttl: 3600, purpose: '', required: true },
    { name: 'x.example', type: 'MX', value: '10 mx.x.example.', ttl: 300, purpose: '', required: true },
  ]);
  const [txt = '', mx] = file.trim().split('\n');
  assert.equal(mx, 'x.example. 300 IN MX 10 mx.x.example.');
  assert.ok([...txt.matchAll(/"([^"]*)"/g)].every((part) => (part[1] ?? '').length <= 255));
  assert.equal([...txt.matchAll(/"([^"]*)"/g)].map((part) => part[1]).join(''), `v=DKIM1; p=${'A'.repeat(300)}`);
});

test('a story is told step by step, and what is to come stands last', () => {
  const story = fixture.stories.get('8F3K20C') as Story;
  const steps = storySteps(story, 'tom@harbourlaw.example', now);
  assert.deepEqual(
    steps.map(({ state, heading }) => [state, heading]),
    [
      ['ok', 'anna@juniperbakery.example handed it over'],
      ['wait', 'Their server asked us to come back later'],
      ['wait', 'Their server was too busy'],
      ['off', 'Next try in 16 minutes'],
    ],
  );
  assert.deepEqual(steps[1]?.said, { who: 'They said:', reply: '451 4.7.1 Greylisted, try again in 300 seconds' });
  assert.equal(storySteps(story, '', now).length, 5);
  assert.deepEqual(storySentences(story, now), ['Waiting at the server of harbourlaw.example.', 'We try again at 14:37.']);
});

test('mail that came straight into a mailbox arrived first; a reason without another machine is nobody\u2019s words', () => {
  const message = { ...fixture.messages[1]!, direction: 'in' as const };
  const event = {
    at: now.toISOString(),
    kind: 'delivered' as const,
    recipient: 'anna@juniperbakery.example',
    remote: 'foreign.example [192.0.2.9]:4711',
    reply: '',
    nextAttemptAt: null,
    detail: { spf: 'none' },
  };
  const steps = storySteps({ message, messageId: '', events: [event], queued: null }, '', now);
  assert.deepEqual(
    steps.map(({ heading }) => heading),
    ['It arrived from foreign.example', 'Put into the mailbox of anna@juniperbakery.example'],
  );
  const bounced = storySteps(
    { message, messageId: '', events: [{ ...event, kind: 'bounced', remote: '', reply: '550 5.1.2 There is no domain' }], queued: null },
    '',
    now,
  );
  assert.equal(bounced[0]?.said?.who, 'The reason:');
});

test('a mailbox list says what needs space', () => {
  assert.equal(mailboxesSentence(fixture.mailboxes, 15, ''), '15 mailboxes, one of them is full');
  assert.equal(mailboxesSentence([], 0, 'zoe'), 'No mailboxes fit “zoe”');
  assert.equal(offText({ suspendedLogin: true, suspendedIn: false, suspendedOut: true }), 'Sign-in and sending off');
});

test('the chart has one bucket for each, in its place, and a round scale', () => {
  const data = trafficData(overviewOf(fixture, 'day', true), 'day');
  assert.equal(data.points.length, 24);
  assert.match(data.sentence, /^Messages per 60 minutes, the last 24 hours\. Most arrived at/);
  const sparse: Overview = { ...overviewOf(fixture, 'day', true), buckets: overviewOf(fixture, 'day', true).buckets.slice(-2) };
  assert.equal(trafficData(sparse, 'day').points.filter(({ delivered }) => delivered > 0).length, 2);
  assert.deepEqual([1, 3, 47, 500, 999].map(roundDown), [1, 2, 40, 500, 500]);
  assert.deepEqual(
    merged(
      [
        { delivered: 1, refused: 2, sent: 3 },
        { delivered: 1, refused: 0, sent: 0 },
      ],
      2,
    ),
    [{ delivered: 2, refused: 2, sent: 3 }],
  );
  const scale = trafficScale([{ delivered: 800, refused: 200, sent: 300 }], 172);
  assert.deepEqual(scale.linesAbove, [500, 1000]);
  assert.ok(scale.baseline < 172 && scale.baseline > 86);
});

test('the palette offers pages and actions by role and marks what was typed', () => {
  const titles = localGroups('', 'account').flatMap((group) => group.items.map((item) => item.title));
  assert.deepEqual(titles, ['My mailbox', 'Settings', 'Change my own password', 'Where I am signed in']);
  assert.ok(localGroups('audit', 'host').length === 0 && localGroups('changed what', 'host')[0]?.items.length === 1);
  const [group] = hitGroups([
    { kind: 'domain', title: 'juniperbakery.example', note: '', state: 'fail', href: '/domains/juniperbakery.example' },
  ]);
  assert.equal(group?.items[0]?.more.length, 4);
  assert.deepEqual(pieces('juniperbakery.example', 'bak'), [
    ['juniper', false],
    ['bak', true],
    ['ery.example', false],
  ]);
});

test('a password that we make up has four groups of five easily told letters', () => {
  for (let round = 0; round < 50; round++) assert.match(generatePassword(), /^([a-km-np-z2-8]{5}-){3}[a-km-np-z2-8]{5}$/);
});
