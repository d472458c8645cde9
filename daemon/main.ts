/**
 * The composition root: opens what has one owner, starts the threads, and stops all of it in order. Reads like a table of
 * contents; every part is built here and handed what it needs.
 *
 * 1. A data directory has one daemon (data-lock.ts); its ports are tried alone before any thread shares them.
 * 2. Stop order: HTTP and jobs, protocol threads (no new mail), runner, then what they write to: stores, readers, ledger.
 * 3. The daemon is ready when migrations are done, all threads run, and each listener was tried.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdminContext } from './admin/admin-context.ts';
import { AdminEvents } from './admin/admin-events.ts';
import { DomainChecker } from './admin/domain-checker.ts';
import { finishRemovals } from './admin/remove-account.ts';
import { createAdminCalls } from './admin-calls.ts';
import { startAdminSocket } from './admin-socket.ts';
import { CertificateStore } from './certificates/certificate-store.ts';
import { SecureContexts } from './certificates/secure-contexts.ts';
import type { Config } from './config/config.ts';
import { LISTENERS } from './config/listeners.ts';
import { type DataLock, takeDataLock } from './data-lock.ts';
import { createAuthenticator } from './directory/authenticator.ts';
import { type Control, openControl, openControlReadOnly } from './directory/control.ts';
import { createDirectory } from './directory/create-directory.ts';
import type { Directory } from './directory/directory.ts';
import { createPasswordHasher } from './directory/password.ts';
import { saveLogins } from './directory/records/usage.ts';
import { listenHttp } from './http-listeners.ts';
import { type JobContext, startJobs } from './jobs/jobs.ts';
import { Unavailable } from './lib/errors.ts';
import { createLog, type Log, type LogHandle } from './lib/log.ts';
import type { SupervisorEvents, ThreadSupervisor } from './lib/thread-supervisor.ts';
import { createLimitsServer, type LoginReport } from './limits/limits-server.ts';
import { createMainServices, type MainServices } from './main-handlers.ts';
import { createMailstoreClient } from './mailstore/client.ts';
import { findTakenPorts } from './port-probe.ts';
import { createQueueClient } from './queue/queue-client.ts';
import { type ServerFacts, serverFacts } from './server-facts.ts';
import { startThreads } from './start-threads.ts';
import { statusOf } from './status.ts';
import { threadResolver } from './thread-resolver.ts';
import { createTrackingClient } from './tracking/tracking-client.ts';
import { noteCleanStop, recoverUsage } from './usage-recovery.ts';
import { programVersion } from './version.ts';
import { type AccountId, brand } from './wire/ids.ts';

export interface Daemon {
  /** Bounded by `config.stopSeconds`. */
  stop(): Promise<void>;
  /** Resolves when the threads could not be kept alive: the process should end and be started anew. */
  readonly hopeless: Promise<void>;
  /** SIGHUP: certificates and log level (rule 9 of the design). */
  reload(logLevel: string): Promise<void>;
}

const FOLDERS = ['', 'accounts', 'run', 'log', 'tls'];
const STOP_ORDER = ['protocol', 'runner', 'store', 'reader', 'ledger'] as const;

/** Starts everything in `config.data`; throws Unavailable with a sentence for the operator. */
export async function serve(config: Config): Promise<Daemon> {
  for (const folder of FOLDERS) mkdirSync(join(config.data, folder), { recursive: true, mode: 0o700 });
  const lock = takeDataLock(config.data);
  const logs = createLog(config.logLevel, { thread: 'main' });
  try {
    await refuseTakenPorts(config, logs.log);
    return await start(config, logs, lock);
  } catch (error) {
    lock.release();
    logs.flush();
    throw error;
  }
}

/** In the trial a taken port ends the start; a server runs with what it has and says what is missing. */
async function refuseTakenPorts(config: Config, log: Log): Promise<void> {
  const taken = await findTakenPorts(config.listen, config.portOffset);
  const [first, ...more] = taken;
  if (first === undefined) return;
  for (const port of taken) log.error({ ...port }, 'port_taken');
  const others = more.length === 0 ? '' : `, and ${more.length} more of its ports are taken`;
  if (config.trial) throw new Unavailable(`Port ${first.port} on ${first.address} (${first.listener}) is taken: ${first.reason}${others}`);
}

