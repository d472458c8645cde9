/**
 * The directory of one thread: look-ups over a read-only connection, remembered until control.db says that they may have changed.
 *
 * 1. `PRAGMA data_version` is asked at most every `freshMs` (3 ms, less than a client needs to come back over a new
 *    connection; 0 = at each call). It costs 3 to 5 µs, a delivery asks six times.
 * 2. When it moved, the counter `directory` tells whether anything but usage changed: only then the memory is dropped.
 * 3. Memory is bounded: 65,536 accounts and as many resolutions (40 MB when full), 8,192 sender checks.
 */
import type { Connection } from '../database/connection.ts';
import { domainOf, lookupKey, splitSubaddress } from '../wire/address/mailbox.ts';
import { type AccountId, type Address, brand, type Domain } from '../wire/ids.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { AccountRecord, Directory, Resolution, SigningKey } from './directory.ts';
import { DirectoryRows } from './directory-rows.ts';
import { type ResolutionSettings, resolveAddress } from './resolve-address.ts';
import { type SettingValue, settingDefinition, storedSetting } from './settings.ts';

export interface DirectoryOptions {
  /** How long look-ups may be behind a commit. */
  readonly freshMs?: number;
  /** Told of an address whose forwarders go in circles. */
  readonly onLoop?: (address: string) => void;
}

/** A directory over `openControlReadOnly`'s connection. The connection stays the caller's to close. */
export function createDirectory(connection: Connection, options: DirectoryOptions = {}): Directory {
  return new CachedDirectory(connection, options);
}

class CachedDirectory implements Directory {
  readonly #rows: DirectoryRows;
  readonly #freshMs: number;
  readonly #onLoop: (address: string) => void;
  readonly #readDataVersion: () => number;
  readonly #readGeneration: () => number | undefined;
  readonly #resolutions = new BoundedCache<string, Resolution>(65_536);
  readonly #senders = new BoundedCache<string, boolean>(8_192);
  readonly #keys = new BoundedCache<string, readonly SigningKey[]>(1_024);
  #settings: Map<string, SettingValue> | undefined;
  #resolutionSettings: ResolutionSettings | undefined;
  #dataVersion = -1;
  #generation: number | undefined = -1;
  #checkedAtMs = Number.NEGATIVE_INFINITY;

  constructor(connection: Connection, options: DirectoryOptions) {
    this.#rows = new DirectoryRows(connection);
    this.#freshMs = options.freshMs ?? 3;
    this.#onLoop = options.onLoop ?? (() => {});
    const dataVersion = connection.sql.prepare<[], number>('PRAGMA data_version').pluck();
    const generation = connection.sql.prepare<[], number>("SELECT value FROM counter WHERE name = 'directory'").pluck();
    this.#readDataVersion = () => dataVersion.get() as number;
    this.#readGeneration = () => generation.get();
  }

