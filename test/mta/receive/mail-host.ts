/**
 * A small mail host for dialogues: a real control.db and directory, our certificates, the mailstore in memory, and
 * recorders for queue and tracking. `example.test` and `other.test` live here.
 */
import type { TestContext } from 'node:test';
import { Analyzer } from '../../../daemon/authentication/analyze.ts';
import { DkimSigner } from '../../../daemon/authentication/dkim-sign.ts';
import { SecureContexts } from '../../../daemon/certificates/secure-contexts.ts';
import { makeSelfSigned } from '../../../daemon/certificates/self-signed.ts';
import { type Control, openControlReadOnly } from '../../../daemon/directory/control.ts';
import { createDirectory } from '../../../daemon/directory/create-directory.ts';
import type { Authenticator, LoginVerdict } from '../../../daemon/directory/login.ts';
import { insertAccount } from '../../../daemon/directory/records/accounts.ts';
import { insertAddress } from '../../../daemon/directory/records/addresses.ts';
import { insertCustomer } from '../../../daemon/directory/records/customers.ts';
import { insertDomain } from '../../../daemon/directory/records/domains.ts';
import { putSetting } from '../../../daemon/directory/records/server.ts';
import { type SettingValue, settingDefinition } from '../../../daemon/directory/settings.ts';
import { ConnectionCounts } from '../../../daemon/limits/connection-counts.ts';
import { acceptMail } from '../../../daemon/mda/accept.ts';
import type { MdaContext } from '../../../daemon/mda/context.ts';
import { createSenderRewriting } from '../../../daemon/mda/sender-rewriting.ts';
import type { ReceiverContext } from '../../../daemon/mta/receive/context.ts';
import { MemoryBudget } from '../../../daemon/mta/receive/memory-budget.ts';
import type { NewQueueMessage, Queue } from '../../../daemon/queue/queue.ts';
import { QueueIds } from '../../../daemon/queue/queue-id.ts';
import type { Tracking, TrackingEvent } from '../../../daemon/tracking/tracking.ts';
import { type AccountId, type Address, brand } from '../../../daemon/wire/ids.ts';
import { temporaryControl } from '../../directory/temporary-control.ts';
import type { ZoneData } from '../../support/dns-records.ts';
import { type FakeResolver, fakeResolver } from '../../support/fake-resolver.ts';
import { MemoryMailstore } from '../../support/memory-mailstore.ts';

export const HOSTNAME = 'mx.example.test';
export const PASSWORD = 'correct horse 1';

export interface MailHost {
  readonly context: ReceiverContext;
  readonly mda: MdaContext;
  readonly control: Control;
  readonly mailstore: MemoryMailstore;
  readonly resolver: FakeResolver;
  readonly queued: NewQueueMessage[];
  readonly events: TrackingEvent[];
  readonly accounts: Readonly<Record<string, AccountId>>;
  /** Errors that were logged as defects. */
  readonly defects: unknown[];
  /** Tells the sessions that an account's credentials changed. */
  revoke(address: string): void;
  set(key: string, value: SettingValue): void;
}

export interface HostOptions {
  readonly zone?: ZoneData;
  readonly dkim?: readonly {
    readonly selector: string;
    readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
    readonly privateKeyPem: string;
  }[];
  readonly now?: () => number;
}

const NO_CREDENTIAL = {
  passwordPhc: '',
  scramSalt: Buffer.alloc(16),
  scramIterations: 1,
  sha256StoredKey: Buffer.alloc(32),
  sha256ServerKey: Buffer.alloc(32),
  sha1StoredKey: Buffer.alloc(20),
  sha1ServerKey: Buffer.alloc(20),
  changedAt: 0,
};

