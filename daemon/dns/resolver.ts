/**
 * The stub resolver: questions go to the configured recursive servers, answers are kept per thread.
 *
 * Owns: the answer cache and the questions under way. One is built in each thread that needs DNS.
 * Invariants:
 * 1. Every question ends within `totalMs` (5 s), whatever servers and callers do; failures are answers, never throws.
 * 2. Equal questions under way are asked once; at most `maxInFlight` are under way, what comes on top is answered
 *    'timeout' at once.
 * 3. The AD bit counts only from servers on this machine.
 * 4. A cached answer is handed out as the promise kept with it: no timer, no socket, no new object.
 *
 * Specifications: RFC 1035 §7, RFC 2308, RFC 5452, RFC 9520 (failures are kept for seconds).
 */
import type { DnsAnswer, MxRecord, RecordData, RecordType, SrvRecord, TlsaRecord } from './answer.ts';
import { emptyAnswer } from './answer.ts';
import { AnswerCache } from './cache.ts';
import { type ExchangeResult, exchange } from './exchange.ts';
import { interpret, MAX_CNAMES } from './interpret.ts';
import { normalName, reverseName } from './names.ts';
import { isLoopbackServer, type ServerAddress, serverText } from './servers.ts';

export interface QueryOptions {
  /** The caller's own patience in ms, shorter than the resolver's; the question itself goes on for others. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Ask again although an answer is kept; the new one takes its place. */
  readonly fresh?: boolean;
}

export interface Resolver {
  /** The answer of the configured servers, CNAMEs followed. Never rejects. */
  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<RecordData[T]>>;
  /** The kept answer, if there is one: for hot paths that must not wait for a microtask. */
  peek<T extends RecordType>(name: string, type: T): DnsAnswer<RecordData[T]> | undefined;
  /** Asks one server directly, without recursion and without the cache. Never rejects. */
  ask<T extends RecordType>(server: ServerAddress, name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<RecordData[T]>>;
  a(name: string, options?: QueryOptions): Promise<DnsAnswer<string>>;
  aaaa(name: string, options?: QueryOptions): Promise<DnsAnswer<string>>;
  mx(name: string, options?: QueryOptions): Promise<DnsAnswer<MxRecord>>;
  txt(name: string, options?: QueryOptions): Promise<DnsAnswer<string>>;
  ns(name: string, options?: QueryOptions): Promise<DnsAnswer<string>>;
  srv(name: string, options?: QueryOptions): Promise<DnsAnswer<SrvRecord>>;
  tlsa(name: string, options?: QueryOptions): Promise<DnsAnswer<TlsaRecord>>;
  /** The names of an address; 'nxdomain' for what is no address. */
  ptr(address: string, options?: QueryOptions): Promise<DnsAnswer<string>>;
  /** Ends what is under way (as 'timeout') and forgets everything kept. */
  close(): void;
}

export interface ResolverSettings {
  readonly servers: readonly ServerAddress[];
  /** For all tries of one question together. */
  readonly totalMs?: number;
  /** For one try at one server. */
  readonly tryMs?: number;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  readonly maxInFlight?: number;
  /** Milliseconds that only grow; tests turn it. */
  readonly now?: () => number;
}

const TOTAL_MS = 5_000;
const TRY_MS = 2_000;
/** Tries at a server that stays silent. */
const ROUNDS = 3;
const MIN_TTL_S = 5;
const MAX_TTL_S = 86_400;
const MAX_NEGATIVE_TTL_S = 900;
// RFC 9520 §3.2: a failure is kept at least 1 s and at most 5 min.
const FAILURE_TTL_S = 5;

interface Bounds {
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/** A resolver over the given servers, asked in this order while they answer. */
export function createResolver(settings: ResolverSettings): Resolver {
  return new StubResolver(settings);
}

class StubResolver implements Resolver {
  readonly #servers: readonly ServerAddress[];
  readonly #totalMs: number;
  readonly #tryMs: number;
  readonly #maxInFlight: number;
  readonly #now: () => number;
  readonly #cache: AnswerCache;
  readonly #underWay = new Map<string, Promise<DnsAnswer<unknown>>>();
  #closing = new AbortController();
  #first = 0;
  #asking = 0;

  constructor(settings: ResolverSettings) {
    this.#servers = settings.servers;
    this.#totalMs = settings.totalMs ?? TOTAL_MS;
    this.#tryMs = settings.tryMs ?? TRY_MS;
    this.#maxInFlight = settings.maxInFlight ?? 1_000;
    this.#now = settings.now ?? (() => performance.now());
    this.#cache = new AnswerCache({ maxEntries: settings.maxEntries ?? 20_000, maxBytes: settings.maxBytes ?? 16 << 20 });
  }

