import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Actor, COMMAND_LINE } from '../../daemon/admin/actor.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import type { AdminContext } from '../../daemon/admin/admin-context.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { parseQuota } from '../../daemon/admin/quota.ts';
import { useCases } from '../../daemon/admin/use-cases.ts';
import { Invalid, isKnownError } from '../../daemon/lib/errors.ts';
import { customerActor, HOST, mailboxActor, settledAdministration } from './administration.ts';

const FUZZ_MS = 4_000;
const FIELDS =
  `domain address account forwarder customer name email hostname password current next reason targets kind values label scopes id session
  q limit after quota expiresAt role secret by login in out force keepCopy rejectText sort agent`.split(/\s+/);
const VALUES: unknown[] = [
  null,
  '',
  ' ',
  0,
  5,
  -1,
  1.5,
  1e99,
  Number.NaN,
  true,
  false,
  [],
  {},
  ['x'],
  [null],
  ['x@y.example'],
  'x'.repeat(5_000),
  'x@y',
  '@',
  '@juniper.example',
  'marta@juniper.example',
  'juniper.example',
  'other.example',
  '1',
  '2',
  '99',
  '%',
  'a\u0000b',
  '\ud800',
  'forward',
  'reject',
  'none',
  '1G',
  'address',
  'eyJ9',
  '__proto__',
  'constructor',
];

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('whatever the arguments, a use case answers or refuses in its own words', async (t) => {
  const { context } = await settledAdministration(t);
  await addDomain(context, HOST, { domain: 'juniper.example' });
  await createAccount(context, HOST, { address: 'marta@juniper.example', password: 'lantern-orchard' });
  const seed = 20_261_123;
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const actors: Actor[] = [
    COMMAND_LINE,
    customerActor(1),
    customerActor(1, 'reseller'),
    mailboxActor('1', 'marta@juniper.example'),
    { ...COMMAND_LINE, kind: 'visitor' },
  ];
  const calls = Object.entries(useCases) as [string, (context: AdminContext, actor: Actor, args: never) => unknown][];
  const until = Date.now() + FUZZ_MS;
  for (let round = 0; round < 20_000 && Date.now() < until; round++) {
    const [name, call] = pick(calls);
    const args: Record<string, unknown> = {};
    for (const field of FIELDS) if (random() < 0.7) args[field] = pick(VALUES);
    try {
      await call(context, pick(actors), args as never);
    } catch (error) {
      if (!isKnownError(error)) throw new Error(`round ${round} of seed ${seed}: ${name} ${JSON.stringify(args)}`, { cause: error });
    }
  }
});

test('quotas are sizes in words or bytes', () => {
  const cases: [unknown, number | null][] = [
    ['500M', 524_288_000],
    ['5g', 5_368_709_120],
    ['1 T', 1_099_511_627_776],
    ['2048', 2_048],
    ['1.5K', 1_536],
    ['10 MiB', 10_485_760],
    ['none', null],
    [null, null],
    [7, 7],
  ];
  for (const [given, bytes] of cases) assert.equal(parseQuota('quota', given), bytes, String(given));
  for (const wrong of ['', '5X', '-1', '0', 0, 1.5, '1e9', 'M', {}, undefined, '99999999999999T'])
    assert.throws(() => parseQuota('quota', wrong), Invalid, String(wrong));
});
