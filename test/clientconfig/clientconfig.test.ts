import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { autoconfig } from '../../daemon/clientconfig/autoconfig.ts';
import { autodiscover, isAddressShaped, readAutodiscoverRequest } from '../../daemon/clientconfig/autodiscover.ts';
import { mobileconfig } from '../../daemon/clientconfig/mobileconfig.ts';
import { settingsFor, settingsMailto, settingsText } from '../../daemon/clientconfig/settings.ts';
import { escapeXml, readElements } from '../../daemon/clientconfig/xml.ts';

const INPUT = { domain: 'bakery.test', hostname: 'mail.host.test', brand: 'North & "Host" <1>' };
const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** What Outlook posts. */
const request = (address: string, schema = OUTLOOK): string => `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>${address}</EMailAddress>
    <AcceptableResponseSchema>${schema}</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;

/** All values of one element, in order. */
const values = (xml: string, element: string): string[] =>
  [...xml.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map((match) => match[1]!);

/** An XML parser that is not ours has the last word on well-formedness. */
function assertWellFormed(xml: string): void {
  execFileSync('python3', ['-c', 'import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())'], { input: xml });
}

test('draft-ietf-mailmaint-autoconfig: each protocol with implicit TLS first, never without encryption', () => {
  const { status, contentType, body } = autoconfig(INPUT);
  assert.deepEqual([status, contentType], [200, 'application/xml; charset=utf-8']);
  assertWellFormed(body);
  assert.match(body, /<emailProvider id="bakery.test">\n {4}<domain>bakery.test<\/domain>/);
  assert.deepEqual(
    [...body.matchAll(/Server type="(\w+)"/g)].map((match) => match[1]),
    ['imap', 'imap', 'pop3', 'pop3', 'smtp', 'smtp'],
  );
  assert.deepEqual(values(body, 'port'), ['993', '143', '995', '110', '465', '587']);
  assert.deepEqual(values(body, 'socketType'), ['SSL', 'STARTTLS', 'SSL', 'STARTTLS', 'SSL', 'STARTTLS']);
  assert.deepEqual(new Set(values(body, 'username')), new Set(['%EMAILADDRESS%']));
  assert.deepEqual(new Set(values(body, 'authentication')), new Set(['password-cleartext']));
  assert.deepEqual(values(body, 'displayName'), ['North &amp; &quot;Host&quot; &lt;1&gt;']);
  assert.equal(/plain/.test(body), false);
});

test('the trial names its own ports', () => {
  assert.deepEqual(values(autoconfig({ ...INPUT, portOffset: 10_000 }).body, 'port'), [
    '10993',
    '10143',
    '10995',
    '10110',
    '10465',
    '10587',
  ]);
});

test('[MS-OXDSCLI] §2.2.4: settings for the address that was asked for, whether it exists or not', () => {
  const read = readAutodiscoverRequest(request('marta@bakery.test'));
  assert.deepEqual(read, { kind: 'settings', address: 'marta@bakery.test' });
  const { status, body } = autodiscover(INPUT, read);
  assert.equal(status, 200);
  assertWellFormed(body);
  assert.deepEqual(values(body, 'Type'), ['IMAP', 'POP3', 'SMTP']);
  assert.deepEqual(values(body, 'Port'), ['993', '995', '465']);
  assert.deepEqual(values(body, 'SSL'), ['on', 'on', 'on']);
  assert.deepEqual(values(body, 'LoginName'), new Array(3).fill('marta@bakery.test'));
  const other = autodiscover(INPUT, readAutodiscoverRequest(request('nobody@bakery.test'))).body;
  assert.equal(other.replaceAll('nobody', 'marta'), body);
});

test('a GET, or a POST without a body, gets settings without an address', () => {
  const { body } = autodiscover(INPUT, readAutodiscoverRequest(''));
  assertWellFormed(body);
  assert.deepEqual(values(body, 'LoginName'), []);
  assert.deepEqual(values(body, 'Server'), new Array(3).fill('mail.host.test'));
});

test('[MS-OXDSCLI] §2.2.4: what cannot be read and what is not offered get error 600 and 601', () => {
  const now = () => new Date('2026-05-03T10:11:12.345Z');
  const code = (xml: string) => {
    const { status, body } = autodiscover(INPUT, readAutodiscoverRequest(xml), now);
    assert.equal(status, 200);
    assertWellFormed(body);
    return values(body, 'ErrorCode')[0];
  };
  assert.equal(
    code(request('marta@bakery.test', 'http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006')),
    '601',
  );
  for (const bad of [
    '<x',
    'hello',
    '<a><b></a></b>',
    request('not an address'),
    request('a@b\u0000c'),
    '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a><EMailAddress>&e;@b.test</EMailAddress></a>',
    `<a>${' '.repeat(20_000)}</a>`,
    '<a>'.repeat(40),
  ]) {
    assert.equal(code(bad), '600', bad.slice(0, 60));
  }
});

test('the reader knows prefixes, comments, CDATA and character references', () => {
  const xml =
    '\ufeff<?xml version="1.0"?><!-- > --><o:A x="a>b"><o:EMailAddress>a&#64;<![CDATA[b]]>&amp;.test</o:EMailAddress><E/></o:A>\n';
  assert.equal(readElements(xml, ['EMailAddress'])?.get('EMailAddress'), 'a@b&.test');
  assert.equal(escapeXml('a\u0000\u0007\ud800b&'), 'ab&amp;');
});

test('the reader survives anything (seeded, 200 ms)', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % below;
  };
  const parts = [
    '<',
    '>',
    '/',
    '<a',
    '</a>',
    '<a>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&',
    '&#x41;',
    '&#99999999;',
    '"',
    "'",
    '<?',
    '?>',
    '<!',
    'EMailAddress',
    ' ',
    '=',
    '\u0000',
  ];
  const end = performance.now() + 200;
  while (performance.now() < end) {
    let xml = '';
    for (let i = random(60); i >= 0; i--) xml += parts[random(parts.length)];
    readElements(xml, ['EMailAddress']);
  }
});

test('a profile for iPhone and Mac: TLS both ways, identifiers that stay', () => {
  const profile = mobileconfig({ ...INPUT, address: 'marta@bakery.test', name: 'Marta & Söhne' });
  assert.equal(profile.contentType, 'application/x-apple-aspen-config; charset=utf-8');
  const script = 'import sys, json, plistlib; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const read = JSON.parse(execFileSync('python3', ['-c', script], { input: profile.body }).toString());
  const [account] = read.PayloadContent;
  assert.equal(read.PayloadType, 'Configuration');
  assert.equal(account.EmailAccountName, 'Marta & Söhne');
  assert.deepEqual(
    [account.IncomingMailServerHostName, account.IncomingMailServerPortNumber, account.IncomingMailServerUseSSL],
    ['mail.host.test', 993, true],
  );
  assert.deepEqual(
    [account.OutgoingMailServerPortNumber, account.OutgoingMailServerUsername, account.OutgoingPasswordSameAsIncomingPassword],
    [465, 'marta@bakery.test', true],
  );
  assert.match(read.PayloadUUID, /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/);
  assert.notEqual(read.PayloadUUID, account.PayloadUUID);
  assert.equal(mobileconfig({ ...INPUT, address: 'marta@bakery.test', name: 'Marta & Söhne' }).body, profile.body);
  assert.equal(/password<\/string>/i.test(profile.body.replaceAll('EmailAuthPassword', '')), false);
});

test('the table and the text for people', () => {
  const rows = settingsFor('marta@bakery.test', INPUT);
  assert.deepEqual(
    rows.filter((row) => row.preferred).map((row) => `${row.purpose} ${row.hostname}:${row.port} ${row.security}`),
    [
      'Incoming mail (IMAP) mail.host.test:993 SSL/TLS',
      'Incoming mail (POP3) mail.host.test:995 SSL/TLS',
      'Outgoing mail (SMTP) mail.host.test:465 SSL/TLS',
    ],
  );
  assert.match(
    settingsText('marta@bakery.test', INPUT),
    /Server: mail\.host\.test\n {2}Port: 993, SSL\/TLS\n {2}User name: marta@bakery\.test/,
  );
  const link = new URL(settingsMailto('marta@bakery.test', INPUT));
  assert.match(link.searchParams.get('body') ?? '', /Port: 465, SSL\/TLS\r\n/);
});

test('RFC 5321 §4.5.3.1.3: what has the shape of an address', () => {
  for (const good of ['a@b.test', 'jörg@bücher.test', "o'neil+x@b.test"]) assert.equal(isAddressShaped(good), true, good);
  for (const bad of ['', '@', 'a@', '@b', 'a b@c', 'a@b\n', `${'a'.repeat(250)}@b.test`, '<a@b>'])
    assert.equal(isAddressShaped(bad), false, bad);
});
