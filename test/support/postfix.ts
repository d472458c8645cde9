/**
 * A foreign mail server: Postfix as Debian ships it (its main.cf and master.cf), in directories of its own, on an address and a
 * port of the test's network. It finds us as it finds anyone: by MX look-up at the test's name server.
 *
 * 1. Debian runs its SMTP client in a chroot, which reads the queue directory's own etc/resolv.conf: nothing of the host changes.
 * 2. Mail for its own domains lands in Maildirs under `mailDirectory`, of which RCPT knows only the users given.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background, run, runWell } from './child-process.ts';
import { eventually } from './eventually.ts';
import { type LoopbackNetwork, SMTP_PORT } from './loopback-network.ts';

export interface PostfixSettings {
  readonly network: LoopbackNetwork;
  readonly address: string;
  readonly hostname: string;
  /** Domains whose mail it takes. */
  readonly domains: readonly string[];
  /** Addresses in them. */
  readonly users: readonly string[];
  /** Further lines of main.cf. */
  readonly main?: Readonly<Record<string, string>>;
}

const MAILBOX_OWNER = 65_534;

export class Postfix implements AsyncDisposable {
  readonly settings: PostfixSettings;
  readonly #directory: string;
  readonly #configDirectory: string;
  #tableTime = 0;
  readonly #process: Background;

  private constructor(settings: PostfixSettings, directory: string, process: Background) {
    this.settings = settings;
    this.#directory = directory;
    this.#configDirectory = join(directory, 'etc');
    this.#process = process;
  }

