/**
 * The composition root: opens what has one owner, starts the threads, and stops all of it in order. Reads like a table of
 * contents; every part is built here and handed what it needs.
 *
 * 1. A data directory has one daemon (data-lock.ts); its ports are tried alone before any thread shares them.
 * 2. Stop order: HTTP and jobs, protocol threads (no new mail), runner, then what they write to: stores, readers, ledger.
 * 3. The daemon is ready when migrations are done, all threads run, and each listener was tried.
 */
import { mkdirSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createAdminCalls } from './admin-calls.ts';
import { startAdminSocket } from './admin-socket.ts';
import type { AdminContext } from './admin/admin-context.ts';
import { AdminEvents } from './admin/admin-events.ts';
import { CertificateStore } from './certificates/certificate-store.ts';
import { SecureContexts } from './certificates/secure-contexts.ts';
import type { Config } from './config/config.ts';
import { takeDataLock } from './data-lock.ts';
import { createAuthenticator } from './directory/authenticator.ts';
import { openControl, openControlReadOnly } from './directory/control.ts';
import { createDirectory } from './directory/create-directory.ts';
import { createPasswordHasher } from './directory/password.ts';
import { saveLogins } from './directory/records/usage.ts';
import { createDomainChecks } from './domain-checks.ts';
import { startHttp } from './http-server.ts';
import { jobTable } from './job-table.ts';
import { startJobs } from './jobs/schedule.ts';
import { Unavailable } from './lib/errors.ts';
import { createLog, type LogHandle } from './lib/log.ts';
import { createLimitsServer, type LoginReport } from './limits/limits-server.ts';
import { createMailstoreClient } from './mailstore/client.ts';
import { createMainServices } from './main-handlers.ts';
import { threadResolver } from './thread-resolver.ts';
import { findTakenPorts } from './port-probe.ts';
import { createQueueClient } from './queue/queue-client.ts';
import { serverFacts } from './server-facts.ts';
import { startThreads } from './start-threads.ts';
import { statusOf } from './status.ts';
import { createTrackingClient } from './tracking/tracking-client.ts';
import { noteCleanStop, recoverUsage } from './usage-recovery.ts';
import { programVersion } from './version.ts';
import { type AccountId, brand } from './wire/ids.ts';

export interface Daemon {
  /** Bounded by `config.stopSeconds`. */
  stop(): Promise<void>;
  /** Resolves when the daemon ended by itself: its threads could not be kept alive. */
  readonly hopeless: Promise<void>;
  /** SIGHUP: certificates and log level (rule 9 of the design). */
  reload(logLevel: string): Promise<void>;
}

/** Starts everything in `config.data`; throws Unavailable with a sentence for the operator. */
export async function serve(config: Config): Promise<Daemon> {
  const logs = createLog(config.logLevel, { thread: 'main' });
  for (const folder of ['', 'accounts', 'run', 'log', 'tls']) mkdirSync(join(config.data, folder), { recursive: true, mode: 0o700 });
  const lock = takeDataLock(config.data);
  try {
    await refuseTakenPorts(config);
    return await start(config, logs, lock);
  } catch (error) {
    lock.release();
    logs.flush();
    throw error;
  }
}

async function refuseTakenPorts(config: Config): Promise<void> {
  const [first, ...more] = await findTakenPorts(config.listen, config.portOffset);
  // Without a trial some listeners may fail while the others run; all of them means that this is not our machine.
  if (first === undefined || !config.trial) return;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw new Unavailable(`Port ${first.port} on ${first.address} (${first.listener}) is taken: ${first.reason}${others}`);
}

