/** The table `customer`: reads and writes for use cases. */
import type { SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { CustomerId } from '../../wire/ids.ts';
import type { ControlDatabase } from '../control.ts';
import { and, eq, gt, or, sql } from '../operators.ts';
import { customer } from '../schema/customer.ts';
import { contains, countRows, type ListRequest } from './list-request.ts';

export type CustomerRow = typeof customer.$inferSelect;

/** Whose objects a list may show: everything, or one customer and those below it. */
export type Scope = { readonly kind: 'all' } | { readonly kind: 'customer'; readonly customer: CustomerId };

/** The ids that a scope covers, as a condition for a `customer_id` column. */
export function withinScope(column: SQLiteColumn, scope: Scope): SQL | undefined {
  if (scope.kind === 'all') return undefined;
  return sql`${column} IN (SELECT id FROM customer WHERE id = ${scope.customer} OR parent_id = ${scope.customer})`;
}

export function customerById(db: ControlDatabase, id: number): CustomerRow | undefined {
  return db.select().from(customer).where(eq(customer.id, id)).get();
}

export function customerByName(db: ControlDatabase, name: string): CustomerRow | undefined {
  return db.select().from(customer).where(eq(customer.name, name)).get();
}

/** The host's own customer, made at the first start (host-customer.ts). */
export function hostCustomer(db: ControlDatabase): CustomerRow {
  const row = db.select().from(customer).where(eq(customer.kind, 'host')).get();
  if (row === undefined) throw new Error('control.db holds no customer for the host');
  return row;
}

export function renameCustomer(db: ControlDatabase, id: number, name: string): void {
  db.update(customer).set({ name }).where(eq(customer.id, id)).run();
}

export function insertCustomer(db: ControlDatabase, row: typeof customer.$inferInsert): CustomerRow {
  return db.insert(customer).values(row).returning().get();
}

export interface CustomerListRow extends CustomerRow {
  readonly domains: number;
  readonly mailboxes: number;
}

export function listCustomers(db: ControlDatabase, scope: Scope, request: ListRequest): { rows: CustomerListRow[]; total: number } {
  const mine = scope.kind === 'all' ? undefined : or(eq(customer.id, scope.customer), eq(customer.parentId, scope.customer));
  const matching = and(mine, contains(request.q, customer.name));
  const rows = db
    .select({
      id: customer.id,
      kind: customer.kind,
      parentId: customer.parentId,
      name: customer.name,
      status: customer.status,
      suspendedReason: customer.suspendedReason,
      createdAt: customer.createdAt,
      domains: sql<number>`(SELECT count(*) FROM domain WHERE domain.customer_id = customer.id)`,
      mailboxes: sql<number>`(SELECT count(*) FROM account WHERE account.customer_id = customer.id)`,
    })
    .from(customer)
    .where(and(matching, request.after === null ? undefined : gt(customer.name, String(request.after.value))))
    .orderBy(customer.name)
    .limit(request.limit + 1)
    .all();
  return { rows, total: countRows(db, customer, matching) };
}