/** What main itself owns and opens. */
interface Owned {
  readonly control: Control;
  readonly directory: Directory;
  readonly facts: ServerFacts;
  readonly certificates: CertificateStore;
  readonly secureContexts: SecureContexts;
  close(): void;
}

async function openOwned(config: Config): Promise<Owned & { readonly connection: ReturnType<typeof openControlReadOnly> }> {
  const control = openControl(config.data);
  const connection = openControlReadOnly(config.data);
  const directory = createDirectory(connection, { freshMs: 0 });
  const facts = serverFacts(directory, config);
  const certificates = new CertificateStore(join(config.data, 'tls'), Date.now);
  const secureContexts = new SecureContexts(await certificates.load(facts.hostname()));
  const close = (): void => {
    connection.close();
    control.close();
  };
  return { control, connection, directory, facts, certificates, secureContexts, close };
}

function supervision(log: Log, services: MainServices, onHopeless: () => void): SupervisorEvents {
  return {
    onNotice: (role, index, name) => log.warn({ role, index, name }, 'notice_unheard'),
    onDied: (role, index, reason) => {
      log.error({ role, index, reason }, 'thread_died');
      if (role === 'protocol') services.locks.releaseAll(index);
    },
    onHopeless,
    onDefect: (error, method) => log.error({ err: error, method }, 'main_defect'),
  };
}

async function start(config: Config, logs: LogHandle, lock: DataLock): Promise<Daemon> {
  const { log } = logs;
  const startedAt = Date.now();
  const version = programVersion();
  const owned = await openOwned(config);
  const { control, connection, directory, facts, certificates, secureContexts } = owned;

  const limits = createLimitsServer({
    now: Date.now,
    exemptLoopback: config.trial,
    saveLogins: (logins: readonly LoginReport[]) =>
      saveLogins(
        control,
        logins.map((login) => ({ ...login, account: brand<AccountId>(login.account) })),
      ),
  });
  const services = createMainServices(control, limits, Date.now);
  const hopeless = Promise.withResolvers<void>();
  const trackingDays = directory.setting<number>('records.trackingDays');
  const threads = startThreads(
    { config, version, certificates: certificates.current, firstUidValidity: Math.floor(startedAt / 1000), trackingDays },
    services.handlers,
    supervision(log, services, hopeless.resolve),
  );
  const [ledger] = threads.slots('ledger');
  if (ledger === undefined) throw new Error('there is always a ledger');
  const mailstore = createMailstoreClient({
    stores: threads.slots('store'),
    readers: threads.slots('reader'),
    onDefect: (error) => log.error({ err: error }, 'mailstore_defect'),
  });
  const queue = createQueueClient(ledger);
  const tracking = createTrackingClient(ledger);
  const resolver = threadResolver(config);

  const passwords = createPasswordHasher();
  const authenticator = createAuthenticator({
    connection,
    directory,
    passwords,
    throttle: limits.throttle,
    reportLogin: (report) => saveLogins(control, [report]),
    onDefect: (error) => log.error({ err: error }, 'login_defect'),
  });
  const events = new AdminEvents((error) => log.error({ err: error }, 'admin_listener_defect'));
  const admin: AdminContext = { control, directory, events, passwords, authenticator, throttle: limits.throttle, mailstore, now: Date.now };
  const checker = new DomainChecker({
    admin,
    resolver,
    own: () => ownMachine(config, facts),
    allowPrivate: () => config.trial || config.allowPrivateNextHops || directory.setting<boolean>('mailOut.allowPrivateMx'),
    ...loopbackNameserverPort(config),
  });
  followChanges({ events, threads, directory, certificates, secureContexts, facts, log });

  await threads.whenReady();
  let listeners: Readonly<Record<string, string>> = {};
  const status = async () => {
    const { messages, recipients, held } = await queue.summary();
    return { ...statusOf({ threads, version, listeners }), queue: { messages, recipients, held } };
  };
  const http = await listenHttp(
    {
      admin,
      queue,
      tracking,
      resolver,
      checker,
      log,
      status,
      now: Date.now,
      facts: {
        ...facts,
        version,
        portOffset: config.portOffset,
        trial: config.trial,
        dataDir: config.data,
        panelDir: fileURLToPath(new URL('../panel/dist', import.meta.url)),
        startedAt,
      },
    },
    secureContexts,
    { addresses: config.listen, portOffset: config.portOffset },
  );
  listeners = http.states;
  const adminSocket = await startAdminSocket(
    config.data,
    createAdminCalls({ admin, queue, tracking, checkDomain: (domain) => checker.check(domain), status }),
    (error) => log.error({ err: error }, 'admin_defect'),
  );
  const jobContext: JobContext = { admin, checker, renewTicketKeys: () => certificates.renewTicketKeys(), log, now: Date.now };
  const jobs = startJobs(jobContext);
  const stopping = new AbortController();
  finishRemovals(admin).catch((error: unknown) => log.error({ err: error }, 'removal_unfinished'));
  recoverUsage(control, mailstore, log, stopping.signal).catch((error: unknown) => log.error({ err: error }, 'usage_recovery_failed'));
  writeFileSync(join(config.data, 'run', 'mailstead.pid'), `${process.pid}\n`, { mode: 0o600 });
  log.info({ version, startMs: Date.now() - startedAt, ...statusOf({ threads, version, listeners }).ports }, 'ready');

  return {
    hopeless: hopeless.promise,
    async reload(logLevel) {
      logs.setLevel(logLevel);
      await Promise.all([threads.broadcast('logLevel', logLevel), certificates.load(facts.hostname())]);
      log.info({ logLevel }, 'reloaded');
    },
    async stop() {
      log.info({}, 'stopping');
      stopping.abort();
      const deadlineMs = config.stopSeconds * 1000;
      await Promise.all([jobs.stop(), adminSocket.close(), http.close(deadlineMs)]);
      mailstore.close();
      await threads.stop(STOP_ORDER, deadlineMs);
      noteCleanStop(control);
      resolver.close();
      owned.close();
      rmSync(join(config.data, 'run', 'mailstead.pid'), { force: true });
      lock.release();
      log.info({}, 'stopped');
      logs.flush();
    },
  };
}

