/** History of domain checks: `report` is the JSON that domaincheck made, `delivers` null when it could not tell. */

import { domain } from '../../directory/schema/domain.ts';
import { index, integer, sqliteTable, text } from '../../directory/schema/drizzle.ts';

export const domainCheck = sqliteTable(
  'domain_check',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    domainId: integer('domain_id')
      .notNull()
      .references(() => domain.id, { onDelete: 'cascade' }),
    checkedAt: integer('checked_at').notNull(),
    delivers: integer('delivers', { mode: 'boolean' }),
    report: text('report').notNull(),
  },
  (table) => [index('domain_check_domain').on(table.domainId, table.id)],
);
