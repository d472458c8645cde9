/**
 * Main's owner of certificates: `DIR/tls/<name>/{key,chain}.pem`, the self-signed one made on demand, ticket keys.
 *
 * 1. Files are written to a temporary name and renamed; keys are 0600 in a 0700 folder.
 * 2. Each change makes a set with a higher version; `publish` hands it to the threads and resolves when all have it.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateEntry, CertificateSet } from './certificate-set.ts';
import { makeSelfSigned } from './self-signed.ts';

export class CertificateStore {
  readonly #folder: string;
  readonly #now: () => number;
  #set: CertificateSet | undefined;
  #publish: (set: CertificateSet) => Promise<void> = async () => {};

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  onPublish(publish: (set: CertificateSet) => Promise<void>): void {
    this.#publish = publish;
  }

  get current(): CertificateSet {
    if (this.#set === undefined) throw new Error('certificates are not loaded yet');
    return this.#set;
  }

  /** Reads all entries, makes the self-signed one for `hostname` when none serves it, and publishes the set. */
  async load(hostname: string): Promise<CertificateSet> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const entries = await this.#readEntries();
    const own = entries.find((entry) => entry.names.includes(hostname)) ?? (await this.#makeOwn(hostname));
    const ordered = [own, ...entries.filter((entry) => entry !== own)];
    return this.#replace(ordered, this.#set?.ticketKeys ?? randomBytes(48));
  }

  /** New ticket keys (daily, RFC 5077 §5.5); sessions under the old ones do a full handshake again. */
  async renewTicketKeys(): Promise<void> {
    await this.#replace(this.current.entries, randomBytes(48));
  }

  async #replace(entries: readonly CertificateEntry[], ticketKeys: Uint8Array): Promise<CertificateSet> {
    const set = { version: (this.#set?.version ?? 0) + 1, entries, ticketKeys: new Uint8Array(ticketKeys) };
    this.#set = set;
    await this.#publish(set);
    return set;
  }

  async #readEntries(): Promise<CertificateEntry[]> {
    const entries: CertificateEntry[] = [];
    for (const item of await readdir(this.#folder, { withFileTypes: true })) {
      if (!item.isDirectory()) continue;
      const folder = join(this.#folder, item.name);
      const [keyPem, chainPem] = await Promise.all([
        readFile(join(folder, 'key.pem'), 'utf8'),
        readFile(join(folder, 'chain.pem'), 'utf8'),
      ]);
      const certificate = new X509Certificate(chainPem);
      if (Date.parse(certificate.validTo) <= this.#now()) continue;
      entries.push({ names: namesOf(certificate), keyPem, chainPem });
    }
    return entries;
  }

  async #makeOwn(hostname: string): Promise<CertificateEntry> {
    const entry = await makeSelfSigned(hostname, this.#now());
    const folder = join(this.#folder, hostname);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeWhole(join(folder, 'key.pem'), entry.keyPem);
    await writeWhole(join(folder, 'chain.pem'), entry.chainPem);
    return entry;
  }
}

function namesOf(certificate: X509Certificate): string[] {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].map((match) => (match[1] ?? '').toLowerCase());
  return names.filter((name) => name !== '');
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}