function ownMachine(config: Config, facts: ServerFacts) {
  const { portOffset } = config;
  return {
    hostname: facts.hostname(),
    addresses: facts.publicAddresses(),
    smtpPort: LISTENERS.smtp.port + portOffset,
    ports: {
      imaps: LISTENERS.imaps.port + portOffset,
      pop3s: LISTENERS.pop3s.port + portOffset,
      submissions: LISTENERS.submissions.port + portOffset,
      https: LISTENERS.https.port + portOffset,
    },
  };
}

/** With a resolver on loopback at another port, name servers on loopback are asked there too (trials and laboratories). */
function loopbackNameserverPort(config: Config): { readonly loopbackNameserverPort?: number } {
  const port = /^(?:127\.[\d.]+|\[::1\]):(\d+)$/.exec(config.resolver[0] ?? '')?.[1];
  return port === undefined ? {} : { loopbackNameserverPort: Number(port) };
}

interface Followed {
  readonly events: AdminEvents;
  readonly threads: ThreadSupervisor;
  readonly directory: Directory;
  readonly certificates: CertificateStore;
  readonly secureContexts: SecureContexts;
  readonly facts: ServerFacts;
  readonly log: Log;
}

/** What other threads must hear of changes that people make. */
function followChanges({ events, threads, directory, certificates, secureContexts, facts, log }: Followed): void {
  certificates.onPublish(async (set) => {
    secureContexts.replace(set);
    await threads.broadcast('certificates', set);
  });
  const onSetting: Readonly<Record<string, () => void>> = {
    // A new host name is served by a certificate of its own at once.
    'server.hostname': () => void certificates.load(facts.hostname()).catch((error: unknown) => log.error({ err: error }, 'certificate_failed')),
    'records.trackingDays': () => threads.notify('ledger', 'trackingDays', directory.setting<number>('records.trackingDays')),
  };
  events.listen((event) => {
    if (event.kind === 'revoked') threads.notify('protocol', 'revoked', event.account);
    else if (event.kind === 'changed' && event.resource === 'settings') onSetting[event.id]?.();
  });
}
