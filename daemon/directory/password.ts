/**
 * Passwords as argon2id hashes in PHC form (`$argon2id$v=19$m=19456,t=2,p=1$salt$hash`).
 *
 * 1. A hash costs 35 ms and 19 MiB on one of libuv's four threads, which all of the process share: at most `PARALLEL_MAX`
 *    run at once in a thread, at most `WAITING_MAX` wait, more are Unavailable.
 * 2. Parameters are read by name, in any order (other programs write `m,p,t`), and bounded: a PHC cannot ask for 16 GiB.
 * 3. Passwords are compared in NFC, as typed on any keyboard.
 * Specification: RFC 9106 §3 (argon2id); parameters as RFC 9106 §4 allows for less memory, tagged with what was used.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Unavailable } from '../lib/errors.ts';

const MEMORY_KIB = 19_456;
const PASSES = 2;
const PARALLEL_MAX = 2;
const WAITING_MAX = 1_000;
const PASSWORD_BYTES_MAX = 1_024;

interface ParsedPhc {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Hashes and verifies with a bound on how much runs at once. One for each thread. */
export interface PasswordHasher {
  /** The PHC text for a new password. */
  hash(password: string): Promise<string>;
  /** False also for a PHC that cannot be read; never quicker than a hash. */
  verify(password: string, phc: string): Promise<boolean>;
  /** Takes as long as `verify` and is always false: for logins that do not exist. */
  refuse(password: string): Promise<false>;
}

export function createPasswordHasher(): PasswordHasher {
  const turns = new Turns();
  const decoy: ParsedPhc = { memory: MEMORY_KIB, passes: PASSES, parallelism: 1, salt: randomBytes(16), hash: randomBytes(32) };
  const matches = (password: string, phc: ParsedPhc): Promise<boolean> =>
    turns.run(async () => timingSafeEqual(await derive(password, phc, phc.hash.length), phc.hash));
  const refuse = async (password: string): Promise<false> => {
    await matches(password.slice(0, PASSWORD_BYTES_MAX), decoy);
    return false;
  };
  return {
    async hash(password) {
      const salt = randomBytes(16);
      const parameters = { memory: MEMORY_KIB, passes: PASSES, parallelism: 1, salt };
      const hash = await turns.run(() => derive(password, parameters, 32));
      return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${unpadded(salt)}$${unpadded(hash)}`;
    },
    async verify(password, phc) {
      const parsed = parsePhc(phc);
      if (parsed === undefined || Buffer.byteLength(password) > PASSWORD_BYTES_MAX) return refuse(password);
      return matches(password, parsed);
    },
    refuse,
  };
}

/** Undefined when it is no argon2id hash within our bounds. */
export function parsePhc(phc: string): ParsedPhc | undefined {
  const [empty, algorithm, version, parameters, salt, hash, ...rest] = phc.split('$');
  if (empty !== '' || algorithm !== 'argon2id' || version !== 'v=19' || rest.length > 0) return undefined;
  const values = new Map((parameters ?? '').split(',').map((pair) => pair.split('=', 2) as [string, string]));
  const memory = Number(values.get('m'));
  const passes = Number(values.get('t'));
  const parallelism = Number(values.get('p'));
  const inBounds =
    Number.isInteger(memory) &&
    memory >= 8 * parallelism &&
    memory <= 1_048_576 &&
    Number.isInteger(passes) &&
    passes >= 1 &&
    passes <= 16 &&
    Number.isInteger(parallelism) &&
    parallelism >= 1 &&
    parallelism <= 16;
  if (!inBounds || salt === undefined || hash === undefined) return undefined;
  const parsed = { memory, passes, parallelism, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
  const isComplete = parsed.salt.length >= 8 && parsed.salt.length <= 64 && parsed.hash.length >= 16 && parsed.hash.length <= 64;
  return isComplete ? parsed : undefined;
}

function derive(password: string, { memory, passes, parallelism, salt }: Omit<ParsedPhc, 'hash'>, tagLength: number): Promise<Buffer> {
  const parameters = { message: password.normalize('NFC'), nonce: salt, parallelism, tagLength, memory, passes };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** Lets `PARALLEL_MAX` pieces of work run at once and the next ones wait in order. */
class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= PARALLEL_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw new Unavailable('Too many log-ins at once');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