  query<T extends RecordType>(name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<RecordData[T]>> {
    return this.#query(name, type, options) as Promise<DnsAnswer<RecordData[T]>>;
  }

  peek<T extends RecordType>(name: string, type: T): DnsAnswer<RecordData[T]> | undefined {
    const plain = normalName(name);
    if (plain === undefined) return undefined;
    return this.#cache.get(keyOf(plain, type), this.#now())?.answer as DnsAnswer<RecordData[T]> | undefined;
  }

  ask<T extends RecordType>(server: ServerAddress, name: string, type: T, options?: QueryOptions): Promise<DnsAnswer<RecordData[T]>> {
    return this.#ask(server, name, type, options) as Promise<DnsAnswer<RecordData[T]>>;
  }

  a = (name: string, options?: QueryOptions): Promise<DnsAnswer<string>> => this.query(name, 'A', options);
  aaaa = (name: string, options?: QueryOptions): Promise<DnsAnswer<string>> => this.query(name, 'AAAA', options);
  mx = (name: string, options?: QueryOptions): Promise<DnsAnswer<MxRecord>> => this.query(name, 'MX', options);
  txt = (name: string, options?: QueryOptions): Promise<DnsAnswer<string>> => this.query(name, 'TXT', options);
  ns = (name: string, options?: QueryOptions): Promise<DnsAnswer<string>> => this.query(name, 'NS', options);
  srv = (name: string, options?: QueryOptions): Promise<DnsAnswer<SrvRecord>> => this.query(name, 'SRV', options);
  tlsa = (name: string, options?: QueryOptions): Promise<DnsAnswer<TlsaRecord>> => this.query(name, 'TLSA', options);

  ptr(address: string, options?: QueryOptions): Promise<DnsAnswer<string>> {
    const name = reverseName(address);
    return name === undefined ? Promise.resolve(emptyAnswer('nxdomain', address)) : this.query(name, 'PTR', options);
  }

  close(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#cache.clear();
  }

  #query(name: string, type: RecordType, options: QueryOptions | undefined): Promise<DnsAnswer<unknown>> {
    const plain = normalName(name);
    if (plain === undefined) return Promise.resolve(emptyAnswer('nxdomain', name));
    const key = keyOf(plain, type);
    if (options?.fresh !== true) {
      const kept = this.#cache.get(key, this.#now());
      if (kept !== undefined) return kept.promise;
    }
    let running = this.#underWay.get(key);
    if (running === undefined) {
      if (this.#asking >= this.#maxInFlight) return Promise.resolve(emptyAnswer('timeout', plain));
      running = this.#resolve(key, plain, type);
      this.#underWay.set(key, running);
    }
    return options?.timeoutMs === undefined && options?.signal === undefined ? running : patient(running, plain, options);
  }

  async #resolve(key: string, name: string, type: RecordType): Promise<DnsAnswer<unknown>> {
    this.#asking++;
    try {
      const bounds = { endsAt: performance.now() + this.#totalMs, signal: this.#closing.signal };
      const answer = await this.#follow(name, type, bounds);
      if (!bounds.signal.aborted) this.#cache.set(key, answer, this.#now() + keepSeconds(answer) * 1000);
      return answer;
    } finally {
      this.#asking--;
      this.#underWay.delete(key);
    }
  }

  /** Asks, and asks again for the rest of a CNAME chain that the server did not follow itself. */
  async #follow(name: string, type: RecordType, bounds: Bounds): Promise<DnsAnswer<unknown>> {
    const passed: string[] = [];
    let current = name;
    let authenticated = true;
    let ttl = MAX_TTL_S;
    for (let hop = 0; hop <= MAX_CNAMES; hop++) {
      const part = await this.#askServers(current, type, bounds);
      authenticated &&= part.answer.authenticated;
      passed.push(...part.answer.aliases);
      ttl = Math.min(ttl, part.answer.ttl);
      if (!part.unfinished) return { ...part.answer, aliases: passed, authenticated, ttl };
      current = part.answer.name;
      if (passed.includes(current)) break;
    }
    // RFC 1034 §3.6.2: a chain that does not end is an error of the zone.
    return { ...emptyAnswer('servfail', current), aliases: passed };
  }

