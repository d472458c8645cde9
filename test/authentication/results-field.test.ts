import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Analysis } from '../../daemon/authentication/analysis.ts';
import { scanHeader } from '../../daemon/authentication/header-fields.ts';
import { authenticationResults, forgedResults } from '../../daemon/authentication/results-field.ts';

const ANALYSIS: Analysis = {
  spf: { result: 'pass', domain: 'good.test' },
  spfHelo: { result: 'none', domain: '' },
  dkim: [
    { result: 'pass', domain: 'good.test', selector: 's1', algorithm: 'rsa-sha256', signature: 'abc/def+', reason: '' },
    { result: 'fail', domain: 'evil"; dmarc=pass', selector: 's', algorithm: 'rsa-sha256', signature: '', reason: 'body hash\r\nX: y' },
  ],
  dmarc: { result: 'pass', policy: 'reject', domain: 'good.test', reason: '' },
  arc: { result: 'none', sealer: '', reason: '' },
  senderDomain: 'resolves',
  fromFields: 1,
  fromDomain: undefined,
  tookMs: 1,
};

test('RFC 8601 §2.2: the field, with nothing from outside unquoted', () => {
  const field = authenticationResults('mx.test', ANALYSIS, { sender: 'a@good.test', helo: 'mail.good.test' });
  const unfolded = field.replaceAll('\r\n\t', ' ').trimEnd();
  assert.equal(
    unfolded,
    'Authentication-Results: mx.test; spf=pass smtp.mailfrom=good.test; ' +
      'dkim=pass header.d=good.test header.s=s1 header.a=rsa-sha256 header.b="abc/def+"; ' +
      'dkim=fail reason="body hash  X: y" header.d="evil\\"; dmarc=pass" header.s=s header.a=rsa-sha256; ' +
      'dmarc=pass policy.dmarc=reject header.from=good.test',
  );
  const forNull = authenticationResults('mx.test', { ...ANALYSIS, dkim: [] }, { sender: '', helo: 'mail.good.test' });
  assert.match(forNull, /mx\.test; spf=none smtp\.helo=mail\.good\.test;\s+dkim=none;/);
});

test('RFC 8601 §5: fields that claim to be ours are found behind comments, in any case', () => {
  const header = scanHeader(
    Buffer.from(
      'Authentication-Results:\r\n (c) MX.test;\r\n spf=pass\r\nAuthentication-Results: else.test; none\r\nauthentication-results : mx.test\r\n\r\n',
    ),
  );
  assert.deepEqual(
    forgedResults(header, 'mx.test').map((field) => field.start),
    [0, 92],
  );
});
