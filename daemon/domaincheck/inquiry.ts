/**
 * The questions of one check: each asked once, past the resolver's cache, all under one deadline.
 *
 * Owns: who this machine is for the check, and the answers so far.
 * Invariants: 1. the same question is never asked twice in a check; 2. after the deadline every answer is 'timeout';
 * 3. at most `MAX_QUESTIONS` are asked, what comes on top is 'timeout'.
 */
import { isUnroutedAddress } from '../dns/address-kind.ts';
import type { DnsAnswer, RecordData, RecordType } from '../dns/answer.ts';
import { emptyAnswer } from '../dns/answer.ts';
import { normalAddress, normalName, reverseName } from '../dns/names.ts';
import type { Resolver } from '../dns/resolver.ts';
import type { ServerAddress } from '../dns/servers.ts';

/** This machine as the world sees it. */
export interface OwnMachine {
  readonly hostname: string;
  /** All addresses under which it is reached, public ones in front of it included. */
  readonly addresses: readonly string[];
  readonly smtpPort?: number;
  /** The ports that client records name; the standard ones unless told. */
  readonly ports?: { readonly imaps?: number; readonly pop3s?: number; readonly submissions?: number; readonly https?: number };
}

export interface InquirySettings {
  readonly resolver: Resolver;
  readonly own: OwnMachine;
  /** Loopback and private addresses count as places where mail can be: the trial, and closed networks. */
  readonly allowPrivate?: boolean;
  /** The port of name servers on loopback addresses; 53 unless told. */
  readonly loopbackNameserverPort?: number;
  readonly signal?: AbortSignal;
}

const MAX_QUESTIONS = 400;

export interface HostAddresses {
  readonly addresses: readonly string[];
  readonly a: DnsAnswer<string>;
  readonly aaaa: DnsAnswer<string>;
}

export class Inquiry {
  readonly own: OwnMachine;
  readonly hostname: string;
  readonly allowPrivate: boolean;
  readonly loopbackNameserverPort: number;
  readonly #resolver: Resolver;
  readonly #signal: AbortSignal | undefined;
  readonly #answers = new Map<string, Promise<DnsAnswer<unknown>>>();
  readonly #ownAddresses: ReadonlySet<string>;
  readonly #hasPublicAddress: boolean;
  #questions = 0;

  constructor(settings: InquirySettings) {
    this.own = settings.own;
    this.hostname = normalName(settings.own.hostname) ?? settings.own.hostname;
    this.allowPrivate = settings.allowPrivate === true;
    this.loopbackNameserverPort = settings.loopbackNameserverPort ?? 53;
    this.#resolver = settings.resolver;
    this.#signal = settings.signal;
    this.#ownAddresses = new Set(settings.own.addresses.map((address) => normalAddress(address) ?? address));
    this.#hasPublicAddress = settings.own.addresses.some((address) => !isUnroutedAddress(address));
  }

  query<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordData[T]>> {
    return this.#once(`${type} ${name}`, name, () => this.#resolver.query(name, type, { fresh: true, ...this.#patience() }));
  }

  ask<T extends RecordType>(server: ServerAddress, name: string, type: T): Promise<DnsAnswer<RecordData[T]>> {
    return this.#once(`${type} ${name} @${server.address} ${server.port}`, name, () =>
      this.#resolver.ask(server, name, type, this.#patience()),
    );
  }

  ptr(address: string): Promise<DnsAnswer<string>> {
    const name = reverseName(address);
    return name === undefined ? Promise.resolve(emptyAnswer('nxdomain', address)) : this.query(name, 'PTR');
  }

  /** Both families of a host, in one spelling each. */
  async addressesOf(host: string): Promise<HostAddresses> {
    const [a, aaaa] = await Promise.all([this.query(host, 'A'), this.query(host, 'AAAA')]);
    const addresses = [...a.records, ...aaaa.records].map((address) => normalAddress(address) ?? address);
    return { addresses: [...new Set(addresses)], a, aaaa };
  }

  /** Is this address one of this machine's? Private ones count only where they are allowed. */
  isOwnAddress(address: string): boolean {
    return this.#ownAddresses.has(address) && (this.allowPrivate || !isUnroutedAddress(address));
  }

  /** Is a host this machine: by address, or by name when the machine does not know its public address. */
  isOwnHost(host: string, addresses: readonly string[]): boolean {
    if (addresses.some((address) => this.isOwnAddress(address))) return true;
    return !this.#hasPublicAddress && host === this.hostname && addresses.length > 0;
  }

  #once<T extends RecordType>(key: string, name: string, ask: () => Promise<DnsAnswer<RecordData[T]>>): Promise<DnsAnswer<RecordData[T]>> {
    let answer = this.#answers.get(key) as Promise<DnsAnswer<RecordData[T]>> | undefined;
    if (answer === undefined) {
      answer = ++this.#questions > MAX_QUESTIONS ? Promise.resolve(emptyAnswer('timeout', name)) : ask();
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #patience(): { signal: AbortSignal } | undefined {
    return this.#signal === undefined ? undefined : { signal: this.#signal };
  }
}

/** The servers behind some answers, each once. */
export function serversOf(...answers: readonly DnsAnswer<unknown>[]): string[] {
  return [...new Set(answers.map((answer) => answer.server).filter((server) => server !== ''))];
}
