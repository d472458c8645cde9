/**
 * Signs a finished message with a domain's DKIM keys: one DKIM-Signature field a key, relaxed/relaxed.
 *
 * Owns: parsed keys, so that PEM is read once a key and not once a message.
 * 1. From and the fields that people see are oversigned: h= names each once more than it occurs, so that a second one
 *    added on the way breaks the signature (RFC 6376 §8.15).
 * 2. No l=, no x=: nothing may be appended, and mail that waits in queues stays valid.
 * 3. Signing runs on the thread pool; the event loop hashes only.
 * Specifications: RFC 6376 §3.5, §3.7, §5.4; RFC 8463 §3 (Ed25519).
 */
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { relaxedBodyHash, relaxedField } from './dkim-canonical.ts';
import type { HeaderBlock, HeaderField } from './header-fields.ts';

/** As the directory gives it; `algorithm` is the a= tag. */
export interface DkimKey {
  readonly selector: string;
  readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
  readonly privateKeyPem: string;
}

const OVERSIGNED = ['from', 'to', 'cc', 'subject', 'date', 'message-id', 'reply-to'];
const SIGNED = new Set([
  ...OVERSIGNED,
  'sender',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-date',
  'resent-message-id',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-post',
  'list-help',
  'autocrypt',
  'openpgp',
]);
const MAX_KEYS_KEPT = 1_000;

export class DkimSigner {
  readonly #keys = new Map<string, KeyObject>();

  /** DKIM-Signature fields for the message, each ending in CRLF, to stand on top of it; '' without keys. */
  async sign(header: HeaderBlock, domain: string, keys: readonly DkimKey[], atMs: number): Promise<string> {
    if (keys.length === 0) return '';
    const bodyHash = await relaxedBodyHash(header.bytes.subarray(header.bodyStart));
    const { names, canonical } = selectFields(header);
    const signedAt = Math.floor(atMs / 1_000);
    const fields = keys.map(async (key) => {
      const unsigned = signatureField({ key, domain, names, bodyHash, signedAt });
      const signature = await this.#signOne(key, Buffer.from(`${canonical}${relaxedField(unsigned)}`, 'latin1'));
      return `${unsigned}${fold(signature)}\r\n`;
    });
    return (await Promise.all(fields)).join('');
  }

  #signOne(key: DkimKey, data: Buffer): Promise<string> {
    const isRsa = key.algorithm === 'rsa-sha256';
    // RFC 8463 §3: the SHA-256 of the data is what Ed25519 signs.
    const input = isRsa ? data : createHash('sha256').update(data).digest();
    return new Promise((resolve, reject) => {
      sign(isRsa ? 'sha256' : null, input, this.#keyOf(key), (error, signature) => {
        if (error) reject(error);
        else resolve(signature.toString('base64'));
      });
    });
  }

  #keyOf(key: DkimKey): KeyObject {
    const kept = this.#keys.get(key.privateKeyPem);
    if (kept !== undefined) return kept;
    if (this.#keys.size >= MAX_KEYS_KEPT) this.#keys.clear();
    const parsed = createPrivateKey(key.privateKeyPem);
    this.#keys.set(key.privateKeyPem, parsed);
    return parsed;
  }
}

/** h= and the hashed fields: per name from the bottom up (RFC 6376 §5.4.2), then the oversigned names once more. */
function selectFields(header: HeaderBlock): { names: readonly string[]; canonical: string } {
  const names: string[] = [];
  let canonical = '';
  const chosen: HeaderField[] = header.fields.filter((field) => SIGNED.has(field.name)).reverse();
  for (const field of chosen) {
    names.push(field.name);
    canonical += `${relaxedField(header.bytes.toString('latin1', field.start, field.end))}\r\n`;
  }
  names.push(...OVERSIGNED);
  return { names, canonical };
}

interface FieldParts {
  readonly key: DkimKey;
  readonly domain: string;
  readonly names: readonly string[];
  readonly bodyHash: string;
  readonly signedAt: number;
}

/** The field with an empty b=, as it is hashed itself (RFC 6376 §3.7). */
function signatureField({ key, domain, names, bodyHash, signedAt }: FieldParts): string {
  const lines = [
    `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${domain};`,
    ` s=${key.selector}; t=${signedAt};`,
    ...foldNames(names),
    ` bh=${bodyHash};`,
    ' b=',
  ];
  return lines.join('\r\n');
}

function foldNames(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = ' h=';
  names.forEach((name, index) => {
    const part = index === names.length - 1 ? `${name};` : `${name}:`;
    if (line.length + part.length > 76) {
      lines.push(line);
      line = '  ';
    }
    line += part;
  });
  lines.push(line);
  return lines;
}

function fold(base64: string): string {
  return (base64.match(/.{1,72}/g) ?? []).join('\r\n  ');
}
