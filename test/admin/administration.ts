/** A server's administration in a temporary directory: control.db, directory, authenticator and throttle as main builds them. */
import type { TestContext } from 'node:test';
import { type Actor, COMMAND_LINE } from '../../daemon/admin/actor.ts';
import type { AdminContext } from '../../daemon/admin/admin-context.ts';
import { type AdminEvent, AdminEvents } from '../../daemon/admin/admin-events.ts';
import { setup } from '../../daemon/admin/setup.ts';
import { createAuthenticator, type ThreadAuthenticator } from '../../daemon/directory/authenticator.ts';
import { openControl, openControlReadOnly } from '../../daemon/directory/control.ts';
import { createDirectory } from '../../daemon/directory/create-directory.ts';
import { createPasswordHasher } from '../../daemon/directory/password.ts';
import type { LoginReport } from '../../daemon/limits/limits-server.ts';
import { LoginThrottleTable } from '../../daemon/limits/login-throttle.ts';
import { type AccountId, brand, type CustomerId } from '../../daemon/wire/ids.ts';
import { temporaryDirectory } from '../directory/temporary-control.ts';

export interface Administration {
  readonly context: AdminContext;
  readonly authenticator: ThreadAuthenticator;
  readonly events: AdminEvent[];
  /** Mailboxes that were erased. */
  readonly erased: AccountId[];
  readonly logins: LoginReport[];
  readonly loops: string[];
  readonly dataDir: string;
  /** Moves the clock, in ms. */
  pass(ms: number): void;
}

export function administration(t: TestContext): Administration {
  const dataDir = temporaryDirectory(t);
  const control = openControl(dataDir);
  const connection = openControlReadOnly(dataDir);
  t.after(() => {
    connection.close();
    control.close();
  });
  let nowMs = Date.UTC(2026, 10, 23, 12);
  const now = (): number => nowMs;
  const heard: AdminEvent[] = [];
  const erased: AccountId[] = [];
  const logins: LoginReport[] = [];
  const loops: string[] = [];
  const rethrow = (error: unknown): never => {
    throw error;
  };
  const events = new AdminEvents(rethrow);
  events.listen((event) => heard.push(event));
  const directory = createDirectory(connection, { freshMs: 0, onLoop: (address) => loops.push(address) });
  const passwords = createPasswordHasher();
  const throttle = new LoginThrottleTable({ now, exemptLoopback: false });
  const authenticator = createAuthenticator({
    connection,
    directory,
    passwords,
    throttle,
    reportLogin: (login) => logins.push(login),
    onDefect: rethrow,
    now,
  });
  const mailstore: AdminContext['mailstore'] = {
    remove: async (account) => void erased.push(account),
    usageByFolder: async () => [{ name: 'INBOX', bytes: 2_048, messages: 2 }],
  };
  const context: AdminContext = { control, directory, events, passwords, authenticator, throttle, mailstore, now };
  return { context, authenticator, events: heard, erased, logins, loops, dataDir, pass: (ms) => void (nowMs += ms) };
}

/** The same, after the first set-up. */
export async function settledAdministration(t: TestContext): Promise<Administration> {
  const made = administration(t);
  await setup(made.context, COMMAND_LINE, { hostname: 'mail.north.example', email: 'host@north.example', password: 'lantern-orchard' });
  made.events.length = 0;
  return made;
}

export const HOST: Actor = COMMAND_LINE;

export function customerActor(id: string | number, kind: 'customer' | 'reseller' = 'customer'): Actor {
  return { kind, id: 900 + Number(id), name: `${kind} ${id}`, customer: brand<CustomerId>(Number(id)), remoteAddress: '192.0.2.7' };
}

export function mailboxActor(id: string, address: string): Actor {
  return { kind: 'account', id: Number(id), name: address, customer: brand<CustomerId>(1), remoteAddress: '192.0.2.8' };
}
