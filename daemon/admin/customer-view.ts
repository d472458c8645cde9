/** Customers: which one a new object belongs to, and how they are shown. */
import type { ControlDatabase } from '../directory/control.ts';
import { type CustomerRow, customerById, customerByName, hostCustomer } from '../directory/records/customers.ts';
import { NotFound, Rejected } from '../lib/errors.ts';
import { type Actor, isHost, mayManage } from './actor.ts';

/** The customer named by id or name, if the actor may act for it. NotFound otherwise. */
export function findCustomer(db: ControlDatabase, actor: Actor, given: string): CustomerRow {
  const byId = /^\d{1,15}$/.test(given) ? customerById(db, Number(given)) : undefined;
  const row = byId ?? customerByName(db, given);
  if (row === undefined || !mayManage(db, actor, row.id)) throw new NotFound(`There is no customer ${given}`);
  return row;
}

/** Who owns a new object: the one named, else one's own. */
export function customerForNew(db: ControlDatabase, actor: Actor, given: string | undefined): CustomerRow {
  if (given !== undefined && given !== null && given !== '') return findCustomer(db, actor, String(given));
  const own = actor.customer === null && isHost(actor) ? hostCustomer(db) : customerById(db, actor.customer ?? 0);
  if (own === undefined) throw new Rejected('You have no customer to add this for');
  return own;
}
