/** The tables `domain` and `dkim_key`: reads and writes for use cases. */
import type { Domain, DomainId } from '../../wire/ids.ts';
import type { ControlDatabase } from '../control.ts';
import { and, asc, eq, gt, sql } from '../operators.ts';
import { customer } from '../schema/customer.ts';
import { dkimKey, domain } from '../schema/domain.ts';
import { type Scope, withinScope } from './customers.ts';
import { contains, countRows, type ListRequest } from './list-request.ts';

export type DomainRecord = typeof domain.$inferSelect;
export type DkimKeyRecord = typeof dkimKey.$inferSelect;
export type NewDkimKey = Omit<typeof dkimKey.$inferInsert, 'domainId' | 'createdAt' | 'active'>;

export function domainByName(db: ControlDatabase, name: string): DomainRecord | undefined {
  return db.select().from(domain).where(eq(domain.name, name)).get();
}

/** All hosted domains among `names`. */
export function domainsAmong(db: ControlDatabase, names: readonly string[]): DomainRecord[] {
  return names.flatMap((name) => domainByName(db, name) ?? []);
}

export function insertDomain(db: ControlDatabase, row: typeof domain.$inferInsert, keys: readonly NewDkimKey[]): DomainRecord {
  const inserted = db.insert(domain).values(row).returning().get();
  for (const key of keys) {
    db.insert(dkimKey)
      .values({ ...key, domainId: inserted.id, active: true, createdAt: row.createdAt })
      .run();
  }
  return inserted;
}

export function dkimKeysOf(db: ControlDatabase, id: number): DkimKeyRecord[] {
  return db.select().from(dkimKey).where(eq(dkimKey.domainId, id)).orderBy(asc(dkimKey.id)).all();
}

export function updateDomain(db: ControlDatabase, id: number, change: Partial<Omit<DomainRecord, 'id'>>): void {
  db.update(domain).set(change).where(eq(domain.id, id)).run();
}

/** Its accounts and addresses must be gone already. */
export function deleteDomain(db: ControlDatabase, id: number): void {
  db.delete(domain).where(eq(domain.id, id)).run();
}

const listColumns = {
  id: domain.id,
  customerId: domain.customerId,
  customerName: customer.name,
  name: domain.name,
  state: domain.state,
  proofToken: domain.proofToken,
  suspendedReason: domain.suspendedReason,
  createdAt: domain.createdAt,
  mailboxes: sql<number>`(SELECT count(*) FROM account WHERE account.domain_id = domain.id)`,
  addresses: sql<number>`(SELECT count(*) FROM address WHERE address.domain_id = domain.id)`,
  usageBytes: sql<number>`(SELECT coalesce(sum(usage_bytes), 0) FROM account WHERE account.domain_id = domain.id)`,
  /** JSON of the last check. */
  report: sql<string | null>`(SELECT report FROM domain_check WHERE domain_check.domain_id = domain.id ORDER BY id DESC LIMIT 1)`,
  checkedAt: sql<number | null>`(SELECT checked_at FROM domain_check WHERE domain_check.domain_id = domain.id ORDER BY id DESC LIMIT 1)`,
};

export type DomainListRow = Pick<DomainRecord, 'id' | 'customerId' | 'name' | 'state' | 'proofToken' | 'suspendedReason' | 'createdAt'> & {
  readonly customerName: string;
  readonly mailboxes: number;
  readonly addresses: number;
  readonly usageBytes: number;
  readonly report: string | null;
  readonly checkedAt: number | null;
};

/** One page by name, and one row more when there is another page. */
export function listDomains(db: ControlDatabase, scope: Scope, request: ListRequest): { rows: DomainListRow[]; total: number } {
  const matching = and(withinScope(domain.customerId, scope), contains(request.q, domain.name));
  const rows = db
    .select(listColumns)
    .from(domain)
    .innerJoin(customer, eq(customer.id, domain.customerId))
    .where(and(matching, request.after === null ? undefined : gt(domain.name, String(request.after.value))))
    .orderBy(asc(domain.name))
    .limit(request.limit + 1)
    .all();
  return { rows, total: countRows(db, domain, matching) };
}

export function domainListRow(db: ControlDatabase, name: Domain | string): DomainListRow | undefined {
  return db.select(listColumns).from(domain).innerJoin(customer, eq(customer.id, domain.customerId)).where(eq(domain.name, name)).get();
}

export function accountsOfDomain(db: ControlDatabase, id: DomainId | number): { id: number; address: string }[] {
  return db.all<{ id: number; address: string }>(sql`SELECT id, address FROM account WHERE domain_id = ${id} ORDER BY id`);
}