/** Builds the host; everything ends with the test. */
export async function mailHost(t: TestContext, options: HostOptions = {}): Promise<MailHost> {
  const { control, dataDir } = temporaryControl(t);
  const accounts = fill(control, options);
  const connection = openControlReadOnly(dataDir);
  t.after(() => connection.close());
  const directory = createDirectory(connection, { freshMs: 0 });
  const resolver = fakeResolver(options.zone ?? {});
  const mailstore = new MemoryMailstore();
  const queued: NewQueueMessage[] = [];
  const events: TrackingEvent[] = [];
  const defects: unknown[] = [];
  const now = options.now ?? Date.now;
  const ids = new QueueIds();
  const nextId = (nowMs: number): string => ids.next(nowMs);
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (fields: object) => void defects.push(fields) };
  const srs = createSenderRewriting(Buffer.alloc(32, 1), now);
  const mda: MdaContext = {
    directory,
    mailstore,
    queue: recordingQueue(queued),
    tracking: recordingTracking(events),
    srs,
    log,
    now,
    nextId,
  };
  const set = await makeSelfSigned(HOSTNAME, Date.now());
  const authenticator = onePassword(control, accounts);
  const context: ReceiverContext = {
    hostname: () => HOSTNAME,
    directory,
    authenticator,
    analyzer: new Analyzer({ resolver, hostname: HOSTNAME, onDefect: (error) => void defects.push(error) }),
    signer: new DkimSigner(),
    handOver: (mail) => acceptMail(mda, mail),
    tracking: mda.tracking,
    srs,
    tls: new SecureContexts({ version: 1, entries: [set], ticketKeys: new Uint8Array(48) }),
    log,
    now,
    nextId,
    connections: new ConnectionCounts(() => false),
    memory: new MemoryBudget(256 << 20),
    offersDsn: false,
  };
  const change = (key: string, value: SettingValue): void => {
    const definition = settingDefinition(key);
    if (definition === undefined) throw new Error(key);
    control.transact(({ db }) => putSetting(db, definition, { value, at: 0 }));
  };
  const revoke = (address: string): void => authenticator.revoke(accounts[address] as AccountId);
  return { context, mda, control, mailstore, resolver, queued, events, accounts, defects, revoke, set: change };
}

function fill(control: Control, options: HostOptions): Record<string, AccountId> {
  const accounts: Record<string, AccountId> = {};
  control.transact(({ db }) => {
    const customer = insertCustomer(db, { kind: 'customer', name: 'Example', createdAt: 0 });
    for (const name of ['example.test', 'other.test', 'gone.test', 'unproven.test']) {
      const state = name === 'gone.test' ? 'suspended' : name === 'unproven.test' ? 'unproven' : 'proven';
      const keys = name === 'example.test' ? (options.dkim ?? []).map((key) => ({ ...key, publicKey: '' })) : [];
      const domain = insertDomain(
        db,
        { customerId: customer.id, name, state, proofToken: 'x', provenAt: state === 'unproven' ? null : 1, createdAt: 0 },
        keys,
      );
      const base = { customerId: customer.id, domainId: domain.id, createdAt: 0 };
      const account = (localPart: string, more: object = {}): void => {
        const row = insertAccount(db, { ...base, address: `${localPart}@${name}`, localPart, ...more }, NO_CREDENTIAL);
        accounts[row.address] = brand<AccountId>(row.id);
      };
      const address = (
        localPart: string,
        kind: 'forward' | 'discard' | 'reject',
        more: { keepCopy?: boolean; rejectText?: string },
        targets: string[],
      ): void => {
        insertAddress(db, { ...base, localPart, address: `${localPart}@${name}`, kind, ...more }, targets);
      };
      if (name === 'other.test') account('carl');
      if (name !== 'example.test') continue;
      account('anna');
      account('bert');
      account('full', { quotaBytes: 1_000, usageBytes: 1_000, fullSince: 1_000 });
      account('asleep', { suspendedIn: true });
      account('silenced', { suspendedOut: true });
      address('team', 'forward', {}, ['anna@example.test', 'bert@example.test']);
      address('away', 'forward', {}, ['someone@far.test']);
      address('anna.away', 'forward', {}, ['anna@example.test', 'anna@far.test']);
      address('nobody', 'discard', {}, []);
      address('closed', 'reject', { rejectText: 'Write to anna instead' }, []);
    }
  });
  return accounts;
}

function onePassword(
  control: Control,
  accounts: Readonly<Record<string, AccountId>>,
): Authenticator & { revoke(account: AccountId): void } {
  const listeners: ((account: AccountId) => void)[] = [];
  const customer = control.connection.sql.prepare<[], number>('SELECT id FROM customer').pluck().get() as number;
  return {
    login: async ({ login, password }): Promise<LoginVerdict> => {
      const account = accounts[login];
      if (login === 'slow@example.test') return { kind: 'throttled', retryAfterS: 60 };
      if (account === undefined || password !== PASSWORD) return { kind: 'refused' };
      return { kind: 'account', account, address: brand<Address>(login), customer: brand(customer), credentialVersion: 1 };
    },
    onRevoked: (listener) => void listeners.push(listener),
    revoke: (account) => {
      for (const listener of listeners) listener(account);
    },
  };
}

function recordingQueue(queued: NewQueueMessage[]): Queue {
  const queue: Pick<Queue, 'put'> = {
    put: async (message) => {
      queued.push(message);
      return message.id ?? '';
    },
  };
  return queue as Queue;
}

function recordingTracking(events: TrackingEvent[]): Tracking {
  const tracking: Pick<Tracking, 'record'> = { record: (event) => void events.push(event) };
  return tracking as Tracking;
}
