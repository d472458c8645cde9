/**
 * Log-ins of accounts for one thread: throttle, password or app password, suspension, and the memory of verified log-ins.
 * Specifications: RFC 4616 §2 (PLAIN's identity and password as given), RFC 5321 §4.1.2 (a login is an address).
 *
 * 1. A verified password is remembered 5 minutes as HMAC(key of this thread, account, credential version, password): a change of
 *    credentials raises the version and voids it on all threads. At most 10,000 are remembered.
 * 2. The same password tried for the same account at the same time is verified once (mail programs open many connections).
 * 3. An unknown login takes one argon2id hash, as a wrong password does.
 * 4. Suspension is looked at on every log-in, remembered or not; only a right password learns of it.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import type { Connection } from '../database/connection.ts';
import { isKnownError } from '../lib/errors.ts';
import { lookupKey, parseAddress } from '../wire/address/mailbox.ts';
import type { AccountId } from '../wire/ids.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { AccountRecord, Directory } from './directory.ts';
import type { Authenticator, LoginProtocol, LoginRequest, LoginVerdict } from './login.ts';
import type { PasswordHasher } from './password.ts';
import { matchesSecret, parseSecretText } from './secret-text.ts';
import { serverSecret } from './server-secrets.ts';

const REMEMBERED_MS = 5 * 60_000;
const REMEMBERED_MAX = 10_000;

/** What the authenticator asks of `limits/`. */
export interface LoginCounters {
  /** Seconds to wait, 0 = go ahead. */
  ask(source: string, login: string): number | Promise<number>;
  failed(source: string, login: string): void;
  succeeded(source: string, login: string): void;
  /** Runs what lies between `ask` and its outcome as one of few that the source has at a time. */
  inTurn<T>(source: string, work: () => Promise<T>): Promise<T>;
}

export interface AuthenticatorOptions {
  /** A read-only connection to control.db. */
  readonly connection: Connection;
  readonly directory: Directory;
  readonly passwords: PasswordHasher;
  readonly throttle: LoginCounters;
  readonly reportLogin: (report: { account: AccountId; appPassword: number | null; atMs: number }) => void;
  /** Told of what should not happen (the peer only hears `unavailable`). */
  readonly onDefect: (error: unknown) => void;
  readonly now?: () => number;
}

/** The authenticator, and the way in for main's word that an account's sessions end. */
export interface ThreadAuthenticator extends Authenticator {
  /** Main says: credentials changed, suspended or removed. */
  revoke(account: AccountId): void;
}

/** How a password was found right. */
interface Proof {
  readonly appPassword: number | null;
  /** Protocols it opens; null = all. */
  readonly scopes: readonly string[] | null;
}

/** What a request's login leads to. */
interface Known {
  readonly login: string;
  readonly account: AccountRecord | undefined;
  readonly mark: string;
}

interface Remembered extends Proof {
  readonly untilMs: number;
}

export function createAuthenticator(options: AuthenticatorOptions): ThreadAuthenticator {
  return new AccountAuthenticator(options);
}

