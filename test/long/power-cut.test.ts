/** The proof by power cuts at every single reply of a longer run. */
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { cutPowerRepeatedly } from '../support/power-cut-run.ts';
import { random } from '../wire/random.ts';

test('RFC 5321 §6.1: a power cut at any reply loses nothing acknowledged', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  t.diagnostic(JSON.stringify(await cutPowerRepeatedly({ rounds: 40, cuts: Number.POSITIVE_INFINITY, random: random(seed).next })));
});
