/**
 * The composition root: opens what has one owner, starts the threads, and stops all of it in order. Reads like a table of
 * contents; every part is built here and handed what it needs.
 *
 * 1. A data directory has one daemon (assembly/data-lock.ts); its ports are tried alone before any thread shares them.
 * 2. What starts leaves its end on `ending`, which runs backwards: doors and jobs, protocol threads (no new mail), runner, then
 *    what they write to (stores, readers, ledger), main's own files, the lock. A start that fails ends the same way.
 * 3. The daemon is ready when migrations are done, all threads run, and each listener was tried.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdminContext } from './admin/admin-context.ts';
import { AdminEvents } from './admin/admin-events.ts';
import type { DomainChecker } from './admin/domain-checker.ts';
import { finishRemovals } from './admin/remove-account.ts';
import { createAdminCalls } from './admin-socket/admin-calls.ts';
import { startAdminSocket } from './admin-socket/admin-socket.ts';
import { takeDataLock } from './assembly/data-lock.ts';
import { createDomainChecker } from './assembly/domain-checker.ts';
import { followChanges } from './assembly/follow-changes.ts';
import { listenHttp } from './assembly/http-listeners.ts';
import { createMainAnswers, type MainAnswers } from './assembly/main-answers.ts';
import { type Owned, openOwned } from './assembly/open-owned.ts';
import { findTakenPorts } from './assembly/port-probe.ts';
import { startThreads } from './assembly/start-threads.ts';
import { statusOf } from './assembly/status.ts';
import { threadResolver } from './assembly/thread-resolver.ts';
import { UsageRecovery } from './assembly/usage-recovery.ts';
import type { Config } from './config/config.ts';
import { programVersion } from './config/version.ts';
import { createAuthenticator } from './directory/authenticator.ts';
import { createPasswordHasher } from './directory/password.ts';
import { saveLogins } from './directory/records/usage.ts';
import type { Resolver } from './dns/resolver.ts';
import type { HttpContext } from './http/context.ts';
import { startJobs } from './jobs/jobs.ts';
import { Unavailable } from './lib/errors.ts';
import { keepIdleMemoryLow } from './lib/idle-memory.ts';
import { createLog, type Log, type LogHandle } from './lib/log.ts';
import type { SupervisorEvents } from './lib/thread-supervisor.ts';
import { createLimitsServer } from './limits/limits-server.ts';
import { createMailstoreClient } from './mailstore/client.ts';
import { createQueueClient } from './queue/queue-client.ts';
import { createTrackingClient } from './tracking/tracking-client.ts';

export interface Daemon {
  /** Bounded by `config.stopSeconds`. */
  stop(): Promise<void>;
  /** Resolves when the threads could not be kept alive: the process should end and be started anew. */
  readonly hopeless: Promise<void>;
  /** SIGHUP: certificates and log level (rule 9 of the design). */
  reload(logLevel: string): Promise<void>;
}

/** What every phase of the start is handed. */
interface Start {
  readonly config: Config;
  readonly version: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly log: Log;
  readonly ending: AsyncDisposableStack;
  /** ms that are left of `config.stopSeconds`; all of it before the stop begins. */
  readonly stopMs: () => number;
  /** Resolves when the threads could not be kept alive. */
  readonly hopeless: PromiseWithResolvers<void>;
}

const FOLDERS = ['', 'accounts', 'run', 'log', 'tls'];
const STOP_ORDER = ['protocol', 'runner', 'store', 'reader', 'ledger'] as const;

