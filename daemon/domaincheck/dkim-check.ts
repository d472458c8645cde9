/**
 * Are the keys published with which we sign? Each selector's record, held against our own key.
 *
 * Invariant: a second key (Ed25519 beside RSA) is optional while the first is published.
 *
 * Specifications: RFC 6376 §3.6.1 (key records), RFC 8463 §3 (Ed25519).
 */
import { type DnsAnswer, isTemporary } from '../dns/answer.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { type DkimKey, dkimValue } from './records.ts';
import { type Finding, type RecordText, statusText } from './report.ts';
import { parseTags } from './tag-list.ts';

/** Checks each key with which mail of `domain` is signed. */
export async function checkDkim(domain: string, keys: readonly DkimKey[], inquiry: Inquiry): Promise<Finding[]> {
  const looked = await Promise.all(
    keys.map(async (key) => {
      const answer = await inquiry.query(`${key.selector}._domainkey.${domain}`, 'TXT');
      return { key, answer, state: stateOf(key, answer) };
    }),
  );
  return looked.map(({ key, answer, state }) => {
    // Receivers that know only RSA are many, those that know only Ed25519 none.
    const isOptional = key.algorithm === 'ed25519' && looked.some((other) => other.key.algorithm === 'rsa' && other.state === 'same');
    return finding(domain, { key, answer, state, isOptional });
  });
}

type State = 'same' | 'other' | 'revoked' | 'missing' | 'several' | 'unreadable' | 'unknown';

function stateOf(key: DkimKey, answer: DnsAnswer<string>): State {
  if (isTemporary(answer)) return 'unknown';
  if (answer.status !== 'ok') return 'missing';
  // RFC 6376 §3.6.2.2: several records under one selector are undefined.
  if (answer.records.length > 1) return 'several';
  const tags = parseTags(answer.records[0] ?? '');
  if (tags === undefined || (tags.get('v') ?? 'DKIM1') !== 'DKIM1' || !tags.has('p')) return 'unreadable';
  const published = (tags.get('p') ?? '').replace(/\s+/g, '');
  // RFC 6376 §3.6.1: an empty key is a withdrawn one.
  if (published === '') return 'revoked';
  const isSameKind = (tags.get('k') ?? 'rsa').toLowerCase() === key.algorithm;
  return isSameKind && sameKey(published, key.publicKeyBase64) ? 'same' : 'other';
}

function sameKey(a: string, b: string): boolean {
  return Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'));
}

interface Evidence {
  readonly key: DkimKey;
  readonly answer: DnsAnswer<string>;
  readonly state: State;
  readonly isOptional: boolean;
}

const WHY: Readonly<Record<State, string>> = {
  same: 'Receivers can prove that mail of the domain is real and unchanged.',
  other: 'Receivers find a key that does not fit our signature and call the mail forged or damaged.',
  revoked: 'The record says that the key is withdrawn, so every signature counts as broken.',
  missing: 'We sign all mail; without the key nobody can check the signature.',
  several: 'Receivers pick one of the records at random, so signatures fail now and then.',
  unreadable: 'Receivers cannot read the key, so nobody can check the signature.',
  unknown: 'The name server did not answer, so it is open whether receivers can check the signature.',
};

function finding(domain: string, { key, answer, state, isOptional }: Evidence): Finding {
  const name = `${key.selector}._domainkey.${domain}`;
  const value = dkimValue(key);
  const fix: RecordText | null = state === 'same' || state === 'unknown' ? null : { name, type: 'TXT', value, ttl: 3600 };
  const level =
    state === 'same'
      ? 'ok'
      : state === 'unknown'
        ? 'unknown'
        : isOptional && state === 'missing'
          ? 'hint'
          : state === 'missing'
            ? 'warn'
            : 'fail';
  const titles: Readonly<Record<State, string>> = {
    same: `Key ${key.selector} is published`,
    other: `Replace the key ${key.selector}: it is not the one we sign with`,
    revoked: `Publish the key ${key.selector} again: it is marked as withdrawn`,
    missing: `Publish the key ${key.selector}, so that our signature can be checked`,
    several: `Keep only one record for the key ${key.selector}`,
    unreadable: `Replace the record of the key ${key.selector}: it cannot be read`,
    unknown: `Whether the key ${key.selector} is published could not be found out`,
  };
  return {
    id: 'dkim',
    subject: key.selector,
    level,
    title: titles[state],
    found: answer.status === 'ok' ? answer.records.join(' | ') : statusText(answer),
    expected: value,
    fix,
    why: WHY[state],
    asked: serversOf(answer),
  };
}
