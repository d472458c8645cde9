/**
 * The other side: Debian's Postfix and Dovecot as they are shipped, apart from ports, paths, and virtual mailboxes: Postfix looks
 * addresses up in a hash table and hands mail to Dovecot's LMTP, Dovecot knows users by a passwd-file and writes Maildirs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, runWell } from '../../test/support/child-process.ts';
import { eventually } from '../../test/support/eventually.ts';
import type { LoopbackNetwork } from '../../test/support/loopback-network.ts';
import { accountNames, DOMAIN } from './load.ts';
import type { Place, Server } from './server.ts';

const SMTP_PORT = 24_025;
const IMAP_PORT = 24_143;
/** nobody: Dovecot's mailboxes belong to a user of their own; here one that every Debian has. */
const MAIL_OWNER = 65_534;
const QUEUES = ['maildrop', 'incoming', 'active', 'deferred'];
export const PASSWORD = 'lantern-orchard-42';

export class PeerServer implements Server {
  readonly name = 'Postfix + Dovecot';
  readonly smtp: Place;
  readonly imap: Place;
  readonly #network: LoopbackNetwork;
  readonly #directory: string;
  #processes: ChildProcess[] = [];
  #delivered = 0;

  constructor(network: LoopbackNetwork, directory: string) {
    this.#network = network;
    this.#directory = join(directory, 'peer');
    this.smtp = { host: network.own, port: SMTP_PORT };
    this.imap = { host: network.own, port: IMAP_PORT };
  }

  get roots(): readonly number[] {
    return this.#processes.flatMap(({ pid }) => pid ?? []);
  }

