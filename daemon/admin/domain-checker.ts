/**
 * Runs DNS checks of hosted domains: asked for by people, by the schedule and by the command line alike.
 *
 * 1. At most `RUNNING_MAX` checks run at a time and `WAITING_MAX` wait; what comes on top is Unavailable.
 * 2. A domain that is being checked is not checked twice: everybody who asks gets the same report.
 * 3. A check of an unproven domain also looks for the proof that it is its owner's, and proves it.
 */

import { dkimKeysOf, domainByName } from '../directory/records/domains.ts';
import type { Resolver } from '../dns/resolver.ts';
import { checkDomain } from '../domaincheck/check.ts';
import type { InquirySettings, OwnMachine } from '../domaincheck/inquiry.ts';
import { provesOwnership } from '../domaincheck/ownership.ts';
import { type DkimKey, type PublishedRecord, proofValue, recordsFor } from '../domaincheck/records.ts';
import type { DomainReport } from '../domaincheck/report.ts';
import { NotFound, Unavailable } from '../lib/errors.ts';
import { brand, type Domain } from '../wire/ids.ts';
import { SYSTEM } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { saveDomainCheck } from './domain-checks.ts';
import { proveDomain } from './prove-domain.ts';

const RUNNING_MAX = 4;
const WAITING_MAX = 200;

export interface DomainCheckerParts {
  readonly admin: AdminContext;
  readonly resolver: Resolver;
  /** This machine as it is now. */
  readonly own: () => OwnMachine;
  /** Loopback and private addresses count: the trial, or the setting. */
  readonly allowPrivate: () => boolean;
  /** The port of name servers on loopback addresses; 53 unless told. */
  readonly loopbackNameserverPort?: number;
}

export class DomainChecker {
  readonly #parts: DomainCheckerParts;
  readonly #running = new Map<string, Promise<DomainReport>>();
  readonly #turns: (() => void)[] = [];
  readonly #listeners = new Set<(domain: Domain) => void>();
  #free = RUNNING_MAX;

  constructor(parts: DomainCheckerParts) {
    this.#parts = parts;
  }

  /** Hears of each finished check. Answers the function that ends it. */
  onChecked(listener: (domain: Domain) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Checks a hosted domain, stores the report and answers it. NotFound, Unavailable. */
  check(name: string): Promise<DomainReport> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    if (this.#turns.length >= WAITING_MAX)
      return Promise.reject(new Unavailable('Too many domains are being checked. Try again in a minute'));
    const check = this.#run(brand<Domain>(name)).finally(() => this.#running.delete(name));
    this.#running.set(name, check);
    return check;
  }

  /** What the domain publishes, the proof of ownership first while it is unproven. */
  recordsOf(name: string): PublishedRecord[] {
    const { db } = this.#parts.admin.control;
    const domain = domainByName(db, name);
    if (domain === undefined) throw new NotFound(`${name} is not hosted here`);
    const token = domain.state === 'unproven' ? tokenOf(domain.proofToken) : undefined;
    return recordsFor(name, this.#parts.own(), this.#keysOf(domain.id), token);
  }

  async #run(name: Domain): Promise<DomainReport> {
    await this.#turn();
    try {
      const { admin } = this.#parts;
      const domain = domainByName(admin.control.db, name);
      if (domain === undefined) throw new NotFound(`${name} is not hosted here`);
      const settings = this.#settings();
      const [report, ownership] = await Promise.all([
        checkDomain({ ...settings, domain: name, dkim: this.#keysOf(domain.id), now: () => new Date(admin.now()) }),
        domain.provenAt === null ? provesOwnership({ ...settings, domain: name, token: tokenOf(domain.proofToken) }) : undefined,
      ]);
      const isStillHere = domainByName(admin.control.db, name) !== undefined;
      if (ownership?.proven === true && isStillHere) proveDomain(admin, SYSTEM, { domain: name, by: ownership.by });
      saveDomainCheck(admin, name, { delivers: report.delivers, report });
      for (const listener of this.#listeners) listener(name);
      return report;
    } finally {
      // The turn is handed over, not freed: nobody can slip in between.
      const next = this.#turns.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#free <= 0) return new Promise<void>((resolve) => this.#turns.push(resolve));
    this.#free -= 1;
  }

  #settings(): InquirySettings {
    const { resolver, own, allowPrivate, loopbackNameserverPort } = this.#parts;
    const port = loopbackNameserverPort === undefined ? {} : { loopbackNameserverPort };
    return { resolver, own: own(), allowPrivate: allowPrivate(), ...port };
  }

  #keysOf(id: number): DkimKey[] {
    return dkimKeysOf(this.#parts.admin.control.db, id)
      .filter((key) => key.active)
      .map((key) => ({
        selector: key.selector,
        publicKeyBase64: key.publicKey,
        algorithm: key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519',
      }));
  }
}

/** The bare token: control.db keeps the whole TXT value. */
function tokenOf(stored: string): string {
  const lead = proofValue('');
  return stored.startsWith(lead) ? stored.slice(lead.length) : stored;
}
