/** Customers of the host and of resellers: creating one (with a panel log-in, if wanted) and listing them. */

import { inArray } from '../directory/operators.ts';
import { customerByName, insertCustomer, listCustomers as listRows } from '../directory/records/customers.ts';
import { Conflict, Rejected } from '../lib/errors.ts';
import { type Actor, isHost, requireManager, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import type { ListArguments } from './list-domains.ts';
import { choosePassword } from './new-credential.ts';
import { insertPanelUser, refuseTakenLogin } from './panel-user-rows.ts';
import { isoTime, type Page, pageOf, readAddress, readListRequest, readText } from './read-arguments.ts';
import { panelUser } from './schema/panel-user.ts';

export interface CustomerItem {
  readonly id: string;
  readonly name: string;
  readonly kind: 'host' | 'reseller' | 'customer';
  /** The first panel log-in. */
  readonly login: string | null;
  readonly domains: number;
  readonly mailboxes: number;
  readonly createdAt: string;
}

export interface CreateCustomerArguments {
  readonly name: string;
  readonly kind?: 'reseller' | 'customer';
  /** Panel log-in; without it nobody can log in for the customer yet. */
  readonly email?: string;
  /** Made and answered once when there is an e-mail address and no password. */
  readonly password?: string;
}

export async function createCustomer(
  context: AdminContext,
  actor: Actor,
  args: CreateCustomerArguments,
): Promise<{ readonly customer: CustomerItem; readonly password: string | null }> {
  requireManager(actor);
  if (actor.kind === 'customer') throw new Rejected('Only the host and resellers have customers');
  const kind = args.kind === 'reseller' && isHost(actor) ? 'reseller' : 'customer';
  const name = readText('name', args.name, { max: 200 });
  const email = args.email === undefined || args.email === '' ? null : readAddress('email', args.email);
  const chosen = email === null ? null : choosePassword(args, email);
  const passwordPhc = chosen === null ? null : await context.passwords.hash(chosen.password);
  return commitChange(context, actor, (tx) => {
    if (customerByName(tx.db, name) !== undefined) throw new Conflict(`A customer named ${name} exists already`);
    if (email !== null) refuseTakenLogin(tx.db, email);
    const parentId = actor.kind === 'reseller' ? actor.customer : null;
    const row = insertCustomer(tx.db, { kind, parentId, name, createdAt: tx.nowMs });
    if (email !== null && passwordPhc !== null) insertPanelUser(tx, { email, passwordPhc, role: kind, customerId: row.id });
    tx.note({ action: 'customer.create', object: name, customer: row.id, detail: { kind, email } });
    tx.tell('customers', 'created', { id: row.id, name, customer: row.id });
    const customer: CustomerItem = {
      id: String(row.id),
      name,
      kind,
      login: email,
      domains: 0,
      mailboxes: 0,
      createdAt: isoTime(row.createdAt),
    };
    return { customer, password: chosen?.made === true ? chosen.password : null };
  });
}

export function listCustomers(context: AdminContext, actor: Actor, args: ListArguments): Page<CustomerItem> {
  const { db } = context.control;
  const request = readListRequest(args);
  const found = listRows(db, scopeOf(actor), request);
  const ids = found.rows.map((row) => row.id);
  const logins = new Map<number, string>();
  const users = db.select().from(panelUser).where(inArray(panelUser.customerId, ids)).orderBy(panelUser.id).all();
  for (const user of users) if (!logins.has(user.customerId)) logins.set(user.customerId, user.email);
  return pageOf(
    found,
    request.limit,
    (row) => ({
      id: String(row.id),
      name: row.name,
      kind: row.kind,
      login: logins.get(row.id) ?? null,
      domains: row.domains,
      mailboxes: row.mailboxes,
      createdAt: isoTime(row.createdAt),
    }),
    (row) => ({ value: row.name, id: row.id }),
  );
}
