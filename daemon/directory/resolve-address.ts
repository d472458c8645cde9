/**
 * Where mail to one address goes: the whole expansion of one accepted recipient, without caching.
 *
 * Order at each level: the address itself (its forwarder, its mailbox), then without the plus part, then postmaster@ and abuse@,
 * then the domain's catch-all.
 * 1. At most 10 levels; a branch that comes back to an address on its own way ends as `temporary` and is reported.
 * 2. More than 100 destinations make the whole answer `temporary`: leaving some out would lose mail.
 * 3. An address that names itself among its targets means its own mailbox.
 * 4. A branch that fails beside one that does not is left out; if all fail, the mildest failure is the answer
 *    (temporary, suspended, refused, unknown).
 * 5. postmaster@ and abuse@ without an address of their own go to the first caretaker whom mail reaches; unknown only when there is none.
 * Specifications: RFC 5321 §4.5.1 (postmaster), RFC 2142 §4 (abuse), RFC 5233 §4 (subaddress).
 */
import { domainOf, localPartOf, lookupKey, splitSubaddress } from '../wire/address/mailbox.ts';
import { type Address, brand, type CustomerId, type DomainId } from '../wire/ids.ts';
import type { AccountRecord, Destination, Resolution } from './directory.ts';
import type { AddressRow, DirectoryRows, DomainRow } from './directory-rows.ts';

const LEVELS_MAX = 10;
const DESTINATIONS_MAX = 100;
const FAILURES = ['temporary', 'suspended', 'refused', 'unknown'] as const;

/** What of the settings matters here. */
export interface ResolutionSettings {
  readonly hostname: string;
  readonly adminAddress: string;
  readonly postmaster: string;
  readonly separator: string;
}

export interface ResolutionContext {
  readonly rows: DirectoryRows;
  readonly settings: ResolutionSettings;
  /** Told of each branch that goes in circles or too deep. */
  readonly onLoop: (address: string) => void;
}

/** `address` in any spelling; see `Resolution` for the answers. */
export function resolveAddress(address: Address, context: ResolutionContext): Resolution {
  const key = lookupKey(address);
  const domain = domainOf(brand<Address>(key));
  if (domain === undefined) return { kind: 'not-ours' };
  const row = context.rows.domain(domain);
  if (row?.state !== 'proven' && !(row === undefined && domain === context.settings.hostname)) return { kind: 'not-ours' };
  const expansion = new Expansion(context, row);
  expansion.follow(key);
  return expansion.result();
}

class Expansion {
  readonly #context: ResolutionContext;
  readonly #domain: DomainId;
  readonly #customer: CustomerId;
  readonly #destinations: Destination[] = [];
  readonly #seen = new Set<string | number>();
  /** Addresses from the recipient down to the one being looked at. */
  readonly #way: string[] = [];
  readonly #failures = new Map<(typeof FAILURES)[number], string>();
  /** postmaster@ and abuse@ addresses whose caretakers were asked: once each, so that they cannot multiply one another. */
  readonly #ownPosts = new Set<string>();
  /** How often a destination was come to, known or new. */
  #reached = 0;
  #overflows = false;

  constructor(context: ResolutionContext, domain: DomainRow | undefined) {
    this.#context = context;
    // The server's own name is no hosted domain: only postmaster@ and abuse@ live there, for the host (customer and domain 0).
    this.#domain = domain?.id ?? brand<DomainId>(0);
    this.#customer = domain?.customer ?? brand<CustomerId>(0);
  }