async function start(config: Config, { log, flush, setLevel }: LogHandle, lock: { release(): void }): Promise<Daemon> {
  const now = Date.now;
  const startedAtMs = now();
  const version = programVersion();
  const stopping = new AbortController();

  const control = openControl(config.data);
  const connection = openControlReadOnly(config.data);
  const directory = createDirectory(connection, { freshMs: 0 });
  const facts = serverFacts(directory, config);
  const resolver = threadResolver(config);

  const certificates = new CertificateStore(join(config.data, 'tls'), now);
  const secureContexts = new SecureContexts(await certificates.load(facts.hostname()));
  const events = new AdminEvents((error) => log.error({ err: error }, 'admin_listener_defect'));
  const limits = createLimitsServer({
    now,
    exemptLoopback: config.trial,
    saveLogins: (logins: readonly LoginReport[]) => saveLogins(control, logins.map((login) => ({ ...login, account: brand<AccountId>(login.account) }))),
  });
  const services = createMainServices(control, limits, now);

  const hopeless = Promise.withResolvers<void>();
  const threads = startThreads(
    { config, version, certificates: certificates.current, firstUidValidity: Math.floor(startedAtMs / 1000), trackingDays: directory.setting<number>('records.trackingDays') },
    services.handlers,
    {
      onNotice: (role, index, name) => log.warn({ role, index, name }, 'notice_unheard'),
      onDied: (role, index, reason) => {
        log.error({ role, index, reason }, 'thread_died');
        if (role === 'protocol') services.locks.releaseAll(index);
      },
      onHopeless: () => hopeless.resolve(),
      onDefect: (error, method) => log.error({ err: error, method }, 'main_defect'),
    },
  );
  certificates.onPublish(async (set) => {
    secureContexts.replace(set);
    await threads.broadcast('certificates', set);
  });
  const mailstore = createMailstoreClient({ stores: threads.slots('store'), readers: threads.slots('reader'), onDefect: (error) => log.error({ err: error }, 'mailstore_defect') });
  const [ledger] = threads.slots('ledger');
  if (ledger === undefined) throw new Error('there is always a ledger');
  const queue = createQueueClient(ledger);
  const tracking = createTrackingClient(ledger);

  const passwords = createPasswordHasher();
  const authenticator = createAuthenticator({
    connection,
    directory,
    passwords,
    throttle: limits.throttle,
    reportLogin: (report) => saveLogins(control, [report]),
    onDefect: (error) => log.error({ err: error }, 'login_defect'),
  });
  const admin: AdminContext = { control, directory, events, passwords, authenticator, throttle: limits.throttle, mailstore, now };
  events.listen((event) => {
    if (event.kind === 'revoked') threads.notify('protocol', 'revoked', event.account);
    // A new host name needs a certificate of its own until a real one is there.
    else if (event.kind === 'changed' && event.id === 'server.hostname') void certificates.load(facts.hostname()).catch((error: unknown) => log.error({ err: error }, 'certificate_failed'));
  });

  await threads.whenReady();
  const checks = createDomainChecks({ admin, resolver, facts, config });
  const http = await startHttp({ config, version, startedAtMs, admin, queue, tracking, resolver, facts, secureContexts, checks, log, mailStatus: () => statusOf({ threads, version, listeners: {} }) });
  const status = () => statusOf({ threads, version, listeners: http.states });
  const adminSocket = await startAdminSocket(
    config.data,
    createAdminCalls({ admin, queue, tracking, checkDomain: (name) => checks.check(name), status: async () => ({ ...status(), queue: await queue.summary() }) }),
  );
  const jobs = startJobs(jobTable({ admin, checks, certificates, directory, log, now }), log);
  writeFileSync(join(config.data, 'run', 'mailstead.pid'), `${process.pid}\n`, { mode: 0o600 });
  void recoverUsage(control, mailstore, log, stopping.signal).catch((error: unknown) => log.error({ err: error }, 'usage_recovery_failed'));
  log.info({ version, startMs: now() - startedAtMs, listeners: status().ports }, 'ready');

  return {
    hopeless: hopeless.promise,
    async reload(logLevel) {
      setLevel(logLevel);
      await Promise.all([threads.broadcast('logLevel', logLevel), certificates.load(facts.hostname())]);
      log.info({ logLevel }, 'reloaded');
    },
    async stop() {
      log.info({}, 'stopping');
      stopping.abort();
      const deadlineMs = config.stopSeconds * 1000;
      await Promise.all([jobs.stop(), adminSocket.close(), http.close(deadlineMs)]);
      await threads.stop(['protocol', 'runner', 'store', 'reader', 'ledger'], deadlineMs);
      noteCleanStop(control);
      resolver.close();
      connection.close();
      control.close();
      rmSync(join(config.data, 'run', 'mailstead.pid'), { force: true });
      lock.release();
      log.info({}, 'stopped');
      flush();
    },
  };
}
