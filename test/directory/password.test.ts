import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { createPasswordHasher, parsePhc } from '../../daemon/directory/password.ts';
import { makePassword, passwordRefusal } from '../../daemon/directory/password-policy.ts';
import { makeScramVerifiers } from '../../daemon/directory/scram-verifier.ts';
import { groupSecretText, makeSecretText, matchesSecret, parseSecretText } from '../../daemon/directory/secret-text.ts';
import { Unavailable } from '../../daemon/lib/errors.ts';

test('RFC 9106: a password verifies against its own hash only, in either normal form', async () => {
  const hasher = createPasswordHasher();
  const phc = await hasher.hash('sch\u00f6ner Garten');
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hasher.verify('scho\u0308ner Garten', phc), true);
  assert.equal(await hasher.verify('schoner Garten', phc), false);
  assert.equal(await hasher.verify('anything', 'no hash at all'), false);
});

test('a PHC of another program is read whatever the order of its parameters', () => {
  const salt = Buffer.alloc(16, 1).toString('base64').replace(/=+$/, '');
  const hash = Buffer.alloc(32, 2).toString('base64').replace(/=+$/, '');
  const read = (parameters: string) => parsePhc(`$argon2id$v=19$${parameters}$${salt}$${hash}`);
  assert.deepEqual(read('m=65536,p=4,t=3'), read('t=3,m=65536,p=4'));
  assert.equal(read('m=65536,p=4,t=3')?.memory, 65_536);
  for (const wrong of ['m=99999999,t=2,p=1', 'm=19456,t=0,p=1', 'm=8,t=1,p=4', 'm=x,t=1,p=1', ''])
    assert.equal(read(wrong), undefined, wrong);
  assert.equal(parsePhc(`$argon2i$v=19$m=65536,t=3,p=4$${salt}$${hash}`), undefined);
  assert.equal(parsePhc(`$argon2id$v=19$m=65536,t=3,p=4$${salt}$`), undefined);
});

test('hashes beyond the bound are told to come back later', async () => {
  const hasher = createPasswordHasher();
  const phc = '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const all = await Promise.allSettled(Array.from({ length: 1_100 }, () => hasher.verify('x', phc)));
  const refused = all.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 1_100 - 2 - 1_000);
  assert.ok(refused.every((one) => one.reason instanceof Unavailable));
});

test('RFC 7677 §3: the verifiers accept the exchange of the example', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const made = await makeScramVerifiers('pencil', salt, 4_096);
  const message =
    'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const signature = createHmac('sha256', made.sha256StoredKey).update(message).digest();
  const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)));
  assert.deepEqual(createHash('sha256').update(clientKey).digest(), made.sha256StoredKey);
  assert.equal(createHmac('sha256', made.sha256ServerKey).update(message).digest('base64'), '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

test('RFC 5802 §5: the SHA-1 verifiers accept the exchange of the example', async () => {
  const made = await makeScramVerifiers('pencil', Buffer.from('QSXCR+Q6sek8bf92', 'base64'), 4_096);
  const message =
    'n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j';
  assert.equal(createHmac('sha1', made.sha1ServerKey).update(message).digest('base64'), 'rmF9pqV8S7suAoZWja4dJRkFsKQ=');
});

test('the policy says why, and what we make passes it', () => {
  assert.match(passwordRefusal('short', 'a@b.example') ?? '', /5 characters/);
  for (const refused of ['aaaaaaaaaa', 'Password', '12345678', 'marta@b.example', 'line\nbreak1'])
    assert.notEqual(passwordRefusal(refused, 'marta@b.example'), undefined, refused);
  assert.equal(passwordRefusal('żółw na dachu', 'marta@b.example'), undefined);
  const made = new Set(Array.from({ length: 200 }, makePassword));
  assert.equal(made.size, 200);
  for (const password of made) assert.equal(passwordRefusal(password, 'marta@b.example'), undefined);
});

test('made secrets are found however they are typed', () => {
  const key = Buffer.alloc(32, 7);
  const made = makeSecretText(key);
  const typed = parseSecretText(` ${groupSecretText(made.text).toUpperCase().replaceAll('-', ' ')} `);
  assert.deepEqual(typed, { prefix: made.prefix, text: made.text });
  assert.equal(matchesSecret(made.text, key, made.hmac), true);
  assert.equal(matchesSecret(made.text, Buffer.alloc(32, 8), made.hmac), false);
  for (const other of ['', 'lantern-orchard', made.text.slice(1), `${made.text}a`, made.text.replace(/./, '1')])
    assert.equal(parseSecretText(other), undefined);
});
