/**
 * Our side: the daemon as an operator runs it, in its default configuration, filled in bulk.
 *
 * 1. The trial flag is on only because all load comes from one address of loopback, which the limits would stop.
 * 2. Its log goes to a file, as a journal would take it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findSocketPath } from '../../daemon/admin-socket/admin-socket-path.ts';
import { LISTENERS } from '../../daemon/config/listeners.ts';
import { openConnection } from '../../daemon/database/open.ts';
import { openControl } from '../../daemon/directory/control.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type LoopbackNetwork, PORT_OFFSET } from '../../test/support/loopback-network.ts';
import { accountNames, DOMAIN } from './load.ts';
import type { Place, Server } from './server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PASSWORD = 'lantern-orchard-42';

export class OwnServer implements Server {
  readonly name = 'Mailstead';
  readonly smtp: Place;
  readonly imap: Place;
  readonly #network: LoopbackNetwork;
  readonly #data: string;
  #process: ChildProcess | undefined;
  /** What was delivered before the present load. */
  #delivered = 0;

  constructor(network: LoopbackNetwork, directory: string) {
    this.#network = network;
    this.#data = join(directory, 'own');
    this.smtp = { host: network.own, port: LISTENERS.smtp.port + PORT_OFFSET };
    this.imap = { host: network.own, port: LISTENERS.imap.port + PORT_OFFSET };
  }

  get roots(): readonly number[] {
    return this.#process?.pid === undefined ? [] : [this.#process.pid];
  }

  /** Makes the server with so many accounts, all with PASSWORD, whose hash is made once. */
  async make(accounts: number): Promise<void> {
    mkdirSync(this.#data, { recursive: true });
    await this.start();
    const [first = '', ...names] = accountNames(accounts);
    await this.call('setup', { hostname: 'mail.own.test', email: 'host@own.test', password: PASSWORD });
    await this.call('addDomain', { domain: DOMAIN });
    await this.call('createAccount', { address: `${first}@${DOMAIN}`, password: PASSWORD });
    await this.stop();
    this.#fill(`${first}@${DOMAIN}`, names);
    await this.start();
  }

  #fill(like: string, names: readonly string[]): void {
    const control = openControl(this.#data);
    try {
      const { sql } = control.connection;
      const columns = (table: string, without: readonly string[]): string =>
        sql
          .prepare<[], { name: string }>(`SELECT name FROM pragma_table_info('${table}')`)
          .all()
          .map(({ name }) => name)
          .filter((name) => !without.includes(name))
          .join(',');
      const rest = columns('account', ['id', 'address', 'local_part']);
      const account = sql.prepare(`INSERT INTO account(address,local_part,${rest}) SELECT ?,?,${rest} FROM account WHERE address=?`);
      const secret = columns('credential', ['account_id']);
      const credential = sql.prepare(
        `INSERT INTO credential(account_id,${secret}) SELECT ?,${secret} FROM credential WHERE account_id=(SELECT id FROM account WHERE address=?)`,
      );
      control.transact(() => {
        for (const name of names) {
          const { lastInsertRowid } = account.run(`${name}@${DOMAIN}`, name, like);
          credential.run(lastInsertRowid, like);
        }
      });
    } finally {
      control.close();
    }
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    const log = join(this.#data, 'bench.log');
    const output = openSync(log, 'w');
    this.#process = spawn(join(ROOT, 'node_modules/.bin/mailstead'), ['serve', '--data', this.#data], {
      cwd: ROOT,
      stdio: ['ignore', output, output],
      env: {
        ...process.env,
        MAILSTEAD_TRIAL: 'true',
        MAILSTEAD_LISTEN: this.#network.own,
        MAILSTEAD_PORT_OFFSET: String(PORT_OFFSET),
        MAILSTEAD_RESOLVER: `${this.#network.nameServer}:53`,
      },
    });
    await eventually('the daemon is ready', () => {
      if (this.#process?.exitCode !== null) throw new Error(`the daemon ended:\n${readFileSync(log, 'utf8').slice(-4000)}`);
      return readFileSync(log, 'utf8').includes('"event":"ready"');
    });
  }

  /** Authentication checks and what else a row of the table turns. */
  async set(key: string, value: unknown): Promise<void> {
    await this.call('changeSettings', { values: { [key]: value } });
  }

  /** Everything is in its mailbox when it is acknowledged; the totals in control.db follow within a second. */
  async settled(): Promise<void> {
    return undefined;
  }

  /** Resolves when nothing waits for its account's file any more (the intakes of the store threads are empty). */
  async drained(): Promise<void> {
    const accounts = join(this.#data, 'accounts');
    const names = readdirSync(accounts).filter((name) => /^intake-\d+\.db$/.test(name));
    await eventually('empty intakes', () => names.every((name) => waitingIn(join(accounts, name)) === 0), 120_000);
  }

  /** Counts what control.db knows of the mailboxes' own totals, which it hears a second later. */
  async count(expected: number): Promise<void> {
    const before = this.#delivered;
    await eventually(
      `${before + expected} messages in the mailboxes, there are ${this.#total()}`,
      () => this.#total() >= before + expected,
      15_000,
    );
    if (this.#total() !== before + expected) throw new Error(`${this.#total() - before} messages for ${expected} sent`);
    this.#delivered = before + expected;
  }

  #total(): number {
    const control = openControl(this.#data);
    try {
      const row = control.connection.sql.prepare<[], { sum: number }>('SELECT sum(usage_messages) AS sum FROM account').get();
      return row?.sum ?? 0;
    } finally {
      control.close();
    }
  }

  async call(name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    const socket = connect(findSocketPath(this.#data));
    try {
      socket.write(`${JSON.stringify({ name, args })}\n`);
      for await (const line of createInterface({ input: socket })) {
        const answer = JSON.parse(line) as { ok?: unknown; error?: { message: string } };
        if (answer.error !== undefined) throw new Error(`${name}: ${answer.error.message}`);
        return answer.ok;
      }
      throw new Error(`${name}: no answer`);
    } finally {
      socket.destroy();
    }
  }

  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const closed = once(running, 'close');
    running.kill('SIGTERM');
    await closed;
  }
}

function waitingIn(path: string): number {
  const connection = openConnection(path, { readonly: true });
  try {
    return connection.sql.prepare<[], number>('SELECT count(*) FROM waiting').pluck().get() ?? 0;
  } finally {
    connection.close();
  }
}
