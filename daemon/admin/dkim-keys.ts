/**
 * A new domain's DKIM keys: RSA 2048 for everyone, Ed25519 for those who know it.
 * Specifications: RFC 8301 §3.2 (RSA sizes), RFC 8463 §3 (Ed25519).
 */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { NewDkimKey } from '../directory/records/domains.ts';

const generate = promisify(generateKeyPair);

/** Two keys whose selectors carry the month, so that a later rotation has new names: `rsa-2026-11`, `ed25519-2026-11`. */
export async function makeDkimKeys(nowMs: number): Promise<NewDkimKey[]> {
  const month = new Date(nowMs).toISOString().slice(0, 7);
  const [rsa, ed25519] = await Promise.all([generate('rsa', { modulusLength: 2_048 }), generate('ed25519', {})]);
  const ed25519Spki = ed25519.publicKey.export({ type: 'spki', format: 'der' });
  return [
    {
      selector: `rsa-${month}`,
      algorithm: 'rsa-sha256',
      privateKeyPem: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    },
    {
      selector: `ed25519-${month}`,
      algorithm: 'ed25519-sha256',
      privateKeyPem: ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      // RFC 8463 §4: the record holds the bare public key, the last 32 octets of the SPKI.
      publicKey: ed25519Spki.subarray(-32).toString('base64'),
    },
  ];
}
