import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { parseAddress } from '../../../daemon/wire/address/mailbox.ts';
import { buildDsn, type DsnRequest } from '../../../daemon/wire/dsn/build-dsn.ts';
import { explainStatus } from '../../../daemon/wire/dsn/explain-status.ts';
import { indexMessage } from '../../../daemon/wire/mime/index-message.ts';

const original = Buffer.from(
  'From: ann@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n',
);

const REQUEST: DsnRequest = {
  reportingMta: 'mail.example.com',
  arrivalMs: Date.UTC(2024, 4, 6, 8),
  timeMs: Date.UTC(2024, 4, 6, 9),
  messageId: 'r1@mail.example.com',
  to: parseAddress('ann@example.com')!,
  action: 'failed',
  original,
  fullUpToBytes: 10_000,
  envelopeId: 'QQ314159',
  recipients: [
    {
      address: parseAddress('bob@example.net')!,
      originalRecipient: 'rfc822;bob@example.org',
      action: 'failed',
      status: '5.1.1',
      remoteMta: 'mx.example.net',
      diagnostic: '550 5.1.1 no such user\r\nX-Evil: 1',
      lastAttemptMs: Date.UTC(2024, 4, 6, 8, 30),
    },
  ],
};

function parts(request: Partial<DsnRequest> = {}): { text: string; types: string[]; bodies: string[]; needsUtf8: boolean } {
  const { raw, needsUtf8 } = buildDsn({ ...REQUEST, ...request });
  const { root } = indexMessage(raw);
  return {
    text: raw.toString(),
    needsUtf8,
    types: [root, ...root.children].map((part) => `${part.type}/${part.subtype} ${part.encoding}`),
    bodies: root.children.map((part) => raw.toString('utf8', part.bodyStart, part.bodyEnd)),
  };
}

test('RFC 3464 §2: a failure has words, facts and the message', () => {
  const { text, types, bodies, needsUtf8 } = parts();
  assert.deepEqual(types, ['multipart/report 8bit', 'text/plain 8bit', 'message/delivery-status 7bit', 'message/rfc822 7bit']);
  assert.match(text, /^From: Mail Delivery System <MAILER-DAEMON@mail\.example\.com>\r\nTo: <ann@example\.com>\r\n/);
  assert.match(text, /\r\nIn-Reply-To: <1@example\.com>\r\n/);
  // RFC 3834 §5
  assert.match(text, /\r\nAuto-Submitted: auto-replied\r\n/);
  assert.match(
    bodies[0] ?? '',
    /<bob@example\.net>\r\n {2}The address does not exist\.\r\n {2}The server mx\.example\.net said:\r\n {4}550 5\.1\.1 no such user X-Evil: 1\r\n {2}What you can do: /,
  );
  assert.match(bodies[0] ?? '', /Subject: Grüße\r\n/);
  assert.equal(
    bodies[1],
    'Reporting-MTA: dns; mail.example.com\r\nOriginal-Envelope-Id: QQ314159\r\nArrival-Date: Mon, 6 May 2024 08:00:00 +0000\r\n\r\n' +
      'Original-Recipient: rfc822; bob@example.org\r\nFinal-Recipient: rfc822; bob@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.net\r\n' +
      'Diagnostic-Code: smtp; 550 5.1.1 no such user X-Evil: 1\r\nLast-Attempt-Date: Mon, 6 May 2024 08:30:00 +0000\r\n',
  );
  assert.equal(bodies[2], original.toString());
  assert.equal(needsUtf8, false);
});

test('RFC 3461 §6.2 and RFC 6522 §4: headers only when asked, when large, and for what is no failure', () => {
  const header = original.toString().split('Hello')[0];
  assert.equal(parts({ returns: 'headers' }).bodies[2], header);
  assert.equal(parts({ fullUpToBytes: 10 }).bodies[2], header);
  assert.equal(parts({ fullUpToBytes: 10, returns: 'full' }).bodies[2], original.toString());
  const delay = parts({
    action: 'delayed',
    returns: 'full',
    recipients: [{ ...REQUEST.recipients[0]!, action: 'delayed', status: '4.4.1', willRetryUntilMs: REQUEST.timeMs }],
  });
  assert.equal(delay.bodies[2], header);
  assert.match(delay.text, /\r\nSubject: Your message is delayed\r\n/);
  assert.match(delay.bodies[1] ?? '', /\r\nWill-Retry-Until: Mon, 6 May 2024 09:00:00 \+0000\r\n/);
  assert.match(delay.types[3] ?? '', /^text\/rfc822-headers/);
  const long = parts({ original: Buffer.from(`${'X: y\r\n'.repeat(50_000)}\r\nbody`), fullUpToBytes: 0 });
  assert.ok((long.bodies[2] ?? '').length <= 65_536);
});

test('RFC 6533 §3 and §4: addresses beyond ASCII', () => {
  const recipients = [{ ...REQUEST.recipients[0]!, originalRecipient: undefined, address: parseAddress('jürgen@example.net')! }];
  assert.match(parts({ recipients }).bodies[1] ?? '', /\r\nFinal-Recipient: utf-8; j\\x\{FC\}rgen@example\.net\r\n/);
  const global = parts({ recipients, to: parseAddress('änn@example.com')!, original: Buffer.from('Subject: ü\r\n\r\nx') });
  assert.deepEqual(global.types, [
    'multipart/report 8bit',
    'text/plain 8bit',
    'message/global-delivery-status 8bit',
    'message/global 8bit',
  ]);
  assert.match(global.bodies[1] ?? '', /\r\nFinal-Recipient: utf-8; jürgen@example\.net\r\n/);
  assert.equal(global.needsUtf8, true);
});

test('a boundary that stands in the message is not used', () => {
  const boundary = /boundary="([^"]+)"/.exec(parts().text)?.[1] ?? '';
  const tricky = parts({ original: Buffer.from(`A: b\r\n\r\n--${boundary}\r\nx`) });
  assert.equal(tricky.bodies.length, 3);
});

test('RFC 3463 §3: every status has words', () => {
  assert.match(explainStatus('5.2.2').what, /full/);
  assert.equal(explainStatus('5.7.99'), explainStatus('5.7.0'));
  assert.ok(explainStatus('5.0.0').advice.length > 0);
});
