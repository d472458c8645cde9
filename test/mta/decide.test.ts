import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Analysis } from '../../daemon/authentication/analysis.ts';
import { DEFAULT_POLICY, decide, type MailPolicy } from '../../daemon/mta/decide.ts';
import { parseDomain } from '../../daemon/wire/address/domain.ts';

const PLAIN: Analysis = {
  spf: { result: 'none', domain: 'far.test' },
  spfHelo: { result: 'none', domain: '' },
  dkim: [],
  dmarc: { result: 'none', policy: 'none', domain: 'far.test', reason: '' },
  arc: { result: 'none', sealer: '', reason: '' },
  senderDomain: 'resolves',
  fromFields: 1,
  fromDomain: parseDomain('far.test'),
  tookMs: 0,
};
const failing = (policy: 'none' | 'quarantine' | 'reject'): Partial<Analysis> => ({
  dmarc: { result: 'fail', policy, domain: 'far.test', reason: '' },
});
const sealed: Partial<Analysis> = { arc: { result: 'pass', sealer: 'lists.test', reason: '' } };
const trusting: Partial<MailPolicy> = { trustedSealers: new Set(['lists.test']) };

test('RFC 9989 §5.4: the verdicts', () => {
  const table: readonly [name: string, Partial<Analysis>, Partial<MailPolicy>, string][] = [
    ['nothing known', {}, {}, 'accept'],
    ['reject', failing('reject'), {}, 'reject'],
    ['quarantine', failing('quarantine'), {}, 'junk'],
    ['none', failing('none'), {}, 'accept'],
    ['not honoured', failing('reject'), { honourDmarc: false }, 'accept'],
    ['reject, sealed by a stranger', { ...failing('reject'), ...sealed }, {}, 'reject'],
    ['reject, sealed by a trusted list', { ...failing('reject'), ...sealed }, trusting, 'junk'],
    ['quarantine, sealed by a trusted list', { ...failing('quarantine'), ...sealed }, trusting, 'accept'],
    [
      'DNS trouble',
      { dmarc: { result: 'temperror', policy: 'reject', domain: 'far.test', reason: '' }, spf: { result: 'temperror', domain: '' } },
      {},
      'accept',
    ],
    ['sender domain missing', { senderDomain: 'missing' }, {}, 'accept'],
    ['sender domain missing, refused', { senderDomain: 'missing' }, { refuseMissingSenderDomain: true }, 'reject'],
    ['null MX and SPF fail', { senderDomain: 'null-mx', spf: { result: 'fail', domain: 'far.test' } }, {}, 'junk'],
    [
      'the same, delivered anyway',
      { senderDomain: 'null-mx', spf: { result: 'fail', domain: 'far.test' } },
      { suspicious: 'deliver' },
      'accept',
    ],
    ['the same, refused', { senderDomain: 'null-mx', spf: { result: 'fail', domain: 'far.test' } }, { suspicious: 'refuse' }, 'reject'],
    ['several From', { fromFields: 2, fromDomain: undefined }, {}, 'accept'],
  ];
  for (const [name, facts, policy, kind] of table) {
    assert.equal(decide({ ...PLAIN, ...facts }, { ...DEFAULT_POLICY, ...policy }).kind, kind, name);
  }
});

test('every refusal and every Junk says why in words', () => {
  for (const facts of [failing('reject'), failing('quarantine')]) {
    const verdict = decide({ ...PLAIN, ...facts }, DEFAULT_POLICY);
    assert.match(verdict.reasons[0]?.text ?? '', /far\.test asks to/);
  }
  const verdict = decide({ ...PLAIN, senderDomain: 'null-mx', spf: { result: 'fail', domain: 'far.test' } }, DEFAULT_POLICY);
  assert.deepEqual(
    verdict.reasons.map((reason) => reason.points),
    [3, 3],
  );
});