  resolve(address: Address): Resolution {
    this.#refresh();
    const key = lookupKey(address);
    const known = this.#resolutions.get(key);
    if (known !== undefined && this.#hasPresentUsage(known)) return known;
    const resolution = resolveAddress(address, { rows: this.#rows, settings: this.#routing(), onLoop: this.#onLoop });
    // Guesses at addresses that do not exist must not push out those that do: they are asked anew.
    if (resolution.kind === 'deliverable') this.#resolutions.set(key, resolution);
    return resolution;
  }

  isLocalDomain(domain: Domain): boolean {
    this.#refresh();
    const row = this.#rows.domain(domain);
    return row === undefined ? domain === this.#routing().hostname : row.provenAt !== null;
  }

  account(id: AccountId): AccountRecord | undefined {
    this.#refresh();
    return this.#rows.account(id);
  }

  accountByAddress(address: Address): AccountRecord | undefined {
    this.#refresh();
    return this.#rows.accountByAddress(lookupKey(address));
  }

  maySendAs(account: AccountId, address: Address): boolean {
    this.#refresh();
    const question = `${account} ${lookupKey(address)}`;
    let answer = this.#senders.get(question);
    if (answer === undefined) {
      answer = this.#decideSender(account, lookupKey(address));
      this.#senders.set(question, answer);
    }
    return answer;
  }

  signingKeys(domain: Domain): readonly SigningKey[] {
    this.#refresh();
    let keys = this.#keys.get(domain);
    if (keys === undefined) {
      const row = this.#rows.domain(domain);
      keys = row?.state === 'proven' ? this.#rows.signingKeys(row.id) : [];
      this.#keys.set(domain, keys);
    }
    return keys;
  }

  setting<T>(key: string): T {
    this.#refresh();
    return this.#setting(key) as T;
  }

  #decideSender(account: AccountId, key: string): boolean {
    const domain = domainOf(brand<Address>(key));
    if (domain === undefined) return false;
    const state = this.#rows.domain(domain)?.state;
    // Rule 4 of the design: nobody writes in the name of a domain that is not proven to be theirs, lent or not. Names that are
    // not hosted here are lent by the host alone.
    if (state !== 'proven' && state !== undefined) return false;
    if (this.#rows.hasGrant(account, key, domain)) return true;
    if (state === undefined) return false;
    const separator = this.#routing().separator;
    const base = separator === '' ? key : splitSubaddress(brand<Address>(key), separator).base;
    const owner = this.#rows.accountByAddress(key) ?? this.#rows.accountByAddress(base);
    // A mailbox that forwards to others does not lend them its name.
    if (owner !== undefined) return owner.id === account;
    const resolution = this.resolve(brand<Address>(key));
    return resolution.kind === 'deliverable' && resolution.destinations.some((to) => to.kind === 'account' && to.account.id === account);
  }

  /** Reading an account refreshes the very record that a destination holds, unless it was pushed out of memory meanwhile. */
  #hasPresentUsage(resolution: Resolution): boolean {
    if (resolution.kind !== 'deliverable') return true;
    for (const to of resolution.destinations) {
      if (to.kind === 'account' && this.#rows.account(to.account.id) !== to.account) return false;
    }
    return true;
  }

  #refresh(): void {
    if (this.#freshMs > 0) {
      const now = performance.now();
      if (now - this.#checkedAtMs < this.#freshMs) return;
      this.#checkedAtMs = now;
    }
    const version = this.#readDataVersion();
    if (version === this.#dataVersion) return;
    this.#dataVersion = version;
    const generation = this.#readGeneration();
    if (generation !== undefined && generation === this.#generation) {
      this.#rows.ageUsage();
      return;
    }
    this.#generation = generation;
    this.#rows.forget();
    this.#resolutions.clear();
    this.#senders.clear();
    this.#keys.clear();
    this.#settings = undefined;
    this.#resolutionSettings = undefined;
  }

  #routing(): ResolutionSettings {
    this.#resolutionSettings ??= {
      hostname: this.#setting('server.hostname') as string,
      adminAddress: this.#setting('server.adminAddress') as string,
      postmaster: this.#setting('server.postmaster') as string,
      separator: this.#setting('domains.separator') as string,
    };
    return this.#resolutionSettings;
  }

  #setting(key: string): SettingValue {
    this.#settings ??= this.#readSettings();
    const known = this.#settings.get(key);
    if (known !== undefined) return known;
    const definition = settingDefinition(key);
    if (definition === undefined) throw new Error(`no setting ${key}`);
    this.#settings.set(key, definition.initial);
    return definition.initial;
  }

  #readSettings(): Map<string, SettingValue> {
    const values = new Map<string, SettingValue>();
    for (const [key, stored] of this.#rows.storedSettings()) {
      const definition = settingDefinition(key);
      if (definition !== undefined) values.set(key, storedSetting(definition, stored));
    }
    return values;
  }
}
