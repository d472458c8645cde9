/**
 * Sender rewriting for forwards: an envelope sender that passes SPF at the next hop and still leads back.
 *
 * 1. `SRS0=hash=day=domain=local@ours`; a sender that another forwarder rewrote becomes
 *    `SRS1=hash=theirs=rest@ours`, so the chain stays short and errors go to the first forwarder.
 * 2. The hash is 30 bits of HMAC-SHA-256 in base32 over the lower-case text, for locals change their case on
 *    the way; it is compared in constant time. Only what we wrote is ever turned back.
 * 3. Days count modulo 1024; an address is good for `validDays` and one day of clock skew.
 * Specification: the Sender Rewriting Scheme as published by Meng Weng Wong and implemented by libsrs2; RFC 5321
 * §4.5.3.1.1 bounds a local part at 64 octets, what passes 128 is not rewritten.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { joinAddress, parseMailbox } from '../address/mailbox.ts';
import type { Address, Domain } from '../ids.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const HASH_CHARS = 6;
const DAY_MS = 86_400_000;
const DAYS_MODULUS = 1_024;
const LOCAL_OCTETS_MAX = 128;

export interface SrsSettings {
  readonly key: Uint8Array;
  /** The domain that rewritten addresses get. */
  readonly domain: Domain;
  readonly timeMs: number;
}

export type SrsReversal =
  | { readonly kind: 'address'; readonly address: Address }
  /** `foreign`: no SRS form at all; the others look like ours and are to be refused. */
  | { readonly kind: 'foreign' | 'malformed' | 'forged' | 'expired' };

/** Rewrites an envelope sender; undefined when the result would be too long for other servers. */
export function srsEncode(sender: Address, { key, domain, timeMs }: SrsSettings): Address | undefined {
  const mailbox = parseMailbox(sender);
  if (mailbox === undefined) return undefined;
  const { local } = mailbox;
  const host = mailbox.domain ?? (mailbox.literal as string);
  let rest: string;
  let tag = 'SRS1';
  const form = /^SRS([01])[=+-]/i.exec(local);
  // A chain: SRS0 of another forwarder keeps its separator (`=` after SRS0), SRS1 keeps its first host.
  if (form?.[1] === '0') rest = `${host}=${local.slice(4)}`;
  else if (form?.[1] === '1' && /^SRS1[=+-][^=]+=[^=]+=./i.test(local)) rest = local.slice(local.indexOf('=', 5) + 1);
  else {
    tag = 'SRS0';
    rest = `${dayStamp(timeMs)}=${host}=${local}`;
  }
  const rewritten = `${tag}=${hashOf(key, tag, rest)}=${rest}`;
  return Buffer.byteLength(rewritten) > LOCAL_OCTETS_MAX ? undefined : joinAddress(rewritten, domain);
}

/** Turns a rewritten recipient back into the address that it stands for. */
export function srsDecode(recipient: Address, settings: Pick<SrsSettings, 'key' | 'timeMs'> & { readonly validDays: number }): SrsReversal {
  const local = parseMailbox(recipient)?.local ?? '';
  const match = /^SRS([01])[=+-]([a-z2-7]+)=(.+)$/is.exec(local);
  if (match === null) return { kind: /^SRS[01][=+-]/i.test(local) ? 'malformed' : 'foreign' };
  const [, form, hash, rest] = match as unknown as [string, string, string, string];
  const expected = Buffer.from(hashOf(settings.key, `SRS${form}`, rest));
  const given = Buffer.from(hash.toLowerCase());
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: 'forged' };
  return form === '0' ? reverseFirst(rest, settings) : reverseChain(rest);
}

/** Whether a local part has one of our forms, so that its recipient is to be turned back. */
export function isSrs(recipient: Address): boolean {
  return /^"?SRS[01][=+-]/i.test(recipient);
}

/** `day=domain=local`. */
function reverseFirst(rest: string, { timeMs, validDays }: { timeMs: number; validDays: number }): SrsReversal {
  const match = /^([a-z2-7]{2})=([^=]+)=(.+)$/is.exec(rest);
  if (match === null) return { kind: 'malformed' };
  const [, stamp, host, local] = match as unknown as [string, string, string, string];
  const age = (today(timeMs) - stampDay(stamp) + DAYS_MODULUS) % DAYS_MODULUS;
  // One day ahead is a clock that differs, or an address made just before midnight elsewhere.
  if (age > validDays && age !== DAYS_MODULUS - 1) return { kind: 'expired' };
  return toAddress(local, host);
}

/** `host=rest-of-SRS0`, whose own hash the first forwarder checks. */
function reverseChain(rest: string): SrsReversal {
  const equals = rest.indexOf('=');
  return equals <= 0 ? { kind: 'malformed' } : toAddress(`SRS0${rest.slice(equals + 1)}`, rest.slice(0, equals));
}

function toAddress(local: string, host: string): SrsReversal {
  const quoted = `"${local.replace(/["\\]/g, '\\$&')}"`;
  const address = parseMailbox(`${quoted}@${host}`)?.address;
  return address === undefined ? { kind: 'malformed' } : { kind: 'address', address };
}

function hashOf(key: Uint8Array, tag: string, rest: string): string {
  const digest = createHmac('sha256', key).update(`${tag}=${rest}`.toLowerCase()).digest();
  let hash = '';
  for (let at = 0; at < HASH_CHARS; at++) hash += ALPHABET[(digest[at] as number) & 31];
  return hash;
}

function today(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS) % DAYS_MODULUS;
}

function dayStamp(timeMs: number): string {
  const day = today(timeMs);
  return `${ALPHABET[day >> 5]}${ALPHABET[day & 31]}`;
}

function stampDay(stamp: string): number {
  const lower = stamp.toLowerCase();
  return ALPHABET.indexOf(lower.charAt(0)) * 32 + ALPHABET.indexOf(lower.charAt(1));
}
