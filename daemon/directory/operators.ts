/** SQL operators for the owners of tables, from the same copy of drizzle as the connection's (schema/drizzle.ts says why CommonJS). */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export const { and, asc, count, desc, eq, gt, inArray, isNull, lt, lte, or, sql } = load('drizzle-orm') as typeof import('drizzle-orm');
