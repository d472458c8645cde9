import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { badTarget, splitTargets } from '../../panel/pages/forwarders/targets.ts';
import { actionWords, detailWords } from '../../panel/pages/settings/audit-words.ts';
import { browserName } from '../../panel/pages/settings/browser-name.ts';
import { parseBytes, readValue, valueText, valueWords } from '../../panel/pages/settings/setting-value.ts';
import { ago, bytes, countWord, duration, initials, moment, parseDuration, span, usage } from '../../panel/text/format.ts';
import { parseQuota, quotaField } from '../../panel/text/quota.ts';
import { isTextKey, t } from '../../panel/text/translate.ts';

const GB = 1024 ** 3;
const panel = fileURLToPath(new URL('../../panel', import.meta.url));

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'dist' ? [] : sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

test('sizes count in powers of 1024 and keep one decimal below ten', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [900, '900 B'],
    [1024, '1 KB'],
    [3.2 * GB, '3.2 GB'],
    [5 * GB, '5 GB'],
    [41.3 * GB, '41.3 GB'],
    [612 * GB, '612 GB'],
    [1024 * GB, '1 TB'],
  ];
  for (const [size, words] of table) assert.equal(bytes(size), words);
  assert.deepEqual(usage(4.7 * GB, 5 * GB), ['4.7', 'of 5 GB']);
  assert.deepEqual(usage(0.02 * GB, GB), ['0.02', 'of 1 GB']);
  assert.deepEqual(usage(0, GB), ['0', 'of 1 GB']);
  assert.deepEqual(usage(8090, 5 * GB), ['7.9 KB', 'of 5 GB']);
  assert.deepEqual(usage(2 * GB, null), ['2 GB', '']);
});

test('times are told relative to now', () => {
  const now = new Date(2026, 10, 23, 14, 21);
  const at = (days: number, hour: number, minute: number): string => new Date(2026, 10, 23 - days, hour, minute).toISOString();
  assert.equal(ago(at(0, 14, 20), now), 'just now');
  assert.equal(ago(at(0, 14, 2), now), '19 min ago');
  assert.equal(ago(at(0, 9, 4), now), '9:04');
  assert.equal(ago(at(1, 9, 4), now), 'Yesterday');
  assert.equal(ago(at(3, 9, 4), now), 'Fri');
  assert.equal(ago(at(21, 9, 4), now), '2 Nov');
  assert.equal(moment(at(0, 14, 37), now), '14:37');
  assert.equal(moment(at(-1, 8, 0), now), 'tomorrow at 8:00');
  assert.equal(moment(at(2, 14, 2), now), 'Saturday at 14:02');
  assert.equal(span(40_000), '40 seconds');
  assert.equal(span(19 * 60_000), '19 minutes');
  assert.equal(span(41 * 86_400_000), '41 days');
});

test('counts up to twelve are words', () => {
  assert.deepEqual(
    [0, 1, 12, 13, 3804].map((n) => countWord(n)),
    ['no', 'one', 'twelve', '13', '3,804'],
  );
  assert.deepEqual([initials('Anna Weiss'), initials('admin@x.example'), initials('ria.north@x.example')], ['AW', 'AD', 'RN']);
});

test('quotas survive being shown and read back', () => {
  for (const size of [5 * GB, 512 * 1024 ** 2, 1024 * GB, 1.5 * GB]) {
    const { amount, unit } = quotaField(size);
    assert.equal(parseQuota(amount, unit), size);
  }
  for (const wrong of ['', '0', '-1', 'five', '1e99']) assert.equal(parseQuota(wrong, 'G'), undefined);
});

