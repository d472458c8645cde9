/**
 * Secrets that we make and hand out once: app passwords and API tokens.
 *
 * 1. 32 letters and digits of base32 (RFC 4648 §6, lower case): 6 to find the row by, 26 (130 bit) secret.
 * 2. Stored is HMAC-SHA-256 under a key of this server; compared in constant time.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const PREFIX_CHARS = 6;
const SECRET_CHARS = 32;

export interface NewSecretText {
  readonly prefix: string;
  readonly hmac: Buffer;
  /** The whole of it, bare. */
  readonly text: string;
}

export function makeSecretText(key: Buffer): NewSecretText {
  const text = Array.from(randomBytes(SECRET_CHARS), (byte) => ALPHABET.charAt(byte & 31)).join('');
  return { prefix: text.slice(0, PREFIX_CHARS), hmac: secretHmac(text, key), text };
}

/** In groups of four, as people copy it. */
export function groupSecretText(text: string): string {
  return (text.match(/.{4}/g) ?? []).join('-');
}

/** The bare form of what was typed (any case, with or without separators); undefined when it cannot be such a secret. */
export function parseSecretText(typed: string): { readonly prefix: string; readonly text: string } | undefined {
  if (typed.length < SECRET_CHARS || typed.length > 64) return undefined;
  const text = typed.replace(/[-\s]/g, '').toLowerCase();
  return /^[a-z2-7]{32}$/.test(text) ? { prefix: text.slice(0, PREFIX_CHARS), text } : undefined;
}

export function secretHmac(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function matchesSecret(text: string, key: Buffer, stored: Buffer): boolean {
  const found = secretHmac(text, key);
  return stored.length === found.length && timingSafeEqual(found, stored);
}