  static async open(settings: PostfixSettings): Promise<Postfix> {
    const directory = mkdtempSync(join(tmpdir(), 'postfix-'));
    // Its processes drop to other users.
    chmodSync(directory, 0o755);
    const config = join(directory, 'etc');
    for (const name of ['etc', 'queue', 'queue/etc', 'data', 'mail']) mkdirSync(join(directory, name));
    const certificate = ['-keyout', join(config, 'key.pem'), '-out', join(config, 'certificate.pem'), '-subj', `/CN=${settings.hostname}`];
    await runWell('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      ...certificate,
    ]);
    const postfixUser = Number((await runWell('id', ['-u', 'postfix'])).trim());
    chownSync(join(directory, 'data'), postfixUser, postfixUser);
    chownSync(join(directory, 'mail'), MAILBOX_OWNER, MAILBOX_OWNER);
    writeFileSync(join(directory, 'queue/etc/resolv.conf'), `nameserver ${settings.network.nameServer}\noptions timeout:2 attempts:2\n`);
    for (const name of ['services', 'hosts']) writeFileSync(join(directory, 'queue/etc', name), readFileSync(join('/etc', name)));
    writeFileSync(join(config, 'mailboxes'), settings.users.map((user) => `${user} ${user}/\n`).join(''));
    writeFileSync(join(config, 'recipients'), '');
    await runWell('/usr/sbin/postmap', [`hash:${join(config, 'recipients')}`]);
    writeFileSync(join(config, 'main.cf'), mainConfiguration(settings, directory));
    writeFileSync(join(config, 'master.cf'), masterConfiguration(settings.address));
    await runWell('/usr/sbin/postfix', ['-c', config, 'check']);
    const program = (await runWell('/usr/sbin/postconf', ['-dh', 'daemon_directory'])).trim();
    // Not by `postfix start-fg`, which leaves a shell between us and the process to end; -s makes it leader of a group of its own.
    const postfix = new Postfix(settings, directory, new Background(join(program, 'master'), ['-c', config, '-s']));
    await postfix.logged(/daemon started/);
    return postfix;
  }

  get log(): string {
    const path = join(this.#directory, 'mail.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** The first part of the log that matches. */
  async logged(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray> {
    return eventually(
      `${pattern} in the log of ${this.settings.hostname}`,
      () => {
        const found = pattern.exec(this.log);
        if (found === null && this.#process.hasEnded) throw new Error(`Postfix ended: ${this.#process.output}${this.log}`);
        return found ?? undefined;
      },
      timeoutMs,
    );
  }

  /** Messages in the mailbox of a user, as stored; the oldest first. */
  mailbox(user: string): string[] {
    const folder = join(this.#directory, 'mail', user, 'new');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => readFileSync(join(folder, name), 'latin1'));
  }

  /** The first message of a user's mailbox that matches. */
  async received(user: string, pattern: RegExp, timeoutMs?: number): Promise<string> {
    return eventually(`${pattern} in the mailbox of ${user}`, () => this.mailbox(user).find((text) => pattern.test(text)), timeoutMs);
  }

  /** Answers RCPT of this address with `reply` from now on; `OK` takes it again. */
  async restrict(address: string, reply: string): Promise<void> {
    writeFileSync(join(this.#configDirectory, 'recipients'), `${address} ${reply}\n`);
    const table = join(this.#configDirectory, 'recipients');
    await runWell('/usr/sbin/postmap', [`hash:${table}`]);
    // Postfix sees a change by the table's time in whole seconds: one within the second of the last would pass unseen.
    this.#tableTime = Math.max(this.#tableTime + 2, Math.ceil(Date.now() / 1000));
    utimesSync(`${table}.db`, this.#tableTime, this.#tableTime);
  }

  /** Tries everything deferred again. */
  async flush(): Promise<void> {
    await run('/usr/sbin/postqueue', ['-c', this.#configDirectory, '-f']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function mainConfiguration({ address, hostname, domains, main = {} }: PostfixSettings, directory: string): string {
  const lines: Record<string, string> = {
    queue_directory: join(directory, 'queue'),
    data_directory: join(directory, 'data'),
    // Not standard output: a child's is a socket, which nobody can open by name.
    maillog_file: join(directory, 'mail.log'),
    maillog_file_prefixes: directory,
    myhostname: hostname,
    myorigin: hostname,
    mydestination: '',
    mynetworks: `${address}/32`,
    // An address of loopback's network is no interface to Postfix; where it listens is said in master.cf.
    inet_interfaces: 'all',
    proxy_interfaces: address,
    inet_protocols: 'ipv4',
    smtp_bind_address: address,
    smtp_tcp_port: String(SMTP_PORT),
    smtp_host_lookup: 'dns',
    // Debian's set-up gives it a certificate of its own making and TLS with whoever has it.
    smtpd_tls_cert_file: join(directory, 'etc/certificate.pem'),
    smtpd_tls_key_file: join(directory, 'etc/key.pem'),
    smtpd_tls_security_level: 'may',
    smtpd_tls_received_header: 'yes',
    smtp_tls_security_level: 'may',
    smtp_tls_loglevel: '1',
    alias_maps: '',
    alias_database: '',
    virtual_mailbox_domains: domains.join(' '),
    virtual_mailbox_base: join(directory, 'mail'),
    virtual_mailbox_maps: `texthash:${join(directory, 'etc/mailboxes')}`,
    // A map file of this kind is read anew when it changes.
    smtpd_recipient_restrictions: `check_recipient_access hash:${join(directory, 'etc/recipients')}`,
    virtual_uid_maps: `static:${MAILBOX_OWNER}`,
    virtual_gid_maps: `static:${MAILBOX_OWNER}`,
    minimal_backoff_time: '2s',
    maximal_backoff_time: '4s',
    queue_run_delay: '2s',
    ...main,
  };
  const shipped = readFileSync('/usr/share/postfix/main.cf.debian', 'utf8');
  return `${shipped}\n${Object.entries(lines)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('')}`;
}

function masterConfiguration(address: string): string {
  const shipped = readFileSync('/usr/share/postfix/master.cf.dist', 'utf8');
  return shipped.replace(/^smtp(\s+inet)/m, `${address}:${SMTP_PORT}$1`);
}