test('settings are read back as they are shown', () => {
  assert.equal(duration(432_000), '5 days');
  assert.equal(duration(5400), '90 minutes');
  for (const seconds of [1, 90, 900, 5400, 86_400, 432_000]) assert.equal(parseDuration(duration(seconds)), seconds);
  assert.equal(parseBytes('25 MB'), 25 * 1024 ** 2);
  assert.equal(parseBytes('lots'), undefined);
  const setting = (type: Parameters<typeof readValue>[0]['type'], value: unknown) => ({
    key: 'k',
    group: 'g',
    label: 'l',
    doc: '',
    type,
    choices: [],
    value,
    default: value,
  });
  assert.deepEqual(readValue(setting('integer', 25), '2525'), { value: 2525 });
  assert.ok('error' in readValue(setting('integer', 25), '25th'));
  assert.deepEqual(readValue(setting('list', []), ' a\nb, c '), { value: ['a', 'b', 'c'] });
  assert.deepEqual(readValue(setting('bytes', 1), '50 MB'), { value: 50 * 1024 ** 2 });
  assert.deepEqual(readValue(setting('duration', 60), '4 hours'), { value: 14_400 });
  assert.deepEqual(readValue(setting('duration', 60), ''), { value: null });
  assert.equal(valueText({ type: 'list' }, ['a', 'b']), 'a\nb');
  assert.equal(valueWords({ type: 'boolean' }, true), 'on');
  assert.equal(valueWords({ type: 'string' }, ''), 'nothing');
});

test('typed targets may stand on lines or between commas', () => {
  assert.deepEqual(splitTargets(' a@x.example, <b@x.example>;\na@x.example '), ['a@x.example', 'b@x.example']);
  assert.equal(badTarget(['a@x.example', 'nobody']), 'nobody');
  assert.equal(badTarget(['a@x.example']), undefined);
});

test('a plural text chooses its form by count and leaves no place unfilled', () => {
  assert.equal(t('list.new', { count: 1 }), '1 new');
  assert.equal(t('boxes.h1', { count: 41, word: '41' }), '41 mailboxes');
  assert.equal(t('palette.check'), 'Check  again');
});

test('every key that the panel names stands in the catalogue, and every text is used', () => {
  const files = sources(panel);
  const code = files
    .filter((file) => !file.includes('/text/en/'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const named = [...code.matchAll(/\bt\(\s*'([^']+)'/g)].map((match) => match[1] ?? '');
  assert.deepEqual(
    named.filter((key) => !isTextKey(key)),
    [],
  );
  const keys = files
    .filter((file) => file.includes('/text/en/'))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^ {2}'?([\w.-]+)'?:|', '([\w.]+)':/gm)].flatMap((match) => [match[1] ?? match[2] ?? '']),
    );
  const built = [...code.matchAll(/`([\w.-]+\.)\$\{/g)].map((match) => match[1] ?? '');
  const unused = keys.filter(
    (key) =>
      key &&
      !code.includes(`'${key}'`) &&
      !built.some((prefix) => key.startsWith(prefix)) &&
      !code.includes(`.${key.split('.').at(-1)}2`) &&
      !/^setup\.\w+\.(h1|sub)$/.test(key) &&
      !/2$/.test(key),
  );
  assert.deepEqual(unused, []);
});

test('texts keep the voice: no exclamation mark, no please, no successfully, no invalid', () => {
  for (const file of sources(join(panel, 'text/en'))) {
    const text = readFileSync(file, 'utf8').replace(/\/\*.*?\*\//gs, '');
    assert.doesNotMatch(text, /!|\bplease\b|successful|\binvalid\b|\berror occurred\b/i, file);
  }
});

test('the log is told in words, unknown actions as they are', () => {
  assert.equal(actionWords('account.create'), 'Created the mailbox');
  assert.equal(actionWords('comet.catch'), 'comet.catch');
  assert.equal(detailWords('{"quotaBytes":5368709120,"name":null,"keepCopy":true}'), 'quota 5 GB; keep copy true');
  assert.equal(detailWords('{}'), '');
  assert.equal(detailWords('{broken'), '{broken');
});

test('browsers are named by what they are', () => {
  assert.equal(browserName('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox, Linux');
  assert.equal(
    browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605 Version/26.0 Safari/604.1'),
    'Safari, iPhone',
  );
  assert.equal(browserName(''), 'Unknown browser');
});
