/** The tables `address` and `address_target`: reads and writes for use cases. */
import type { ControlDatabase } from '../control.ts';
import { and, asc, eq, inArray, sql } from '../operators.ts';
import { address, addressTarget } from '../schema/address.ts';
import { domain } from '../schema/domain.ts';
import { type Scope, withinScope } from './customers.ts';
import { contains, countRows, type ListRequest } from './list-request.ts';

export type AddressRow = typeof address.$inferSelect;

export interface AddressListRow extends AddressRow {
  readonly domainName: string;
  readonly targets: readonly string[];
}

export function addressById(db: ControlDatabase, id: number): AddressRow | undefined {
  return db.select().from(address).where(eq(address.id, id)).get();
}

/** `''` is the domain's catch-all. */
export function addressOf(db: ControlDatabase, domainId: number, localPart: string): AddressRow | undefined {
  return db
    .select()
    .from(address)
    .where(and(eq(address.domainId, domainId), eq(address.localPart, localPart)))
    .get();
}

export function insertAddress(db: ControlDatabase, row: typeof address.$inferInsert, targets: readonly string[]): AddressRow {
  const inserted = db.insert(address).values(row).returning().get();
  setTargets(db, inserted.id, targets);
  return inserted;
}

export function updateAddress(db: ControlDatabase, id: number, change: Partial<Omit<AddressRow, 'id'>>, targets: readonly string[]): void {
  db.update(address).set(change).where(eq(address.id, id)).run();
  db.delete(addressTarget).where(eq(addressTarget.addressId, id)).run();
  setTargets(db, id, targets);
}

export function deleteAddress(db: ControlDatabase, id: number): void {
  db.delete(address).where(eq(address.id, id)).run();
}

export function deleteAddressesOfDomain(db: ControlDatabase, domainId: number): void {
  db.delete(address).where(eq(address.domainId, domainId)).run();
}

/** Takes `target` out of every address; answers those that are left without any target. */
export function forgetTarget(db: ControlDatabase, target: string): AddressRow[] {
  const touched = db.select({ id: addressTarget.addressId }).from(addressTarget).where(eq(addressTarget.target, target)).all();
  db.delete(addressTarget).where(eq(addressTarget.target, target)).run();
  if (touched.length === 0) return [];
  const ids = touched.map((row) => row.id);
  return db
    .select()
    .from(address)
    .where(
      and(
        inArray(address.id, ids),
        eq(address.kind, 'forward'),
        sql`NOT EXISTS (SELECT 1 FROM address_target WHERE address_id = ${address.id})`,
      ),
    )
    .all();
}

export function targetsOf(db: ControlDatabase, id: number): string[] {
  const rows = db
    .select({ target: addressTarget.target })
    .from(addressTarget)
    .where(eq(addressTarget.addressId, id))
    .orderBy(asc(addressTarget.position))
    .all();
  return rows.map((row) => row.target);
}

/** Addresses that name `target`, for the owner's view of what leads to a mailbox. */
export function addressesLeadingTo(db: ControlDatabase, target: string): string[] {
  const rows = db
    .select({ address: address.address })
    .from(addressTarget)
    .innerJoin(address, eq(address.id, addressTarget.addressId))
    .where(eq(addressTarget.target, target))
    .orderBy(asc(address.address))
    .limit(200)
    .all();
  return rows.map((row) => row.address);
}

export interface AddressFilter {
  readonly scope: Scope;
  readonly domain: number | null;
}

/** One page by address, and one row more when there is another page. */
export function listAddresses(db: ControlDatabase, filter: AddressFilter, request: ListRequest): { rows: AddressListRow[]; total: number } {
  const found = contains(request.q, address.address);
  const inTargets =
    request.q === ''
      ? undefined
      : sql`EXISTS (SELECT 1 FROM address_target t WHERE t.address_id = ${address.id} AND instr(t.target, ${request.q.toLowerCase()}) > 0)`;
  const matching = and(
    withinScope(address.customerId, filter.scope),
    filter.domain === null ? undefined : eq(address.domainId, filter.domain),
    found === undefined ? undefined : sql`(${found} OR ${inTargets})`,
  );
  const { after } = request;
  const rest = after === null ? undefined : sql`(${address.address}, ${address.id}) > (${after.value}, ${after.id})`;
  const rows = db
    .select({ address, domainName: domain.name })
    .from(address)
    .innerJoin(domain, eq(domain.id, address.domainId))
    .where(and(matching, rest))
    .orderBy(asc(address.address), asc(address.id))
    .limit(request.limit + 1)
    .all();
  return {
    rows: rows.map((row) => ({ ...row.address, domainName: row.domainName, targets: targetsOf(db, row.address.id) })),
    total: countRows(db, address, matching),
  };
}

function setTargets(db: ControlDatabase, id: number, targets: readonly string[]): void {
  targets.forEach((target, position) => {
    db.insert(addressTarget).values({ addressId: id, position, target }).run();
  });
}