  result(): Resolution {
    if (this.#overflows) return { kind: 'temporary' };
    if (this.#destinations.length > 0) {
      return { kind: 'deliverable', domain: this.#domain, customer: this.#customer, destinations: this.#destinations };
    }
    const kind = FAILURES.find((failure) => this.#failures.has(failure)) ?? 'unknown';
    return kind === 'refused' ? { kind, text: this.#failures.get(kind) ?? '' } : { kind };
  }

  follow(key: string, subaddress: string | null = null): void {
    if (this.#way.length >= LEVELS_MAX || this.#way.includes(key)) {
      this.#context.onLoop(key);
      this.#failures.set('temporary', '');
      return;
    }
    this.#way.push(key);
    this.#lookUp(brand<Address>(key), subaddress);
    this.#way.pop();
  }

  #lookUp(key: Address, subaddress: string | null): void {
    const { rows, settings } = this.#context;
    const name = domainOf(key);
    const domain = name === undefined ? undefined : rows.domain(name);
    if (domain === undefined && name !== undefined && name === settings.hostname) return this.#ownPost(key, undefined);
    // Rule 4 of the design: an unproven domain is not routed here, its mail goes where its MX points.
    if (domain === undefined || domain.state === 'unproven') return this.#forward(key);
    if (domain.state === 'suspended') {
      this.#failures.set('suspended', '');
      return;
    }
    const row = rows.address(domain.id, localPartOf(key));
    const account = rows.accountByAddress(key);
    if (row !== undefined || account !== undefined) return this.#apply(key, { row, account, subaddress });
    const { base, detail } = settings.separator === '' ? { base: key, detail: undefined } : splitSubaddress(key, settings.separator);
    if (detail !== undefined && this.#isKnown(base, domain)) return this.follow(base, detail);
    if (this.#isOwnPost(key)) return this.#ownPost(key, domain);
    const catchAll = rows.address(domain.id, '');
    if (catchAll !== undefined) return this.#apply(key, { row: catchAll, account: undefined, subaddress: null });
    this.#failures.set('unknown', '');
  }

  #apply(key: Address, found: { row: AddressRow | undefined; account: AccountRecord | undefined; subaddress: string | null }): void {
    const { row, account, subaddress } = found;
    if (account !== undefined && (row === undefined || (row.kind === 'forward' && row.keepCopy))) this.#deliver(account, subaddress);
    if (row === undefined) return;
    if (row.kind === 'discard') this.#add(`discard ${row.id}`, { kind: 'discard', forwarder: row.address });
    else if (row.kind === 'reject') this.#failures.set('refused', row.rejectText ?? '');
    else {
      for (const target of this.#context.rows.targets(row.id)) {
        if (account !== undefined && target === key) this.#deliver(account, subaddress);
        else this.follow(target);
      }
    }
  }

  #deliver(account: AccountRecord, subaddress: string | null): void {
    if (account.suspendedIn) this.#failures.set('suspended', '');
    else this.#add(account.id, { kind: 'account', account, subaddress });
  }

  #forward(to: Address): void {
    const forwarder = brand<Address>(this.#way.at(-2) ?? to);
    this.#add(to, { kind: 'forward', to, forwarder, customer: this.#customer });
  }

  #add(identity: string | number, destination: Destination): void {
    this.#reached += 1;
    if (this.#seen.has(identity)) return;
    if (this.#destinations.length >= DESTINATIONS_MAX) {
      this.#overflows = true;
      return;
    }
    this.#seen.add(identity);
    this.#destinations.push(destination);
  }

  #isKnown(base: Address, domain: DomainRow): boolean {
    const { rows } = this.#context;
    return rows.accountByAddress(base) !== undefined || rows.address(domain.id, localPartOf(base)) !== undefined || this.#isOwnPost(base);
  }

  #isOwnPost(key: Address): boolean {
    const local = localPartOf(key);
    return local === 'postmaster' || local === 'abuse';
  }

  /** RFC 5321 §4.5.1: mail for postmaster is always accepted; RFC 2142 §4: so is mail for abuse. */
  #ownPost(key: Address, domain: DomainRow | undefined): void {
    if (this.#isOwnPost(key) && !this.#ownPosts.has(key)) {
      this.#ownPosts.add(key);
      for (const attempt of this.#caretakers(key, domain)) {
        if (this.#leadsSomewhere(attempt)) return;
      }
    }
    this.#failures.set('unknown', '');
  }

  /** Ways to somebody who looks after a domain (or the server itself), the likeliest reader first. */
  *#caretakers(key: Address, domain: DomainRow | undefined): Generator<() => void> {
    const { rows, settings } = this.#context;
    const to = (candidate: string | undefined) => () => {
      const target = candidate === undefined || candidate === '' ? '' : lookupKey(brand<Address>(candidate));
      if (target !== '' && !this.#way.includes(target)) this.follow(target);
    };
    yield to(settings.postmaster);
    if (domain !== undefined) {
      yield to(rows.firstAccount(domain.id));
      const catchAll = rows.address(domain.id, '');
      if (catchAll !== undefined) yield () => this.#apply(key, { row: catchAll, account: undefined, subaddress: null });
      yield to(rows.firstMailbox(domain.customer));
    }
    yield to(rows.firstMailbox('host'));
    yield to(settings.adminAddress);
  }

  /** Whether the attempt came to a destination. If not, nothing of it stays: the next one decides. */
  #leadsSomewhere(attempt: () => void): boolean {
    const failures = [...this.#failures];
    const seen = [...this.#seen];
    const { length } = this.#destinations;
    const reached = this.#reached;
    const overflows = this.#overflows;
    attempt();
    if (this.#reached > reached && this.#overflows === overflows) return true;
    this.#failures.clear();
    for (const [kind, text] of failures) this.#failures.set(kind, text);
    this.#seen.clear();
    for (const identity of seen) this.#seen.add(identity);
    this.#destinations.length = length;
    this.#reached = reached;
    this.#overflows = overflows;
    return false;
  }
}
