/**
 * IMAP dialogues over loopback sockets: a server with the in-memory mailstore, and clients that speak line by line.
 * 1. `run(line)` sends a tagged command and returns everything up to its tagged answer, literals included, without the tag's own line end.
 * 2. The mailstore is the one in memory, or the daemon's own over threads (`threads`, or IMAP_TEST_STORE=threads for a whole run).
 * 3. Waiting is always for a line, with a deadline; nothing sleeps.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';
import { DEFAULT_LIMITS, type ImapContext, type ImapLimits } from '../../../daemon/access/imap/context.ts';
import { createImapServer, type ImapServer } from '../../../daemon/access/imap/server.ts';
import type { Authenticator, LoginRequest } from '../../../daemon/directory/login.ts';
import type { Mailstore } from '../../../daemon/mailstore/mailstore.ts';
import { type AccountId, type Address, brand, type CustomerId } from '../../../daemon/wire/ids.ts';
import { openThreadedMailstore } from '../../support/mailstore-threads.ts';
import { MemoryMailstore } from '../../support/memory-mailstore.ts';

const DEADLINE_MS = 5000;

export const ACCOUNT = brand<AccountId>(1);

/** A certificate for localhost, made once a process. */
let certificate: SecureContext | undefined;
export function testCertificate(): SecureContext {
  if (certificate !== undefined) return certificate;
  const folder = mkdtempSync(join(tmpdir(), 'imap-test-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=localhost',
        '-days',
        '2',
      ],
      { stdio: 'ignore' },
    );
    certificate = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
    return certificate;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Knows fred@example.com and ann@example.com, password "secret", and names for the other verdicts. */
export class FixedAuthenticator implements Authenticator {
  readonly requests: LoginRequest[] = [];
  #listeners: ((account: AccountId) => void)[] = [];

  async login(request: LoginRequest): ReturnType<Authenticator['login']> {
    this.requests.push(request);
    if (request.login === 'suspended@example.com') return { kind: 'suspended' };
    if (request.login === 'throttled@example.com') return { kind: 'throttled', retryAfterS: 7 };
    if (request.login === 'broken@example.com') return { kind: 'unavailable' };
    const account = request.login === 'fred@example.com' ? ACCOUNT : request.login === 'ann@example.com' ? brand<AccountId>(2) : null;
    if (account === null || request.password !== 'secret') return { kind: 'refused' };
    return { kind: 'account', account, address: brand<Address>(request.login), customer: brand<CustomerId>(1), credentialVersion: 1 };
  }

  onRevoked(listener: (account: AccountId) => void): void {
    this.#listeners.push(listener);
  }

  revoke(account: AccountId): void {
    for (const listener of this.#listeners) listener(account);
  }
}

export interface TestServer {
  readonly mailstore: Mailstore;
  readonly authenticator: FixedAuthenticator;
  readonly server: ImapServer;
  readonly port: number;
  readonly tlsPort: number;
  readonly errors: object[];
  /** What was logged as information, the event in it. */
  readonly logged: Readonly<Record<string, unknown>>[];
  quotaBytes: number | null;
  /** Connects and reads the greeting. */
  connect(): Promise<Client>;
  /** Connects and logs in as fred. */
  loggedIn(): Promise<Client>;
  deliver(raw: string, folder?: string): Promise<void>;
  stop(): Promise<void>;
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

export async function startServer(
  options: { mailstore?: Mailstore; threads?: boolean; limits?: Partial<ImapLimits>; certificate?: boolean } = {},
): Promise<TestServer> {
  const threads = options.threads === true || process.env['IMAP_TEST_STORE'] === 'threads' ? await openThreadedMailstore() : null;
  const mailstore = options.mailstore ?? threads?.store ?? new MemoryMailstore();
  const authenticator = new FixedAuthenticator();
  const errors: object[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const clients = new Set<Client>();
  const context: ImapContext = {
    mailstore,
    authenticator,
    hostname: 'mail.example.com',
    version: '1.2.3',
    secureContext: () => (options.certificate === false ? null : testCertificate()),
    quotaBytes: () => test.quotaBytes,
    log: { info: (fields, event) => logged.push({ ...fields, event }), warn: () => undefined, error: (fields) => errors.push(fields) },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const server = createImapServer(context);
  const plain = createServer((socket) => server.handle(socket, { implicitTls: false }));
  const secure = createServer((socket) => server.handle(socket, { implicitTls: true }));
  let deliveries = 0;
  const test: TestServer = {
    mailstore,
    authenticator,
    server,
    errors,
    logged,
    port: await listen(plain),
    tlsPort: await listen(secure),
    quotaBytes: null,
    async connect() {
      const client = new Client(connect(test.port, '127.0.0.1'));
      clients.add(client);
      await client.line();
      return client;
    },
    async loggedIn() {
      const client = await test.connect();
      await client.ok('LOGIN fred@example.com secret');
      return client;
    },
    async deliver(raw, folder = 'INBOX') {
      const target = folder === 'INBOX' ? { role: 'inbox' as const } : { name: folder };
      await mailstore.deliver({
        account: ACCOUNT,
        folder: target,
        deliveryId: `d${++deliveries}`,
        receivedAtMs: 1767258000000,
        raw: message(raw),
        quotaBytes: null,
        vouched: true,
      });
    },
    async stop() {
      for (const client of clients) client.socket.destroy();
      await server.close(500);
      plain.close();
      secure.close();
      await threads?.close();
    },
  };
  return test;
}

/** Text with LF line ends as the octets of a message. */
export function message(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));
}

/** One side of a dialogue; octets are latin1. */
export class Client {
  socket: Socket;
  #input = '';
  #isEnded = false;
  #wake: (() => void) | null = null;
  #tags = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.socket.on('data', (chunk) => {
      this.#input += chunk.toString('latin1');
      this.#wake?.();
    });
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => {
        this.#isEnded = true;
        this.#wake?.();
      });
    }
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'));
  }

  async #until<T>(take: () => T | undefined): Promise<T> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      if (this.#isEnded) throw new Error(`the connection ended, read: ${JSON.stringify(this.#input)}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing came in time, read: ${JSON.stringify(this.#input)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The next line with the literals in it, without its CR LF. */
  async line(): Promise<string> {
    return this.#until(() => {
      let from = 0;
      for (;;) {
        const end = this.#input.indexOf('\r\n', from);
        if (end < 0) return undefined;
        const literal = /\{(\d+)\}$/.exec(this.#input.slice(from, end));
        if (literal === null) {
          const line = this.#input.slice(0, end);
          this.#input = this.#input.slice(end + 2);
          return line;
        }
        from = end + 2 + Number(literal[1]);
        if (from > this.#input.length) return undefined;
      }
    });
  }

  /** Lines up to the first that begins with `start`, that one included. */
  async linesUntil(start: string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      lines.push(line);
      if (line.startsWith(start)) return lines;
    }
  }

  /** Sends a command under a fresh tag; the tagged line comes back without its tag. */
  async run(command: string): Promise<string[]> {
    const tag = `t${++this.#tags}`;
    this.send(`${tag} ${command}\r\n`);
    const lines = await this.linesUntil(`${tag} `);
    lines.push((lines.pop() as string).slice(tag.length + 1));
    return lines;
  }

  /** run(), which must answer OK; the untagged lines only. */
  async ok(command: string): Promise<string[]> {
    const lines = await this.run(command);
    const last = lines.pop() as string;
    if (!last.startsWith('OK')) throw new Error(`${command}: ${last}`);
    return lines;
  }

  /** The tagged answer of a command. */
  async tagged(command: string): Promise<string> {
    return (await this.run(command)).at(-1) as string;
  }

  /** Puts TLS on the connection. */
  async secure(): Promise<void> {
    this.socket.removeAllListeners('data');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await new Promise((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('error', reject);
    });
    this.socket = secured;
    this.#listen();
  }

  /** Resolves when the server has closed; everything that was left to read. */
  async ended(): Promise<string> {
    return this.#until(() => (this.#isEnded ? this.#input : undefined));
  }
}