  async make(accounts: number): Promise<void> {
    const at = (path: string): string => join(this.#directory, path);
    for (const path of ['', 'etc', 'queue', 'queue/etc', 'queue/private', 'data', 'dovecot', 'dovecot/run', 'dovecot/state', 'mail'])
      mkdirSync(at(path));
    const postfix = Number((await runWell('id', ['-u', 'postfix'])).trim());
    for (const path of ['data', 'queue/private']) chownSync(at(path), postfix, 0);
    chmodSync(at('queue/private'), 0o700);
    chownSync(at('mail'), MAIL_OWNER, MAIL_OWNER);
    writeFileSync(at('queue/etc/resolv.conf'), `nameserver ${this.#network.nameServer}\noptions timeout:2 attempts:2\n`);
    for (const name of ['services', 'hosts']) writeFileSync(at(`queue/etc/${name}`), readFileSync(join('/etc', name)));
    const names = accountNames(accounts);
    writeFileSync(at('etc/mailboxes'), names.map((name) => `${name}@${DOMAIN} ${name}/\n`).join(''));
    writeFileSync(
      at('etc/users'),
      names.map((name) => `${name}@${DOMAIN}:{PLAIN}${PASSWORD}:${MAIL_OWNER}:${MAIL_OWNER}::${at('mail')}/${name}::\n`).join(''),
    );
    await runWell('/usr/sbin/postmap', ['-c', '/etc/postfix', `hash:${at('etc/mailboxes')}`]);
    writeFileSync(at('etc/main.cf'), this.#mainConfiguration());
    const shipped = readFileSync('/usr/share/postfix/master.cf.dist', 'utf8');
    writeFileSync(at('etc/master.cf'), shipped.replace(/^smtp(\s+inet)/m, `${this.smtp.host}:${SMTP_PORT}$1`));
    writeFileSync(at('etc/dovecot.conf'), this.#dovecotConfiguration());
    await this.#start();
  }

  async #start(): Promise<void> {
    const etc = join(this.#directory, 'etc');
    // Without pipes: Postfix's log process outlives its master for a while and would hold them open.
    const dovecot = spawn('/usr/sbin/dovecot', ['-F', '-c', join(etc, 'dovecot.conf')], { stdio: 'ignore' });
    this.#processes = [dovecot];
    await eventually('Dovecot listens', () => {
      if (dovecot.exitCode !== null) throw new Error(`Dovecot ended: ${dovecot.exitCode}`);
      return existsSync(join(this.#directory, 'queue/private/dovecot-lmtp'));
    });
    const postfix = spawn('/usr/sbin/postfix', ['-c', etc, 'start-fg'], { stdio: 'ignore' });
    this.#processes.push(postfix);
    await eventually('Postfix listens', () => {
      if (postfix.exitCode !== null) throw new Error(`Postfix ended: ${postfix.exitCode}\n${this.#log()}`);
      return this.#log().includes('daemon started');
    });
  }

  #log(): string {
    const path = join(this.#directory, 'postfix.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** A message leaves the queue when Dovecot has acknowledged it. */
  async settled(): Promise<void> {
    const isEmpty = (): boolean => QUEUES.every((name) => this.#queued(join(this.#directory, 'queue', name)) === 0);
    await eventually('an empty queue', isEmpty, 120_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#log().slice(-3000)}`);
    });
  }

  /** Postfix and Dovecot put nothing off. */
  async drained(): Promise<void> {
    return undefined;
  }

  #queued(directory: string): number {
    if (!existsSync(directory)) return 0;
    return readdirSync(directory, { withFileTypes: true }).reduce(
      (sum, entry) => sum + (entry.isDirectory() ? this.#queued(join(directory, entry.name)) : 1),
      0,
    );
  }

  async count(expected: number): Promise<void> {
    const mail = join(this.#directory, 'mail');
    let total = 0;
    for (const user of readdirSync(mail)) {
      for (const folder of ['new', 'cur']) {
        const path = join(mail, user, 'Maildir', folder);
        if (existsSync(path)) total += readdirSync(path).length;
      }
    }
    if (total !== this.#delivered + expected)
      throw new Error(`${total - this.#delivered} messages for ${expected} sent\n${this.#log().slice(-3000)}`);
    this.#delivered = total;
  }

  async stop(): Promise<void> {
    // Its script does not hand signals on to the master.
    await run('/usr/sbin/postfix', ['-c', join(this.#directory, 'etc'), 'stop']);
    for (const running of this.#processes.reverse()) {
      if (running.exitCode !== null) continue;
      const ended = once(running, 'exit');
      running.kill('SIGTERM');
      await ended;
    }
    this.#processes = [];
  }

  #mainConfiguration(): string {
    const at = (path: string): string => join(this.#directory, path);
    const lines: Record<string, string> = {
      queue_directory: at('queue'),
      data_directory: at('data'),
      maillog_file_prefixes: this.#directory,
      maillog_file: at('postfix.log'),
      myhostname: 'mail.peer.test',
      myorigin: 'mail.peer.test',
      mydestination: '',
      inet_interfaces: 'all',
      inet_protocols: 'ipv4',
      alias_maps: '',
      alias_database: '',
      virtual_mailbox_domains: DOMAIN,
      virtual_mailbox_maps: `hash:${at('etc/mailboxes')}`,
      virtual_transport: 'lmtp:unix:private/dovecot-lmtp',
    };
    const shipped = readFileSync('/usr/share/postfix/main.cf.debian', 'utf8');
    return `${shipped}\n${Object.entries(lines)
      .map(([key, value]) => `${key} = ${value}\n`)
      .join('')}`;
  }

  #dovecotConfiguration(): string {
    const at = (path: string): string => join(this.#directory, path);
    return `base_dir = ${at('dovecot/run')}
state_dir = ${at('dovecot/state')}
log_path = ${at('dovecot/log')}
protocols = imap lmtp
listen = ${this.imap.host}
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = ${MAIL_OWNER}
first_valid_gid = ${MAIL_OWNER}
last_valid_uid = ${MAIL_OWNER}
namespace inbox {
  inbox = yes
  mailbox Drafts {
    special_use = \\Drafts
  }
  mailbox Junk {
    special_use = \\Junk
  }
  mailbox Trash {
    special_use = \\Trash
  }
  mailbox Sent {
    special_use = \\Sent
  }
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${at('etc/users')}
}
userdb {
  driver = passwd-file
  args = username_format=%u ${at('etc/users')}
}
service imap-login {
  inet_listener imap {
    port = ${IMAP_PORT}
  }
  inet_listener imaps {
    port = 0
  }
}
service lmtp {
  unix_listener ${at('queue/private/dovecot-lmtp')} {
    mode = 0600
    user = postfix
    group = postfix
  }
}
`;
  }
}
