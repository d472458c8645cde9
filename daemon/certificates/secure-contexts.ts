/**
 * The TLS side of one thread: SNI contexts made on demand from the present CertificateSet.
 *
 * 1. At most `CONTEXT_LIMIT` contexts are kept; the least recently used goes first.
 * 2. A new set drops all contexts; handshakes under way finish with the old one.
 * 3. TLS 1.2 is the floor (RFC 8996).
 */
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import type { CertificateEntry, CertificateSet } from './certificate-set.ts';

const CONTEXT_LIMIT = 256;

export class SecureContexts {
  #set: CertificateSet;
  readonly #contexts = new Map<CertificateEntry, SecureContext>();
  readonly #listeners: (() => void)[] = [];

  constructor(set: CertificateSet) {
    this.#set = set;
  }

  get version(): number {
    return this.#set.version;
  }

  replace(set: CertificateSet): void {
    if (set.version <= this.#set.version) return;
    this.#set = set;
    this.#contexts.clear();
    for (const listener of this.#listeners) listener();
  }

  /** Called after each replacement, for servers that keep a default context of their own. */
  onReplaced(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The context for an SNI name (RFC 6066 §3); a trailing dot, which new Outlook sends, is ignored. */
  contextFor(name: string | undefined): SecureContext {
    const entry = this.#entryFor(name === undefined ? '' : name.toLowerCase().replace(/\.$/, ''));
    let context = this.#contexts.get(entry);
    if (context === undefined) context = this.#makeContext(entry);
    this.#contexts.delete(entry);
    this.#contexts.set(entry, context);
    if (this.#contexts.size > CONTEXT_LIMIT) this.#contexts.delete(this.#contexts.keys().next().value as CertificateEntry);
    return context;
  }

  /** Options for tls.createServer, https.createServer and TLSSocket({isServer: true}). */
  serverOptions(): TlsOptions {
    const first = this.#fallback();
    return {
      key: first.keyPem,
      cert: first.chainPem,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
      ticketKeys: Buffer.from(this.#set.ticketKeys),
      SNICallback: (name, done) => done(null, this.contextFor(name)),
    };
  }

  #makeContext(entry: CertificateEntry): SecureContext {
    const options = {
      key: entry.keyPem,
      cert: entry.chainPem,
      minVersion: 'TLSv1.2',
      ticketKeys: Buffer.from(this.#set.ticketKeys),
    } as const;
    return createSecureContext(options);
  }

  #entryFor(name: string): CertificateEntry {
    const parent = name.slice(name.indexOf('.') + 1);
    let wildcard: CertificateEntry | undefined;
    for (const entry of this.#set.entries) {
      if (entry.names.includes(name)) return entry;
      if (entry.names.includes(`*.${parent}`)) wildcard = entry;
    }
    return wildcard ?? this.#fallback();
  }

  #fallback(): CertificateEntry {
    const first = this.#set.entries[0];
    if (first === undefined) throw new Error('a certificate set is never empty');
    return first;
  }
}
