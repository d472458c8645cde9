/**
 * The prepared questions that look-ups ask control.db, with a bounded memory of their answers.
 * Owned by one thread's directory (create-directory.ts), which says when to forget.
 *
 * 1. An account counts as suspended when it, its domain or its customer is.
 * 2. Usage changes every second under load and drops nothing: a remembered account re-reads its own usage when
 *    `ageUsage` was called since.
 */
import type Sqlite from 'better-sqlite3';
import type { Connection } from '../database/connection.ts';
import type { AccountId, Address, CustomerId, Domain, DomainId } from '../wire/ids.ts';
import { BoundedCache } from './bounded-cache.ts';
import type { AccountRecord, SigningKey } from './directory.ts';

const ACCOUNTS_KEPT = 65_536;
const DOMAINS_KEPT = 8_192;

const ACCOUNT_COLUMNS = `SELECT id, customer_id, domain_id, address, name, quota_bytes, usage_bytes, full_since, credential_version,
  suspended_in, suspended_out, suspended_login FROM account`;

/** Arrays: a row as an object costs as much as finding it. */
type AccountColumns = [
  id: AccountId,
  customer: CustomerId,
  domain: DomainId,
  address: Address,
  name: string,
  quotaBytes: number | null,
  usageBytes: number,
  fullSinceMs: number | null,
  credentialVersion: number,
  suspendedIn: number,
  suspendedOut: number,
  suspendedLogin: number,
];

export interface DomainRow {
  readonly id: DomainId;
  readonly customer: CustomerId;
  readonly state: 'unproven' | 'proven' | 'suspended';
  /** Null while it was never proven. */
  readonly provenAt: number | null;
}

export interface AddressRow {
  readonly id: number;
  readonly address: Address;
  readonly kind: 'forward' | 'discard' | 'reject';
  readonly keepCopy: boolean;
  readonly rejectText: string | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type UsageRow = Pick<AccountRecord, 'usageBytes' | 'fullSinceMs'>;
type Statement<Parameters extends unknown[], Row> = Sqlite.Statement<Parameters, Row>;

interface RememberedAccount {
  readonly record: Writable<AccountRecord>;
  usageAge: number;
}

export class DirectoryRows {
  readonly #accountById: Statement<unknown[], AccountColumns>;
  readonly #accountByAddress: Statement<unknown[], AccountColumns>;
  readonly #stopped: Statement<unknown[], { stopped: number }>;
  readonly #usage: Statement<unknown[], UsageRow>;
  readonly #domain: Statement<unknown[], DomainRow>;
  readonly #address: Statement<unknown[], AddressRow>;
  readonly #targets: Statement<unknown[], { target: Address }>;
  readonly #firstAccount: Statement<unknown[], { address: Address }>;
  readonly #firstOfCustomer: Statement<unknown[], { address: Address }>;
  readonly #firstOfHost: Statement<unknown[], { address: Address }>;
  readonly #grant: Statement<unknown[], { found: 1 }>;
  readonly #keys: Statement<unknown[], SigningKey>;
  readonly #settings: Statement<unknown[], { key: string; value: string }>;
  readonly #byId = new BoundedCache<AccountId, RememberedAccount>(ACCOUNTS_KEPT);
  readonly #idByAddress = new BoundedCache<string, AccountId>(ACCOUNTS_KEPT);
  readonly #domains = new BoundedCache<string, DomainRow | false>(DOMAINS_KEPT);
  readonly #firstMailboxes = new BoundedCache<CustomerId | 'host', Address | false>(DOMAINS_KEPT);
  readonly #stoppedDomains = new BoundedCache<DomainId, boolean>(DOMAINS_KEPT);
  #usageAge = 0;

