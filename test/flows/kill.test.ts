/** Killed at 20 random moments during delivery, submission and queue runs: what was acknowledged is there, here exactly once. */
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { killRepeatedly } from '../support/kill-loop.ts';
import { random } from '../wire/random.ts';

const KILLS = 20;

test('RFC 5321 §4.2.5: after twenty kills every acknowledged message is in its mailboxes once and has reached the other server', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const report = await killRepeatedly(KILLS, random(seed).next);
  t.diagnostic(JSON.stringify(report));
});