class AccountAuthenticator implements ThreadAuthenticator {
  readonly #options: AuthenticatorOptions;
  readonly #now: () => number;
  readonly #passwordOf: Sqlite.Statement<unknown[], { phc: string }>;
  readonly #appPasswordOf: Sqlite.Statement<unknown[], { id: number; hmac: Buffer; scopes: string }>;
  readonly #memoryKey = randomBytes(32);
  readonly #credentialKey: Buffer;
  readonly #remembered = new BoundedCache<string, Remembered>(REMEMBERED_MAX);
  readonly #running = new Map<string, Promise<Proof | undefined>>();
  readonly #listeners: ((account: AccountId) => void)[] = [];

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#passwordOf = options.connection.statement('SELECT password_phc AS phc FROM credential WHERE account_id = ?');
    this.#appPasswordOf = options.connection.statement('SELECT id, hmac, scopes FROM app_password WHERE prefix = ? AND account_id = ?');
    this.#credentialKey = serverSecret(options.connection, 'credentials');
  }

  onRevoked(listener: (account: AccountId) => void): void {
    this.#listeners.push(listener);
  }

  revoke(account: AccountId): void {
    for (const listener of this.#listeners) listener(account);
  }

  async login(request: LoginRequest): Promise<LoginVerdict> {
    try {
      return await this.#decide(request);
    } catch (error) {
      // Too many log-ins at once, or trouble with control.db: the same log-in may work later.
      if (!isKnownError(error)) this.#options.onDefect(error);
      return { kind: 'unavailable' };
    }
  }

  async #decide(request: LoginRequest): Promise<LoginVerdict> {
    const address = parseAddress(request.login);
    const login = address === undefined ? request.login.slice(0, 320).toLowerCase() : lookupKey(address);
    const account = address === undefined ? undefined : this.#options.directory.accountByAddress(address);
    const mark = account === undefined ? '' : this.#markOf(account, request.password);
    const remembered = this.#recall(mark);
    if (account !== undefined && remembered !== undefined) return this.#accept(account, remembered, request.protocol);
    return this.#options.throttle.inTurn(request.remoteAddress, () => this.#check(request, { login, account, mark }));
  }

  async #check(request: LoginRequest, { login, account, mark }: Known): Promise<LoginVerdict> {
    // A log-in with the same password may have been waited for.
    const remembered = this.#recall(mark);
    if (account !== undefined && remembered !== undefined) return this.#accept(account, remembered, request.protocol);
    const { throttle } = this.#options;
    const retryAfterS = await throttle.ask(request.remoteAddress, login);
    if (retryAfterS > 0) return { kind: 'throttled', retryAfterS };
    if (account === undefined) {
      await this.#options.passwords.refuse(request.password);
      throttle.failed(request.remoteAddress, login);
      return { kind: 'refused' };
    }
    const proof = await this.#proveOnce(mark, account, request.password);
    if (proof === undefined) {
      throttle.failed(request.remoteAddress, login);
      return { kind: 'refused' };
    }
    throttle.succeeded(request.remoteAddress, login);
    this.#remembered.set(mark, { ...proof, untilMs: this.#now() + REMEMBERED_MS });
    // What was true when the hash began may have changed while it ran.
    const present = this.#options.directory.account(account.id);
    if (present === undefined || present.credentialVersion !== account.credentialVersion) return { kind: 'refused' };
    return this.#accept(present, proof, request.protocol);
  }

  #accept(account: AccountRecord, proof: Proof, protocol: LoginProtocol): LoginVerdict {
    const isInScope = proof.scopes === null || proof.scopes.includes(protocol);
    if (account.suspendedLogin || !isInScope) return { kind: 'suspended' };
    this.#options.reportLogin({ account: account.id, appPassword: proof.appPassword, atMs: this.#now() });
    return {
      kind: 'account',
      account: account.id,
      address: account.address,
      customer: account.customer,
      credentialVersion: account.credentialVersion,
    };
  }

  #recall(mark: string): Proof | undefined {
    const remembered = mark === '' ? undefined : this.#remembered.get(mark);
    if (remembered === undefined) return undefined;
    if (remembered.untilMs > this.#now()) return remembered;
    this.#remembered.delete(mark);
    return undefined;
  }

  #proveOnce(mark: string, account: AccountRecord, password: string): Promise<Proof | undefined> {
    const running = this.#running.get(mark);
    if (running !== undefined) return running;
    const proving = this.#prove(account, password).finally(() => this.#running.delete(mark));
    this.#running.set(mark, proving);
    return proving;
  }

  async #prove(account: AccountRecord, password: string): Promise<Proof | undefined> {
    const generated = parseSecretText(password);
    if (generated !== undefined) {
      const row = this.#appPasswordOf.get(generated.prefix, account.id);
      if (row !== undefined && matchesSecret(generated.text, this.#credentialKey, row.hmac))
        return { appPassword: row.id, scopes: row.scopes.split(' ') };
    }
    const phc = this.#passwordOf.get(account.id)?.phc;
    const isRight =
      phc === undefined ? await this.#options.passwords.refuse(password) : await this.#options.passwords.verify(password, phc);
    return isRight ? { appPassword: null, scopes: null } : undefined;
  }

  #markOf(account: AccountRecord, password: string): string {
    return createHmac('sha256', this.#memoryKey).update(`${account.id} ${account.credentialVersion} `).update(password).digest('base64');
  }
}
