/** Numbers and trouble of everything that the actor manages, for the overview: from control.db alone, no mailbox is opened. */
import type { ControlDatabase } from '../directory/control.ts';
import { and, eq, sql } from '../directory/operators.ts';
import { type Scope, withinScope } from '../directory/records/customers.ts';
import {
  type FullAccount,
  fullAccounts,
  type HostingCounts,
  hostingCounts,
  unprovenDomains,
} from '../directory/records/hosting-overview.ts';
import { domain } from '../directory/schema/domain.ts';
import { type Actor, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { domainCheck } from './schema/domain-check.ts';

const TROUBLES_MAX = 20;
/** Of its quota, in percent: a mailbox above it is worth a word. */
const NEARLY_FULL = 90;

export interface OverviewFacts extends HostingCounts {
  /** Domains whose last check found something broken. */
  readonly broken: readonly { readonly name: string; readonly delivers: boolean | null; readonly headline: string }[];
  readonly unproven: readonly string[];
  readonly nearlyFull: readonly FullAccount[];
}

export function overviewFacts({ control: { db } }: AdminContext, actor: Actor): OverviewFacts {
  const scope = scopeOf(actor);
  return {
    ...hostingCounts(db, scope),
    broken: brokenDomains(db, scope),
    unproven: unprovenDomains(db, scope, TROUBLES_MAX),
    nearlyFull: fullAccounts(db, scope, { percent: NEARLY_FULL, limit: TROUBLES_MAX }),
  };
}

/** The text search spares parsing every report: only stations and MX rows have a `state`. */
function brokenDomains(db: ControlDatabase, scope: Scope): OverviewFacts['broken'] {
  const isLatest = sql`${domainCheck.id} = (SELECT max(id) FROM domain_check WHERE domain_id = ${domain.id})`;
  const isBroken = sql`(${domainCheck.delivers} = 0 OR instr(${domainCheck.report}, '"state":"fail"') > 0)`;
  return db
    .select({
      name: domain.name,
      delivers: domainCheck.delivers,
      headline: sql<string>`coalesce(json_extract(${domainCheck.report}, '$.headline'), '')`,
    })
    .from(domain)
    .innerJoin(domainCheck, isLatest)
    .where(and(eq(domain.state, 'proven'), withinScope(domain.customerId, scope), isBroken))
    .orderBy(domainCheck.delivers, domain.name)
    .limit(TROUBLES_MAX)
    .all();
}
