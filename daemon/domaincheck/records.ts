/**
 * The records that a hosted domain publishes: what the panel shows to copy and what the check expects.
 *
 * Invariants: 1. pure: the same input gives the same list in the same order, the required ones first; 2. values are as they
 * are typed into a zone, names in them end in a dot; a TXT value is given whole (over 255 octets a zone file splits it).
 *
 * Specifications: RFC 5321 §5.1, RFC 7208 §3, RFC 6376 §3.6.1, RFC 8463 §4, RFC 9989 §4.7, RFC 6186 §3, RFC 8314 §5.1.
 */
import type { OwnMachine } from './inquiry.ts';
import type { RecordText } from './report.ts';

export interface DkimKey {
  readonly selector: string;
  /** What stands after `p=`: for RSA the SubjectPublicKeyInfo, for Ed25519 the 32 octets of the key. */
  readonly publicKeyBase64: string;
  readonly algorithm: 'rsa' | 'ed25519';
}

export interface PublishedRecord extends RecordText {
  /** What it is good for, one sentence. */
  readonly purpose: string;
  /** Without it mail does not arrive or is distrusted. */
  readonly required: boolean;
}

const TTL_S = 3600;

/** The name under which the proof of ownership is published, below the domain. */
export const PROOF_LABEL = '_mailstead';

/** The value of a selector's TXT record. */
export function dkimValue(key: Pick<DkimKey, 'algorithm' | 'publicKeyBase64'>): string {
  return `v=DKIM1; k=${key.algorithm}; p=${key.publicKeyBase64.replace(/\s+/g, '')}`;
}

/** The value of the TXT record that proves ownership. */
export function proofValue(token: string): string {
  return `mailstead-proof=${token}`;
}

export interface ClientService {
  /** `_service._tcp` */
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly what: string;
}

/** The services that mail programs look up by SRV; IMAP is preferred to POP3 (RFC 6186 §3.4). */
export function clientServices(own: OwnMachine): ClientService[] {
  const { imaps = 993, pop3s = 995, submissions = 465 } = own.ports ?? {};
  return [
    { name: '_imaps._tcp', port: imaps, priority: 0, what: 'the mailbox (IMAP)' },
    { name: '_submissions._tcp', port: submissions, priority: 0, what: 'where to send mail' },
    { name: '_pop3s._tcp', port: pop3s, priority: 10, what: 'the mailbox (POP3)' },
  ];
}

/** All records to publish for `domain`; with `proofToken` also the one that proves ownership, first. */
export function recordsFor(domain: string, own: OwnMachine, dkim: readonly DkimKey[], proofToken?: string): PublishedRecord[] {
  const host = `${own.hostname.replace(/\.$/, '')}.`;
  const { https = 443 } = own.ports ?? {};
  const record = (name: string, type: string, value: string, rest: { purpose: string; required: boolean }): PublishedRecord => ({
    name,
    type,
    value,
    ttl: TTL_S,
    ...rest,
  });
  const proof = proofToken === undefined ? [] : [proofRecord(domain, proofToken)];
  const hasRsa = dkim.some((key) => key.algorithm === 'rsa');
  return [
    ...proof,
    record(domain, 'MX', `10 ${host}`, { purpose: 'Mail for the domain comes to this server.', required: true }),
    record(domain, 'TXT', 'v=spf1 mx ~all', { purpose: 'This server may send for the domain, others are doubted.', required: true }),
    ...dkim.map((key) =>
      record(`${key.selector}._domainkey.${domain}`, 'TXT', dkimValue(key), {
        purpose: 'Receivers check with this key that mail is real and unchanged.',
        required: key.algorithm === 'rsa' || !hasRsa,
      }),
    ),
    record(`_dmarc.${domain}`, 'TXT', 'v=DMARC1; p=none', {
      purpose: 'Asks receivers to watch for fakes; later p=quarantine asks them to refuse.',
      required: true,
    }),
    record(`autoconfig.${domain}`, 'CNAME', host, { purpose: 'Thunderbird and others find their settings.', required: false }),
    record(`autodiscover.${domain}`, 'CNAME', host, { purpose: 'Outlook finds its settings.', required: false }),
    record(`_autodiscover._tcp.${domain}`, 'SRV', `0 1 ${https} ${host}`, {
      purpose: 'Outlook finds its settings even if the name above is taken.',
      required: false,
    }),
    ...clientServices(own).map((service) =>
      record(`${service.name}.${domain}`, 'SRV', `${service.priority} 1 ${service.port} ${host}`, {
        purpose: `Mail programs find ${service.what}.`,
        required: false,
      }),
    ),
  ];
}

/** The TXT record by which the owner of a domain proves that it is theirs. */
export function proofRecord(domain: string, token: string): PublishedRecord {
  return {
    name: `${PROOF_LABEL}.${domain}`,
    type: 'TXT',
    value: proofValue(token),
    ttl: 300,
    purpose: 'Proves that the domain is yours; it may go once the domain is proven.',
    required: true,
  };
}
