/**
 * What a server keeps to verify SCRAM log-ins without the password: one salt and count for both hashes of an account.
 * Specifications: RFC 5802 §3 (StoredKey, ServerKey), RFC 7677 §4 (at least 4096 iterations), RFC 4013 (SASLprep).
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const ITERATIONS = 10_000;
const derive = promisify(pbkdf2);
const load = createRequire(import.meta.url);

export interface ScramVerifiers {
  readonly scramSalt: Buffer;
  readonly scramIterations: number;
  readonly sha256StoredKey: Buffer;
  readonly sha256ServerKey: Buffer;
  readonly sha1StoredKey: Buffer;
  readonly sha1ServerKey: Buffer;
}

/** `salt` is given in tests only, where it comes from the specification. */
export async function makeScramVerifiers(
  password: string,
  salt: Buffer = randomBytes(16),
  iterations = ITERATIONS,
): Promise<ScramVerifiers> {
  const prepared = prepare(password);
  const sha256 = keysOf('sha256', await derive(prepared, salt, iterations, 32, 'sha256'));
  const sha1 = keysOf('sha1', await derive(prepared, salt, iterations, 20, 'sha1'));
  return {
    scramSalt: salt,
    scramIterations: iterations,
    sha256StoredKey: sha256.stored,
    sha256ServerKey: sha256.server,
    sha1StoredKey: sha1.stored,
    sha1ServerKey: sha1.server,
  };
}

function keysOf(hash: 'sha256' | 'sha1', salted: Buffer): { stored: Buffer; server: Buffer } {
  const client = createHmac(hash, salted).update('Client Key').digest();
  return { stored: createHash(hash).update(client).digest(), server: createHmac(hash, salted).update('Server Key').digest() };
}

/** RFC 5802 §2.2: a password that SASLprep refuses is used as it is in NFC; such a client cannot do SCRAM anyway. */
function prepare(password: string): string {
  const { saslprep } = load('@mongodb-js/saslprep') as typeof import('@mongodb-js/saslprep');
  try {
    return saslprep(password);
  } catch {
    return password.normalize('NFC');
  }
}
