/** What every list takes (a search, a page size, where the page before ended: key-set paging) and the conditions made of it. */

import type { SQL } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { ControlDatabase } from '../control.ts';
import { and, count, or, sql } from '../operators.ts';

export interface ListRequest {
  /** '' = everything. */
  readonly q: string;
  readonly limit: number;
  readonly after: Cursor | null;
}

/** The last row of the page before: its sort value and id. */
export interface Cursor {
  readonly value: string | number;
  readonly id: number;
}

/** The text anywhere in one of the columns, capitals or not; undefined when there is nothing to search. */
export function contains(q: string, ...columns: SQLiteColumn[]): SQL | undefined {
  if (q === '') return undefined;
  const wanted = q.toLowerCase();
  return or(...columns.map((column) => sql`instr(lower(${column}), ${wanted}) > 0`));
}

export function countRows(db: ControlDatabase, table: SQLiteTable, ...conditions: (SQL | undefined)[]): number {
  return (
    db
      .select({ rows: count() })
      .from(table)
      .where(and(...conditions))
      .get()?.rows ?? 0
  );
}
