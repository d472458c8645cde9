/** What replies mean: tables of real ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostHealth } from '../../../daemon/mta/send/host-health.ts';
import { deferReason, isFinal, isTooManyRecipients, readReply } from '../../../daemon/mta/send/reply-class.ts';
import { DEFAULT_RETRY, retryWait } from '../../../daemon/mta/send/retry-schedule.ts';

test('RFC 2034 §4: the enhanced code counts when its class is that of the reply', () => {
  assert.deepEqual(readReply('550 5.1.1 no such user'), { code: 550, status: '5.1.1' });
  assert.deepEqual(readReply('451 5.7.1 odd'), { code: 451, status: '4.0.0' });
  assert.deepEqual(readReply('550 no'), { code: 550, status: '5.0.0' });
  assert.deepEqual(readReply('hello'), { code: 0, status: '4.0.0' });
  assert.equal(isFinal('552 5.2.2 full'), true);
  assert.equal(isFinal('450 4.2.1 later'), false);
  assert.equal(isFinal('what is this'), false);
});

test('deferrals in the words of well-known servers', () => {
  const table: readonly [string, string][] = [
    ['450 4.2.0 <a@b.test>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/', 'greylisted'],
    ['451 4.7.1 Greylisting in action, please come back later', 'greylisted'],
    ['451 Temporarily rejected. Try again later.', 'greylisted'],
    ['421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume', 'limited'],
    ['421 4.7.28 Our system has detected an unusual rate of unsolicited mail', 'limited'],
    ['450 4.7.1 Error: too much mail from 192.0.2.1, rate limit', 'limited'],
    ['452 4.2.2 The email account that you tried to reach is over quota', 'full'],
    ['452 4.3.1 Insufficient system storage', 'full'],
    ['421 4.3.2 Service not available', 'busy'],
    ['451 4.3.0 Temporary lookup failure', 'busy'],
    ['454 4.9.9 something else', 'other'],
  ];
  for (const [reply, reason] of table) assert.equal(deferReason(reply), reason, reply);
});

test('RFC 5321 §4.5.3.1.10: too many recipients, but not a full mailbox', () => {
  assert.equal(isTooManyRecipients('452 4.5.3 too many recipients'), true);
  assert.equal(isTooManyRecipients('552 too many recipients'), true);
  assert.equal(isTooManyRecipients('452 4.2.2 mailbox full'), false);
  assert.equal(isTooManyRecipients('550 5.1.1 no'), false);
});

test('waits double up to four hours; greylisting and our own mailboxes wait less', () => {
  const minutes = (failures: number, reason: 'other' | 'greylisted' | 'local'): number =>
    retryWait(DEFAULT_RETRY, failures, reason, 0.5) / 60_000;
  assert.deepEqual(
    [1, 2, 3, 6, 7, 20, 1000].map((n) => minutes(n, 'other')),
    [5, 10, 20, 160, 240, 240, 240],
  );
  assert.deepEqual(
    [1, 2, 4, 5].map((n) => minutes(n, 'greylisted')),
    [2, 4, 8, 80],
  );
  assert.deepEqual(
    [1, 2, 20].map((n) => minutes(n, 'local') * 60),
    [5, 10, 900],
  );
  for (const random of [0, 0.999]) assert.ok(Math.abs(retryWait(DEFAULT_RETRY, 1, 'other', random) / 300_000 - 1) <= 0.125);
});

test('a host that fails is left in peace for longer each time, until it answers', () => {
  let nowMs = 0;
  const health = new HostHealth(() => nowMs);
  assert.equal(health.resting('192.0.2.1'), undefined);
  const rests: number[] = [];
  for (let n = 0; n < 7; n++) {
    health.failed('192.0.2.1', 'connection refused');
    health.failed('192.0.2.1', 'a second attempt of the same moment');
    const rest = health.resting('192.0.2.1');
    assert.equal(rest?.words, 'connection refused');
    rests.push(((rest?.untilMs ?? 0) - nowMs) / 1000);
    nowMs = rest?.untilMs ?? 0;
  }
  assert.deepEqual(rests, [30, 60, 120, 240, 480, 600, 600]);
  health.answered('192.0.2.1');
  health.failed('192.0.2.1', 'x');
  assert.equal((health.resting('192.0.2.1')?.untilMs ?? 0) - nowMs, 30_000);
});
