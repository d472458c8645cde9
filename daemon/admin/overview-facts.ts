/** Numbers and trouble of everything that the actor manages, for the overview: from control.db alone, no mailbox is opened. */
import type { ControlDatabase } from '../directory/control.ts';
import { sql } from '../directory/operators.ts';
import { type Actor, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';

const TROUBLES_MAX = 20;
/** Of its quota, in percent: a mailbox above it is worth a word. */
const NEARLY_FULL = 90;

export interface OverviewFacts {
  readonly domains: number;
  readonly mailboxes: number;
  readonly forwarders: number;
  readonly usageBytes: number;
  /** Domains whose last check found something broken. */
  readonly broken: readonly { readonly name: string; readonly delivers: boolean | null; readonly headline: string }[];
  readonly unproven: readonly string[];
  readonly nearlyFull: readonly {
    readonly id: string;
    readonly address: string;
    readonly usageBytes: number;
    readonly quotaBytes: number;
  }[];
}

export function overviewFacts(context: AdminContext, actor: Actor): OverviewFacts {
  const { db } = context.control;
  const scope = scopeOf(actor);
  const mine = (table: string) =>
    scope.kind === 'all'
      ? sql`1`
      : sql`${sql.raw(table)}.customer_id IN (SELECT id FROM customer WHERE id = ${scope.customer} OR parent_id = ${scope.customer})`;
  const counts = db.get<{ domains: number; mailboxes: number; forwarders: number; usageBytes: number }>(sql`SELECT
    (SELECT count(*) FROM domain WHERE ${mine('domain')}) AS domains, (SELECT count(*) FROM account WHERE ${mine('account')}) AS mailboxes,
    (SELECT count(*) FROM address WHERE ${mine('address')}) AS forwarders,
    (SELECT coalesce(sum(usage_bytes), 0) FROM account WHERE ${mine('account')}) AS usageBytes`);
  return {
    ...counts,
    broken: brokenDomains(db, mine('d')),
    unproven: db
      .all<{ name: string }>(
        sql`SELECT name FROM domain WHERE state = 'unproven' AND ${mine('domain')} ORDER BY id DESC LIMIT ${TROUBLES_MAX}`,
      )
      .map((row) => row.name),
    nearlyFull: db
      .all<{ id: number; address: string; usageBytes: number; quotaBytes: number }>(
        sql`SELECT id, address, usage_bytes AS usageBytes, quota_bytes AS quotaBytes FROM account
          WHERE quota_bytes IS NOT NULL AND usage_bytes * 100 >= quota_bytes * ${NEARLY_FULL} AND ${mine('account')}
          ORDER BY CAST(usage_bytes AS REAL) / quota_bytes DESC LIMIT ${TROUBLES_MAX}`,
      )
      .map((row) => ({ ...row, id: String(row.id) })),
  };
}

/** The text search spares parsing every report: only stations and MX rows have a `state`. */
function brokenDomains(db: ControlDatabase, mine: ReturnType<typeof sql>): OverviewFacts['broken'] {
  return db
    .all<{ name: string; delivers: number | null; headline: string }>(
      sql`SELECT d.name, c.delivers, coalesce(json_extract(c.report, '$.headline'), '') AS headline FROM domain d
        JOIN domain_check c ON c.id = (SELECT max(id) FROM domain_check WHERE domain_id = d.id)
        WHERE d.state = 'proven' AND ${mine} AND (c.delivers = 0 OR instr(c.report, '"state":"fail"') > 0)
        ORDER BY c.delivers, d.name LIMIT ${TROUBLES_MAX}`,
    )
    .map((row) => ({ ...row, delivers: row.delivers === null ? null : row.delivers === 1 }));
}
