/**
 * The first set-up: host name, the name of the host's own customer, the host's panel log-in. Once.
 *
 * The command line may do it at once; over the network it takes the secret of a set-up link (setup-link.ts).
 */
import { customerByName, hostCustomer, renameCustomer } from '../directory/records/customers.ts';
import { putSetting } from '../directory/records/server.ts';
import { checkSetting, type SettingValue, settingDefinition } from '../directory/settings.ts';
import { Conflict, Invalid } from '../lib/errors.ts';
import { isHostname, parseDomain } from '../wire/address/domain.ts';
import { type Actor, isHost } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type ChangeTx, commitChange } from './commit-change.ts';
import { choosePassword } from './new-credential.ts';
import { hasHostUser, insertPanelUser } from './panel-user-rows.ts';
import { readAddress } from './read-arguments.ts';
import { endSetupLinks, IS_SET_UP, redeemSetupLink } from './setup-link.ts';
import { type GivenSession, openSession } from './web-sessions.ts';

export interface SetupArguments {
  readonly hostname: string;
  readonly email: string;
  /** Made and answered once when absent. */
  readonly password?: string;
  /** Of the set-up link; needed unless the command line asks. */
  readonly secret?: string;
  /** For the session that a visitor gets. */
  readonly agent?: string;
}

export interface SetupAnswer {
  readonly hostname: string;
  readonly email: string;
  /** The password we made; null when it was given. */
  readonly password: string | null;
  /** A visitor is signed in at once. */
  readonly session: GivenSession | null;
}

export async function setup(context: AdminContext, actor: Actor, args: SetupArguments): Promise<SetupAnswer> {
  refuseSecond(isSetUp(context));
  const hostname = parseDomain(String(args.hostname ?? '').trim());
  if (hostname === undefined || !isHostname(hostname)) throw new Invalid('hostname', 'A host name looks like mail.example.com');
  const email = readAddress('email', args.email);
  const chosen = choosePassword(args, email);
  const passwordPhc = await context.passwords.hash(chosen.password);
  const user = commitChange(context, actor, (tx) => {
    refuseSecond(hasHostUser(tx.db));
    if (!isHost(actor)) redeemSetupLink(tx, args.secret);
    endSetupLinks(tx);
    const customer = hostCustomer(tx.db);
    if (customerByName(tx.db, hostname) === undefined) renameCustomer(tx.db, customer.id, hostname);
    const row = insertPanelUser(tx, { email, passwordPhc, role: 'host', customerId: customer.id });
    store(tx, 'server.hostname', hostname);
    store(tx, 'server.adminAddress', email);
    tx.note({ action: 'setup', object: hostname, customer: null, detail: { email } });
    tx.tell('settings', 'changed', { id: 'server.hostname', name: 'server.hostname', customer: null });
    return row;
  });
  const session =
    actor.kind === 'visitor'
      ? openSession(context, actor, { owner: { kind: 'panel-user', id: user.id }, login: email, agent: String(args.agent ?? '') })
      : null;
  return { hostname, email, password: chosen.made ? chosen.password : null, session };
}

/** Whether the first set-up was done. */
export function isSetUp(context: AdminContext): boolean {
  return hasHostUser(context.control.db);
}

function refuseSecond(done: boolean): void {
  if (done) throw new Conflict(IS_SET_UP);
}

function store(tx: ChangeTx, key: string, value: SettingValue): void {
  const definition = settingDefinition(key);
  if (definition === undefined) throw new Error(`no setting ${key}`);
  putSetting(tx.db, definition, { value: checkSetting(definition, value), at: tx.nowMs });
}
