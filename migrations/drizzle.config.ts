/** drizzle-kit's settings: `drizzle-kit generate --config migrations/drizzle.config.ts --name <what-it-adds>`, run in the project's root. */
export default {
  dialect: 'sqlite' as const,
  schema: ['./daemon/directory/schema/*.ts', './daemon/admin/schema/*.ts'],
  out: './migrations',
};
