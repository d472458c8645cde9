/** The kill proof at length: 200 random moments, or KILLS of them. */
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { killRepeatedly } from '../support/kill-loop.ts';
import { random } from '../wire/random.ts';

test('RFC 5321 §4.2.5: killed hundreds of times, nothing acknowledged is lost and nothing here is doubled', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const report = await killRepeatedly(Number(process.env['KILLS'] ?? 200), random(seed).next);
  t.diagnostic(JSON.stringify(report));
});