/** Starts everything in `config.data`; throws Unavailable with a sentence for the operator. */
export async function serve(config: Config): Promise<Daemon> {
  for (const folder of FOLDERS) mkdirSync(join(config.data, folder), { recursive: true, mode: 0o700 });
  const logs = createLog(config.logLevel, { thread: 'main' });
  await using ending = new AsyncDisposableStack();
  ending.defer(() => logs.flush());
  const lock = takeDataLock(config.data);
  ending.defer(() => lock.release());
  const pidFile = join(config.data, 'run', 'mailstead.pid');
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  ending.defer(() => rmSync(pidFile, { force: true }));
  await refuseTakenPorts(config, logs.log);
  return await start(config, logs, ending);
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

/** The phases; `ending` is the daemon's own once all have succeeded. */
async function start(config: Config, logs: LogHandle, ending: AsyncDisposableStack): Promise<Daemon> {
  let stopAt = Number.POSITIVE_INFINITY;
  const begun: Start = {
    config,
    version: programVersion(),
    startedAt: Date.now(),
    log: logs.log,
    ending,
    stopMs: () => Math.max(0, Math.min(config.stopSeconds * 1000, stopAt - performance.now())),
    hopeless: Promise.withResolvers<void>(),
  };
  const owned = await openOwned(config, ending);
  const workers = startWorkers(begun, owned);
  const desk = openDesk(begun, owned, workers);
  await Promise.race([workers.threads.whenReady(), refuseHopeless(begun.hopeless.promise)]);
  const ports = await openDoors(begun, owned, workers, desk);
  startBackground(begun, owned, workers, desk);
  begun.log.info({ version: begun.version, startMs: Date.now() - begun.startedAt, ...ports }, 'ready');
  keepIdleMemoryLow();

  const kept = ending.move();
  return {
    hopeless: begun.hopeless.promise,
    async reload(logLevel) {
      logs.setLevel(logLevel);
      await Promise.all([workers.threads.broadcast('logLevel', logLevel), owned.certificates.load(owned.facts.hostname())]);
      begun.log.info({ logLevel }, 'reloaded');
    },
    async stop() {
      begun.log.info({}, 'stopping');
      stopAt = performance.now() + config.stopSeconds * 1000;
      await kept.disposeAsync();
    },
  };
}

async function refuseHopeless(hopeless: Promise<void>): Promise<never> {
  await hopeless;
  throw new Unavailable('The threads of the server do not start; the log says why');
}

/** The threads, and main's ends of what they own. */
function startWorkers(begun: Start, { control, certificates, directory }: Owned) {
  const { config, version, startedAt, log, ending } = begun;
  const recovery = new UsageRecovery(control);
  const limits = createLimitsServer({
    now: Date.now,
    exemptLoopback: config.trial,
    saveLogins: (logins) => saveLogins(control, logins),
  });
  const answers = createMainAnswers(control, limits, Date.now);
  const threads = startThreads(
    {
      config,
      version,
      certificates: certificates.current,
      firstUidValidity: Math.floor(startedAt / 1000),
      trackingDays: directory.setting<number>('records.trackingDays'),
    },
    answers.handlers,
    supervision(log, answers, begun.hopeless.resolve),
  );
  ending.defer(async () => {
    const orderly = await threads.stop(STOP_ORDER, begun.stopMs());
    if (orderly) recovery.noteCleanStop();
    log.info({ orderly }, 'stopped');
  });
  const [ledger] = threads.slots('ledger');
  if (ledger === undefined) throw new Error('there is always a ledger');
  const mailstore = createMailstoreClient({
    stores: threads.slots('store'),
    readers: threads.slots('reader'),
    onDefect: (error) => log.error({ err: error }, 'mailstore_defect'),
  });
  ending.defer(() => mailstore.close());
  return { threads, limits, mailstore, recovery, queue: createQueueClient(ledger), tracking: createTrackingClient(ledger) };
}

type Workers = ReturnType<typeof startWorkers>;

function supervision(log: Log, answers: MainAnswers, onHopeless: () => void): SupervisorEvents {
  return {
    onNotice: (role, index, name) => log.warn({ role, index, name }, 'notice_unheard'),
    onDied: (role, index, reason) => {
      log.error({ role, index, reason }, 'thread_died');
      if (role === 'protocol') answers.locks.releaseAll(index);
    },
    onHopeless,
    onDefect: (error, method) => log.error({ err: error, method }, 'main_defect'),
  };
}

interface Desk {
  readonly admin: AdminContext;
  readonly resolver: Resolver;
  readonly checker: DomainChecker;
}

/** What people's wishes need: use cases and domain checks. */
function openDesk({ config, log, ending }: Start, owned: Owned, { threads, limits, mailstore }: Workers): Desk {
  const { control, connection, directory, facts } = owned;
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
  followChanges(owned, events, threads, log);
  const admin: AdminContext = {
    control,
    directory,
    events,
    passwords,
    authenticator,
    throttle: limits.throttle,
    mailstore,
    now: Date.now,
  };
  const resolver = threadResolver(config);
  ending.defer(() => resolver.close());
  return { admin, resolver, checker: createDomainChecker({ admin, resolver, facts, config }) };
}

/** HTTP and the admin socket. Answers the state of each port. */
async function openDoors(begun: Start, owned: Owned, { threads, queue, tracking }: Workers, { admin, resolver, checker }: Desk) {
  const { config, version, startedAt, log, ending } = begun;
  const doors: (() => Promise<void>)[] = [];
  ending.defer(async () => void (await Promise.all(doors.map((close) => close()))));
  let listeners: Readonly<Record<string, string>> = {};
  const state = () => statusOf({ threads, version, listeners });
  const status = async () => {
    const { messages, recipients, held } = await queue.summary();
    return { ...state(), queue: { messages, recipients, held } };
  };
  const facts: HttpContext['facts'] = {
    ...owned.facts,
    version,
    portOffset: config.portOffset,
    trial: config.trial,
    dataDir: config.data,
    panelDir: fileURLToPath(new URL('../panel/dist', import.meta.url)),
    startedAt,
  };
  const http = await listenHttp({ admin, queue, tracking, resolver, checker, log, status, now: Date.now, facts }, owned.secureContexts, {
    addresses: config.listen,
    portOffset: config.portOffset,
  });
  doors.push(() => http.close(begun.stopMs()));
  listeners = http.states;
  const adminSocket = await startAdminSocket(
    config.data,
    createAdminCalls({ admin, queue, tracking, checkDomain: (domain) => checker.check(domain), status }),
    (error) => log.error({ err: error }, 'admin_defect'),
  );
  doors.push(() => adminSocket.close(begun.stopMs()));
  return state().ports;
}

/** Jobs, and what an earlier run left to do. */
function startBackground(
  { log, ending }: Start,
  { certificates }: Owned,
  { mailstore, recovery }: Workers,
  { admin, checker }: Desk,
): void {
  const stopping = new AbortController();
  const jobs = startJobs({ admin, checker, renewTicketKeys: () => certificates.renewTicketKeys(), log, now: Date.now });
  ending.defer(async () => {
    stopping.abort();
    await jobs.stop();
  });
  finishRemovals(admin).catch((error: unknown) => log.error({ err: error }, 'removal_unfinished'));
  recovery.run(mailstore, log, stopping.signal).catch((error: unknown) => log.error({ err: error }, 'usage_recovery_failed'));
}
