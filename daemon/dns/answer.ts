/**
 * What a DNS question is answered with: one closed union for the whole daemon.
 *
 * Invariants:
 * 1. `records` is empty unless `status` is 'ok'; 'ok' has at least one record.
 * 2. Only 'ok', 'nodata' and 'nxdomain' say something about the name; every other status is about the
 *    way to it and is temporary by nature. Mail is never bounced for it.
 * 3. `authenticated` is true only if every part of the answer was validated by a resolver on this machine.
 *
 * Specifications: RFC 1035, RFC 2308 (NODATA and NXDOMAIN), RFC 4035 §3.2.3 (AD), RFC 8914 (why SERVFAIL).
 */

export interface MxRecord {
  readonly preference: number;
  /** Lower case, without the final dot; '.' is the root (RFC 7505 null MX). */
  readonly exchange: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Lower case, without the final dot; '.' means that the service is not offered. */
  readonly target: string;
}

export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Buffer;
}

export interface SoaRecord {
  readonly primary: string;
  readonly serial: number;
  readonly minimum: number;
}

export interface CaaRecord {
  readonly critical: boolean;
  readonly tag: string;
  readonly value: string;
}

/** The shape of one record's data by type. A TXT record is its character-strings joined without a space. */
export interface RecordData {
  A: string;
  AAAA: string;
  CNAME: string;
  NS: string;
  PTR: string;
  MX: MxRecord;
  TXT: string;
  SRV: SrvRecord;
  TLSA: TlsaRecord;
  SOA: SoaRecord;
  CAA: CaaRecord;
}
export type RecordType = keyof RecordData;

interface Told {
  /** The question's name after all CNAMEs, lower case, without the final dot. */
  readonly name: string;
  /** The names passed on the way, the question first; empty when there was no CNAME. */
  readonly aliases: readonly string[];
  readonly authenticated: boolean;
  /** The AA bit: the server answered for a zone of its own. */
  readonly authoritative: boolean;
  /** `address:port` of the server that spoke last, or '' when nobody was asked. */
  readonly server: string;
  /** Seconds that the answer may be kept, as received. */
  readonly ttl: number;
}

/** Why a question has no answer: each of them may be otherwise in a minute. */
export type FailureStatus =
  /** The server failed (SERVFAIL) or answered nonsense about its own delegation. */
  | 'servfail'
  /** The resolver says that DNSSEC validation failed. */
  | 'bogus'
  /** REFUSED, NOTIMP, FORMERR: this server does not answer such a question. */
  | 'refused'
  /** Nobody answered in time, or nobody could be reached. */
  | 'timeout'
  /** The answer does not parse, or holds names that cannot be told from others. */
  | 'malformed'
  /** An authoritative server was asked directly and knows only who else to ask. */
  | 'lame';

export type DnsAnswer<T> =
  | (Told & { readonly status: 'ok'; readonly records: readonly T[] })
  | (Told & { readonly status: 'nodata' | 'nxdomain' | FailureStatus; readonly records: readonly [] });

export type DnsStatus = DnsAnswer<unknown>['status'];

/** True when the answer says nothing about the name, so that asking later may help. */
export function isTemporary(answer: { readonly status: DnsStatus }): boolean {
  return answer.status !== 'ok' && answer.status !== 'nodata' && answer.status !== 'nxdomain';
}

/** An answer without records, for what is decided before or after the wire. */
export function emptyAnswer(status: Exclude<DnsStatus, 'ok'>, name: string, server = ''): DnsAnswer<never> {
  return { status, records: [], name, aliases: [], authenticated: false, authoritative: false, server, ttl: 0 };
}
