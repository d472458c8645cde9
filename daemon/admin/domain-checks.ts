/** The history of DNS checks: each report as domaincheck made it, the newest first, and when each domain was last looked at. */
import type { ControlDatabase } from '../directory/control.ts';
import { and, desc, eq, lt, sql } from '../directory/operators.ts';
import { domainByName } from '../directory/records/domains.ts';
import { brand, type CustomerId, type Domain } from '../wire/ids.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { ownedDomain } from './domain-view.ts';
import { isoTime, readListRequest } from './read-arguments.ts';
import { domainCheck } from './schema/domain-check.ts';

export interface DomainCheckEntry {
  readonly checkedAt: string;
  readonly delivers: boolean | null;
  readonly report: unknown;
}

/** Stores a report and drops those beyond the setting `records.domainChecks`. A domain removed meanwhile is left alone. */
export function saveDomainCheck(context: AdminContext, name: Domain, check: { delivers: boolean | null; report: unknown }): void {
  const kept = context.directory.setting<number>('records.domainChecks');
  const { control } = context;
  const saved = control.record(({ db }) => {
    const domain = domainByName(db, name);
    if (domain === undefined) return undefined;
    db.insert(domainCheck)
      .values({ domainId: domain.id, checkedAt: context.now(), delivers: check.delivers, report: JSON.stringify(check.report) })
      .run();
    const oldest = sql`(SELECT id FROM domain_check WHERE domain_id = ${domain.id} ORDER BY id DESC LIMIT 1 OFFSET ${kept - 1})`;
    db.delete(domainCheck)
      .where(and(eq(domainCheck.domainId, domain.id), lt(domainCheck.id, oldest)))
      .run();
    return domain;
  });
  if (saved !== undefined) {
    context.events.publish({
      kind: 'changed',
      resource: 'domains',
      id: String(saved.id),
      name,
      customer: brand<CustomerId>(saved.customerId),
      change: 'changed',
    });
  }
}

export function listDomainChecks(
  context: AdminContext,
  actor: Actor,
  args: { readonly domain: string; readonly limit?: number },
): { readonly items: DomainCheckEntry[] } {
  const { db } = context.control;
  const domain = ownedDomain(db, actor, args.domain);
  const { limit } = readListRequest({ limit: args.limit });
  const rows = db.select().from(domainCheck).where(eq(domainCheck.domainId, domain.id)).orderBy(desc(domainCheck.id)).limit(limit).all();
  return {
    items: rows.map((row) => ({ checkedAt: isoTime(row.checkedAt), delivers: row.delivers, report: JSON.parse(row.report) as unknown })),
  };
}

/** Domains that were not checked since `beforeMs`, those waiting longest first. */
export function domainsToCheck(db: ControlDatabase, beforeMs: number, limit: number): Domain[] {
  const rows = db.all<{ name: Domain }>(sql`SELECT d.name FROM domain d LEFT JOIN domain_check c ON c.domain_id = d.id
    GROUP BY d.id HAVING coalesce(max(c.checked_at), 0) < ${beforeMs} ORDER BY max(c.checked_at) LIMIT ${limit}`);
  return rows.map((row) => row.name);
}

/** Unproven domains added since `addedMs` that were not checked since `beforeMs`: their owners are just setting them up. */
export function unprovenToCheck(
  db: ControlDatabase,
  { addedMs, beforeMs }: { addedMs: number; beforeMs: number },
  limit: number,
): Domain[] {
  const rows = db.all<{ name: Domain }>(sql`SELECT d.name FROM domain d LEFT JOIN domain_check c ON c.domain_id = d.id
    WHERE d.state = 'unproven' AND d.created_at >= ${addedMs}
    GROUP BY d.id HAVING coalesce(max(c.checked_at), 0) < ${beforeMs} ORDER BY max(c.checked_at) LIMIT ${limit}`);
  return rows.map((row) => row.name);
}