  /** Goes round the servers until one knows: who failed is not asked again, who was silent is. */
  async #askServers(name: string, type: RecordType, bounds: Bounds): Promise<Part> {
    const order = [...this.#servers.slice(this.#first), ...this.#servers.slice(0, this.#first)];
    const failed = new Set<ServerAddress>();
    let worst: Part = { answer: emptyAnswer('timeout', name), unfinished: false };
    for (let round = 0; round < ROUNDS && failed.size < order.length; round++) {
      for (const server of order) {
        const timeoutMs = Math.min(this.#tryMs, bounds.endsAt - performance.now());
        if (failed.has(server)) continue;
        if (timeoutMs <= 0 || bounds.signal.aborted) return worst;
        const part = await this.#askOne(server, { name, type, recursive: true, timeoutMs, signal: bounds.signal });
        const { status } = part.answer;
        if (status === 'ok' || status === 'nodata' || status === 'nxdomain' || part.unfinished) {
          this.#first = this.#servers.indexOf(server);
          return part;
        }
        // A server that does not validate would only hide what is wrong.
        if (status === 'bogus') return part;
        if (status !== 'timeout') failed.add(server);
        if (status !== 'timeout' || worst.answer.status === 'timeout') worst = part;
      }
    }
    return worst;
  }

  async #askOne(server: ServerAddress, ask: OneQuestion): Promise<Part> {
    const trusted = ask.recursive && isLoopbackServer(server);
    const { name, type, recursive, timeoutMs, signal } = ask;
    const result = await exchange(server, { name, type }, { recursive, wantAuthenticated: trusted, timeoutMs, signal });
    return toPart(result, { ...ask, server: serverText(server), trusted });
  }

  async #ask(server: ServerAddress, name: string, type: RecordType, options?: QueryOptions): Promise<DnsAnswer<unknown>> {
    const plain = normalName(name);
    if (plain === undefined) return emptyAnswer('nxdomain', name);
    if (this.#asking >= this.#maxInFlight) return emptyAnswer('timeout', plain, serverText(server));
    this.#asking++;
    try {
      const endsAt = performance.now() + Math.min(options?.timeoutMs ?? this.#totalMs, this.#totalMs);
      const signal = options?.signal === undefined ? this.#closing.signal : AbortSignal.any([options.signal, this.#closing.signal]);
      for (;;) {
        const timeoutMs = Math.min(this.#tryMs, endsAt - performance.now());
        const part = await this.#askOne(server, { name: plain, type, recursive: false, timeoutMs: Math.max(1, timeoutMs), signal });
        if (part.answer.status !== 'timeout' || signal.aborted || endsAt - performance.now() < this.#tryMs / 4) return part.answer;
        if (performance.now() + 1 >= endsAt || part.unreachable === true) return part.answer;
      }
    } finally {
      this.#asking--;
    }
  }
}

interface OneQuestion {
  readonly name: string;
  readonly type: RecordType;
  readonly recursive: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One server's answer; `unfinished` when it ends in a CNAME whose target is still to be asked for. */
interface Part {
  readonly answer: DnsAnswer<unknown>;
  readonly unfinished: boolean;
  readonly unreachable?: boolean;
}

function toPart(result: ExchangeResult, ask: OneQuestion & { readonly server: string; readonly trusted: boolean }): Part {
  const { name, type, server } = ask;
  if (result.kind !== 'reply') {
    const status = result.kind === 'malformed' ? 'malformed' : 'timeout';
    return { answer: emptyAnswer(status, name, server), unfinished: false, unreachable: result.kind === 'unreachable' };
  }
  const { reply } = result;
  const reading = interpret(reply, name, type);
  const told = {
    name: reading.name,
    aliases: reading.passed,
    // Invariant 3 of answer.ts: a validating resolver sets AD only when the whole answer is secure.
    authenticated: ask.trusted && reply.authenticated,
    authoritative: reply.authoritative,
    server,
    ttl: Math.min(reading.ttl, MAX_TTL_S),
  };
  if (reading.kind === 'answer') return { answer: { status: 'ok', records: reading.records, ...told }, unfinished: false };
  if (reading.kind === 'chase') return { answer: { status: 'nodata', records: [], ...told }, unfinished: true };
  // A server that was asked to find the answer and gives a referral instead is of no use as a resolver.
  const status = reading.status === 'lame' && ask.recursive ? 'servfail' : reading.status;
  return { answer: { status, records: [], ...told }, unfinished: false };
}

function keyOf(name: string, type: RecordType): string {
  return `${type} ${name}`;
}

function keepSeconds(answer: DnsAnswer<unknown>): number {
  if (answer.status === 'ok') return Math.max(MIN_TTL_S, answer.ttl);
  if (answer.status === 'nodata' || answer.status === 'nxdomain') return Math.max(MIN_TTL_S, Math.min(answer.ttl, MAX_NEGATIVE_TTL_S));
  return FAILURE_TTL_S;
}

/** The shared answer, or 'timeout' for this caller alone when its own patience ends first. */
function patient(running: Promise<DnsAnswer<unknown>>, name: string, options: QueryOptions): Promise<DnsAnswer<unknown>> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve) => {
    const settle = (answer: DnsAnswer<unknown>): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      resolve(answer);
    };
    const giveUp = (): void => settle(emptyAnswer('timeout', name));
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    if (signal?.aborted === true) return giveUp();
    signal?.addEventListener('abort', giveUp);
    void running.then(settle);
  });
}
