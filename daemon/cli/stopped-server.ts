/**
 * A stopped daemon's place, taken by a command: the same use cases over the same files, in this process.
 *
 * 1. The owner of the directory becomes the user of this process before anything in it is opened.
 * 2. lock.db is held from before control.db is opened until everything is closed: no daemon starts meanwhile.
 * 3. queue.db, tracking.db and mailboxes are opened only when a call needs them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AdminContext } from '../admin/admin-context.ts';
import { AdminEvents } from '../admin/admin-events.ts';
import {
  type AdminCallContext,
  type CallAnswer,
  type CallArguments,
  type CallName,
  createAdminCalls,
} from '../admin-socket/admin-calls.ts';
import { tryDataLock } from '../assembly/data-lock.ts';
import type { LedgerServer } from '../assembly/ledger-server.ts';
import { createAuthenticator } from '../directory/authenticator.ts';
import { openControl, openControlReadOnly } from '../directory/control.ts';
import { createDirectory } from '../directory/create-directory.ts';
import { createPasswordHasher } from '../directory/password.ts';
import { LoginThrottleTable } from '../limits/login-throttle.ts';
import type { FolderUsage } from '../mailstore/mailstore.ts';
import type { AccountId, Domain } from '../wire/ids.ts';
import { becomeOwner } from './data-directory.ts';
import { asFailure } from './failure.ts';
import type { ServerConnection } from './server-connection.ts';

/** Undefined while another process holds the directory. */
export async function takePlace(dataDir: string): Promise<ServerConnection | undefined> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  becomeOwner(dataDir);
  const lock = tryDataLock(dataDir);
  if (lock === undefined) return undefined;
  const closing: (() => void)[] = [() => lock.release()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) end();
  };
  try {
    const admin = adminContext(dataDir, closing);
    const call = createAdminCalls({
      admin,
      ...ledgerCalls(dataDir, closing),
      ...domainCalls(dataDir, admin, closing),
      status: () => ({ ready: false }),
    });
    return {
      running: false,
      async call<Name extends CallName>(name: Name, args: CallArguments<Name>) {
        try {
          return (await call(name, args)) as CallAnswer<Name>;
        } catch (error) {
          throw asFailure(error);
        }
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function adminContext(dataDir: string, closing: (() => void)[]): AdminContext {
  const control = openControl(dataDir);
  closing.push(() => control.close());
  const connection = openControlReadOnly(dataDir);
  closing.push(() => connection.close());
  const directory = createDirectory(connection, { freshMs: 0 });
  const passwords = createPasswordHasher();
  const throttle = new LoginThrottleTable({ now: Date.now, exemptLoopback: true });
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const authenticator = createAuthenticator({
    connection,
    directory,
    passwords,
    throttle,
    reportLogin: () => undefined,
    onDefect: rethrow,
  });
  return {
    control,
    directory,
    events: new AdminEvents(rethrow),
    passwords,
    authenticator,
    throttle,
    mailstore: mailboxFiles(dataDir),
    now: Date.now,
  };
}

function mailboxFiles(dataDir: string): AdminContext['mailstore'] {
  const directory = join(dataDir, 'accounts');
  return {
    async remove(account: AccountId) {
      const { createStoreServer } = await import('../mailstore/store-server.ts');
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const server = createStoreServer({ directory });
      try {
        await server.handlers['remove']?.(account);
      } finally {
        server.close();
      }
    },
    async usageByFolder(account: AccountId) {
      const { createReaderServer } = await import('../mailstore/reader-server.ts');
      const server = createReaderServer({ directory });
      try {
        return ((await server.handlers['usageByFolder']?.(account)) ?? []) as readonly FolderUsage[];
      } finally {
        server.close();
      }
    },
  };
}

function ledgerCalls(dataDir: string, closing: (() => void)[]): Pick<AdminCallContext, 'queue' | 'tracking'> {
  let opened: Promise<LedgerServer> | undefined;
  const open = async (): Promise<LedgerServer> => {
    const { createLedgerServer } = await import('../assembly/ledger-server.ts');
    const ledger = createLedgerServer({ queuePath: join(dataDir, 'queue.db'), trackingPath: join(dataDir, 'tracking.db') });
    closing.push(() => ledger.close());
    return ledger;
  };
  const ledger = (): Promise<LedgerServer> => (opened ??= open());
  return {
    queue: {
      list: async (filter) => (await ledger()).queue.list(filter),
      show: async (id) => (await ledger()).queue.show(id),
      summary: async (customer) => (await ledger()).queue.summary(customer),
      retry: async (ids) => (await ledger()).queue.retry(ids),
      hold: async (ids, reason) => (await ledger()).queue.hold(ids, reason),
      release: async (ids) => (await ledger()).queue.release(ids),
      drop: async (ids, options) => (await ledger()).queue.drop(ids, options),
    },
    tracking: {
      list: async (filter) => (await ledger()).tracking.list(filter),
      story: async (message, scope) => (await ledger()).tracking.story(message, scope),
    },
  };
}

function domainCalls(dataDir: string, admin: AdminContext, closing: (() => void)[]): Pick<AdminCallContext, 'checkDomain'> {
  return {
    async checkDomain(domain: Domain) {
      const [{ createDomainChecker }, { serverFacts }, { threadResolver }, { readBootConfig }] = await Promise.all([
        import('../assembly/domain-checker.ts'),
        import('../assembly/server-facts.ts'),
        import('../assembly/thread-resolver.ts'),
        import('./boot-config.ts'),
      ]);
      const config = readBootConfig(dataDir, undefined);
      const resolver = threadResolver(config);
      closing.push(() => resolver.close());
      return createDomainChecker({ admin, resolver, facts: serverFacts(admin.directory, config), config }).check(domain);
    },
  };
}
