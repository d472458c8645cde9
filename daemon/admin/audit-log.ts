/** The audit log, the latest first, a page at a time; and its sweeping after `records.auditDays`. */
import { and, desc, eq, lt, lte, or, sql } from '../directory/operators.ts';
import { contains, type ListRequest } from '../directory/records/list-request.ts';
import { type Actor, isHost, requireManager, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import type { ListArguments } from './list-domains.ts';
import { isoTime, pageOf, readListRequest } from './read-arguments.ts';
import { audit } from './schema/audit.ts';

const SWEEP_ROWS = 500;

export interface AuditItem {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  /** JSON: facts before and after. */
  readonly detail: string;
  /** IP address, '' when not over a network. */
  readonly address: string;
}

/** The host sees all of it, others what was done to their own. */
export function listAudit(
  context: AdminContext,
  actor: Actor,
  args: ListArguments,
): { readonly items: AuditItem[]; readonly next: string | null } {
  requireManager(actor);
  const request = readListRequest(args);
  const rows = context.control.db
    .select()
    .from(audit)
    .where(and(mine(actor), contains(request.q, audit.object, audit.actorName, audit.action), older(request)))
    .orderBy(desc(audit.id))
    .limit(request.limit + 1)
    .all();
  const { items, next } = pageOf({ rows, total: 0 }, request.limit, item, (row) => ({ value: row.at, id: row.id }));
  return { items, next };
}

/** Drops up to 500 entries that are too old; answers how many, so that the caller goes on in slices. */
export function sweepAudit(context: AdminContext): number {
  const before = context.now() - context.directory.setting<number>('records.auditDays') * 86_400_000;
  const oldest = sql`(SELECT id FROM audit WHERE at < ${before} ORDER BY id LIMIT 1 OFFSET ${SWEEP_ROWS - 1})`;
  return context.control.record(
    ({ db }) =>
      db
        .delete(audit)
        .where(and(lt(audit.at, before), or(lte(audit.id, oldest), sql`${oldest} IS NULL`)))
        .run().changes,
  );
}

function mine(actor: Actor) {
  if (isHost(actor)) return undefined;
  const scope = scopeOf(actor);
  return scope.kind === 'all' ? undefined : eq(audit.customerId, scope.customer);
}

function older({ after }: ListRequest) {
  return after === null ? undefined : lt(audit.id, after.id);
}

function item(row: typeof audit.$inferSelect): AuditItem {
  return {
    id: String(row.id),
    at: isoTime(row.at),
    actor: row.actorName,
    action: row.action,
    object: row.object,
    detail: row.detail,
    address: row.remoteAddress,
  };
}
