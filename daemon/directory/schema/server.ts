/**
 * What the server as a whole keeps.
 *
 * 1. `setting`: only values that differ from their default; the keys stand in directory/settings.ts.
 * 2. `counter`: numbers that only grow; `directory` grows with each change that protocol threads must see (control.ts).
 * 3. `secret`: random keys made once, such as the one that app passwords and tokens are hashed with.
 */
import { blob, integer, sqliteTable, text } from './drizzle.ts';

export const setting = sqliteTable('setting', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
  changedAt: integer('changed_at').notNull(),
});

export const counter = sqliteTable('counter', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
});

export const secret = sqliteTable('secret', {
  name: text('name').primaryKey(),
  value: blob('value', { mode: 'buffer' }).notNull(),
});