  constructor(connection: Connection) {
    this.#accountById = connection.sql.prepare<unknown[], AccountColumns>(`${ACCOUNT_COLUMNS} WHERE id = ?`).raw();
    this.#accountByAddress = connection.sql.prepare<unknown[], AccountColumns>(`${ACCOUNT_COLUMNS} WHERE address = ?`).raw();
    this.#stopped = connection.statement(`SELECT d.state = 'suspended' OR c.status = 'suspended' AS stopped
      FROM domain d CROSS JOIN customer c ON c.id = d.customer_id WHERE d.id = ?`);
    this.#usage = connection.statement('SELECT usage_bytes AS usageBytes, full_since AS fullSinceMs FROM account WHERE id = ?');
    this.#domain = connection.statement(`SELECT d.id, d.customer_id AS customer, d.proven_at AS provenAt,
      CASE WHEN d.state = 'proven' AND c.status = 'suspended' THEN 'suspended' ELSE d.state END AS state
      FROM domain d CROSS JOIN customer c ON c.id = d.customer_id WHERE d.name = ?`);
    this.#address = connection.statement(
      'SELECT id, address, kind, keep_copy AS keepCopy, reject_text AS rejectText FROM address WHERE domain_id = ? AND local_part = ?',
    );
    this.#targets = connection.statement('SELECT target FROM address_target WHERE address_id = ? ORDER BY position');
    this.#firstAccount = connection.statement('SELECT address FROM account WHERE domain_id = ? AND suspended_in = 0 ORDER BY id LIMIT 1');
    const firstOf = (owner: string): Statement<unknown[], { address: Address }> =>
      connection.statement(`SELECT a.address FROM account a CROSS JOIN domain d ON d.id = a.domain_id
        CROSS JOIN customer c ON c.id = d.customer_id
        WHERE a.customer_id = ${owner} AND a.suspended_in = 0 AND d.state = 'proven' AND c.status <> 'suspended' ORDER BY a.id LIMIT 1`);
    this.#firstOfCustomer = firstOf('?');
    this.#firstOfHost = firstOf("(SELECT id FROM customer WHERE kind = 'host')");
    this.#grant = connection.statement('SELECT 1 AS found FROM sender_grant WHERE account_id = ? AND address IN (?, ?)');
    this.#keys = connection.statement(`SELECT selector, algorithm, private_key_pem AS privateKeyPem
      FROM dkim_key WHERE domain_id = ? AND active = 1 ORDER BY algorithm DESC, id`);
    this.#settings = connection.statement('SELECT key, value FROM setting');
  }

  forget(): void {
    this.#byId.clear();
    this.#idByAddress.clear();
    this.#domains.clear();
    this.#stoppedDomains.clear();
    this.#firstMailboxes.clear();
    this.ageUsage();
  }

  ageUsage(): void {
    this.#usageAge += 1;
  }

  account(id: AccountId): AccountRecord | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return this.#refreshed(known);
    return this.#remember(this.#accountById.get(id));
  }

  accountByAddress(key: string): AccountRecord | undefined {
    const id = this.#idByAddress.get(key);
    if (id !== undefined) return this.account(id);
    return this.#remember(this.#accountByAddress.get(key));
  }

  domain(name: Domain): DomainRow | undefined {
    let row = this.#domains.get(name);
    if (row === undefined) {
      row = this.#domain.get(name) ?? false;
      this.#domains.set(name, row);
    }
    return row === false ? undefined : row;
  }

  address(domain: DomainId, localPart: string): AddressRow | undefined {
    return this.#address.get(domain, localPart);
  }

  targets(address: number): readonly Address[] {
    return this.#targets.all(address).map((row) => row.target);
  }

  firstAccount(domain: DomainId): Address | undefined {
    return this.#firstAccount.get(domain)?.address;
  }

  /** The oldest mailbox of a customer (or of the host's own) that takes mail; looking for it may sort all that the customer has. */
  firstMailbox(customer: CustomerId | 'host'): Address | undefined {
    let found = this.#firstMailboxes.get(customer);
    if (found === undefined) {
      const row = customer === 'host' ? this.#firstOfHost.get() : this.#firstOfCustomer.get(customer);
      found = row?.address ?? false;
      this.#firstMailboxes.set(customer, found);
    }
    return found === false ? undefined : found;
  }

  hasGrant(account: AccountId, key: string, domain: Domain): boolean {
    return this.#grant.get(account, key, `@${domain}`) !== undefined;
  }

  signingKeys(domain: DomainId): readonly SigningKey[] {
    return this.#keys.all(domain);
  }

  storedSettings(): ReadonlyMap<string, string> {
    return new Map(this.#settings.all().map((row) => [row.key, row.value]));
  }

  #remember(row: AccountColumns | undefined): AccountRecord | undefined {
    if (row === undefined) return undefined;
    const [id, customer, domain, address, name, quotaBytes, usageBytes, fullSinceMs, credentialVersion, ...suspended] = row;
    const stopped = this.#isStopped(domain);
    const record: Writable<AccountRecord> = {
      id,
      customer,
      domain,
      address,
      name,
      quotaBytes,
      usageBytes,
      suspendedIn: stopped || suspended[0] === 1,
      suspendedOut: stopped || suspended[1] === 1,
      suspendedLogin: stopped || suspended[2] === 1,
      credentialVersion,
      fullSinceMs,
    };
    this.#byId.set(id, { record, usageAge: this.#usageAge });
    this.#idByAddress.set(address, id);
    return record;
  }

  /** Whether the domain or its customer is suspended. */
  #isStopped(domain: DomainId): boolean {
    let stopped = this.#stoppedDomains.get(domain);
    if (stopped === undefined) {
      stopped = this.#stopped.get(domain)?.stopped === 1;
      this.#stoppedDomains.set(domain, stopped);
    }
    return stopped;
  }

  #refreshed(known: RememberedAccount): AccountRecord {
    if (known.usageAge !== this.#usageAge) {
      const usage = this.#usage.get(known.record.id);
      if (usage !== undefined) {
        known.record.usageBytes = usage.usageBytes;
        known.record.fullSinceMs = usage.fullSinceMs;
      }
      known.usageAge = this.#usageAge;
    }
    return known.record;
  }
}
