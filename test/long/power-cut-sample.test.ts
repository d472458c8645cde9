/** Files rebuilt as of acknowledged replies, with unsynced writes dropped or kept in part: nothing acknowledged is lost. */
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { cutPowerRepeatedly, IncompleteLog } from '../support/power-cut-run.ts';
import { random } from '../wire/random.ts';

test('RFC 5321 §6.1: what was acknowledged before a power cut is in the mailbox or in the queue after it', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  // strace now and then loses a line under load; such a run proves nothing, either way.
  for (let run = 1; ; run++) {
    try {
      t.diagnostic(JSON.stringify(await cutPowerRepeatedly({ rounds: 5, cuts: 4, random: random(seed).next })));
      return;
    } catch (error) {
      if (!(error instanceof IncompleteLog) || run === 4) throw error;
      t.diagnostic(`run ${run}: ${error.message}`);
    }
  }
});
