/**
 * Entry of a protocol thread: SMTP, submission, IMAP and POP3 on shared ports, with everything that they need of this
 * process behind ports to other threads. A connection never leaves its thread.
 */
import { DEFAULT_LIMITS, type ImapContext } from './access/imap/context.ts';
import { createImapServer } from './access/imap/server.ts';
import { DEFAULT_POP3_LIMITS } from './access/pop3/context.ts';
import { createPop3Server } from './access/pop3/server.ts';
import { openListeners } from './assembly/protocol-listeners.ts';
import type { WorldBoot } from './assembly/thread-boot.ts';
import { threadResolver } from './assembly/thread-resolver.ts';
import { Analyzer } from './authentication/analyze.ts';
import { DkimSigner } from './authentication/dkim-sign.ts';
import { SecureContexts } from './certificates/secure-contexts.ts';
import { createAuthenticator } from './directory/authenticator.ts';
import { openControlReadOnly } from './directory/control.ts';
import { createDirectory } from './directory/create-directory.ts';
import { createPasswordHasher } from './directory/password.ts';
import { serverSecret } from './directory/server-secrets.ts';
import { isLoopback } from './lib/ip-address.ts';
import { createLog } from './lib/log.ts';
import { threadRuntime } from './lib/thread-runtime.ts';
import { ConnectionCounts } from './limits/connection-counts.ts';
import { createLimitsClient } from './limits/limits-client.ts';
import { createMailstoreClient } from './mailstore/client.ts';
import { acceptMail } from './mda/accept.ts';
import { createSenderRewriting } from './mda/sender-rewriting.ts';
import type { ReceiverContext } from './mta/receive/context.ts';
import { MemoryBudget } from './mta/receive/memory-budget.ts';
import { mxProfile } from './mta/receive/mx-profile.ts';
import { createSmtpReceiver } from './mta/receive/receiver.ts';
import { submissionProfile } from './mta/submit/submission-profile.ts';
import { createQueueClient } from './queue/queue-client.ts';
import { QueueIds } from './queue/queue-id.ts';
import { createTrackingClient } from './tracking/tracking-client.ts';
import { type AccountId, brand } from './wire/ids.ts';

/** Octets of messages that this thread's SMTP sessions may hold at once. */
const SMTP_MEMORY_BYTES = 256 * 1024 * 1024;

const runtime = threadRuntime<WorldBoot>();
const { config, dataDir, version, logLevel } = runtime.boot;
const { log, flush, setLevel } = createLog(logLevel, { thread: `protocol-${runtime.index}` });
const onDefect = (error: unknown, part: string): void => log.error({ err: error, part }, 'defect');

const [main] = runtime.slots('main');
const [ledger] = runtime.slots('ledger');
if (main === undefined || ledger === undefined) throw new Error('a protocol thread needs main and the ledger');

const connection = openControlReadOnly(dataDir);
const directory = createDirectory(connection, { onLoop: (address) => log.warn({ address }, 'forwarding_loop') });
const limits = createLimitsClient(main);
const authenticator = createAuthenticator({
  connection,
  directory,
  passwords: createPasswordHasher(),
  throttle: limits.throttle,
  reportLogin: limits.reportLogin,
  onDefect: (error) => onDefect(error, 'login'),
});
const secureContexts = new SecureContexts(runtime.boot.certificates);
const mailstore = createMailstoreClient({
  stores: runtime.slots('store'),
  readers: runtime.slots('reader'),
  onDefect: (error) => onDefect(error, 'mailstore'),
});
const queue = createQueueClient(ledger);
const tracking = createTrackingClient(ledger);
const resolver = threadResolver(config);
const hostname = (): string => directory.setting<string>('server.hostname') || 'localhost';
const ids = new QueueIds();
const nextId = (nowMs: number): string => ids.next(nowMs);
const now = Date.now;
const srs = createSenderRewriting(serverSecret(connection, 'srs'), now);

const mda = { directory, mailstore, queue, tracking, srs, log, now, nextId };
const receiver: ReceiverContext = {
  hostname,
  directory,
  authenticator,
  analyzer: new Analyzer({ resolver, hostname: hostname(), onDefect }),
  signer: new DkimSigner(),
  handOver: (mail) => acceptMail(mda, mail),
  tracking,
  srs,
  tls: secureContexts,
  log,
  now,
  nextId,
  connections: new ConnectionCounts((address) => config.trial && isLoopback(address)),
  memory: new MemoryBudget(SMTP_MEMORY_BYTES),
  offersDsn: true,
};
const mx = createSmtpReceiver(receiver, mxProfile(receiver));
const submission = createSmtpReceiver(receiver, submissionProfile(receiver, { implicitTls: false }));
const submissions = createSmtpReceiver(receiver, submissionProfile(receiver, { implicitTls: true }));

const access: ImapContext = {
  mailstore,
  authenticator,
  get hostname() {
    return hostname();
  },
  version,
  secureContext: (name) => secureContexts.contextFor(name ?? undefined),
  quotaBytes: (account) => directory.account(account)?.quotaBytes ?? null,
  log,
  limits: { ...DEFAULT_LIMITS, exemptLoopback: config.trial },
};
const imap = createImapServer(access);
const pop3 = createPop3Server({
  mailstore,
  authenticator,
  get hostname() {
    return hostname();
  },
  version,
  secureContext: access.secureContext,
  log,
  lock: {
    take: (account) => main.call<boolean>('maildrop.take', account, runtime.index),
    release: (account) => void main.call('maildrop.release', account, runtime.index).catch((error: unknown) => onDefect(error, 'maildrop')),
  },
  limits: { ...DEFAULT_POP3_LIMITS, exemptLoopback: config.trial },
});

const listeners = await openListeners(
  [
    { name: 'smtp', accept: (socket) => mx.handle(socket) },
    { name: 'submission', accept: (socket) => submission.handle(socket) },
    { name: 'submissions', accept: (socket) => submissions.handle(socket) },
    { name: 'imap', accept: (socket) => imap.handle(socket, { implicitTls: false }) },
    { name: 'imaps', accept: (socket) => imap.handle(socket, { implicitTls: true }) },
    { name: 'pop3', accept: (socket) => pop3.handle(socket, { implicitTls: false }) },
    { name: 'pop3s', accept: (socket) => pop3.handle(socket, { implicitTls: true }) },
  ],
  { addresses: config.listen, portOffset: config.portOffset },
);

runtime.onNotice('certificates', (set: WorldBoot['certificates']) => secureContexts.replace(set));
runtime.onNotice('logLevel', setLevel);
runtime.onNotice('revoked', (account: number) => authenticator.revoke(brand<AccountId>(account)));
runtime.onStop(async (deadlineMs) => {
  listeners.close();
  await Promise.all([mx, submission, submissions, imap, pop3].map((server) => server.close(deadlineMs)));
  limits.close();
  await tracking.flush();
  flush();
});
runtime.ready(listeners.states);
