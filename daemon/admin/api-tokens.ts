/** Bearer tokens of the API: made by us, shown once, stored as an HMAC; each with a role no higher than its maker's. */
import type { SQL } from 'drizzle-orm';
import type { ControlDatabase } from '../directory/control.ts';
import { and, desc, eq } from '../directory/operators.ts';
import { withinScope } from '../directory/records/customers.ts';
import { makeSecretText, matchesSecret, parseSecretText } from '../directory/secret-text.ts';
import { serverSecret } from '../directory/server-secrets.ts';
import { Invalid, NotFound, Rejected } from '../lib/errors.ts';
import { brand, type CustomerId } from '../wire/ids.ts';
import { type Actor, isHost, requireManager, scopeOf } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { customerForNew } from './customer-view.ts';
import { isoTime, isoTimeOrNull, readId, readText } from './read-arguments.ts';
import { apiToken } from './schema/panel-user.ts';

const LEAD = 'mst_';
const USE_NOTED_EVERY_MS = 60_000;

export type TokenRole = 'host' | 'reseller' | 'customer';

export interface TokenItem {
  readonly id: string;
  readonly label: string;
  readonly role: TokenRole;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface CreateTokenArguments {
  readonly label: string;
  /** One's own when absent; `customer` for the command line's `--customer`. */
  readonly role?: TokenRole;
  readonly customer?: string;
  /** RFC 3339; absent or null = does not expire. */
  readonly expiresAt?: string | null;
}

export function createToken(
  context: AdminContext,
  actor: Actor,
  args: CreateTokenArguments,
): { readonly token: TokenItem; readonly secret: string } {
  requireManager(actor);
  const label = readText('label', args.label, { max: 100 });
  const expiresAt = readExpiry(args.expiresAt, context.now());
  const role = args.role ?? (isHost(actor) ? 'host' : (actor.kind as TokenRole));
  if (!['host', 'reseller', 'customer'].includes(role)) throw new Invalid('role', 'role is host, reseller or customer');
  if (!isHost(actor) && role !== actor.kind && !(actor.kind === 'reseller' && role === 'customer'))
    throw new Rejected('A token cannot do more than you');
  const secret = makeSecretText(serverSecret(context.control.connection, 'credentials'));
  return commitChange(context, actor, (tx) => {
    const owner = customerForNew(tx.db, actor, args.customer);
    if (role !== 'host' && owner.kind === 'host' && isHost(actor) && args.customer === undefined)
      throw new Invalid('customer', `A ${role}'s token needs the customer it is for`);
    const row = tx.db
      .insert(apiToken)
      .values({ prefix: secret.prefix, hmac: secret.hmac, role, customerId: owner.id, label, createdAt: tx.nowMs, expiresAt })
      .returning()
      .get();
    tx.note({ action: 'token.create', object: label, customer: owner.id, detail: { role } });
    tx.tell('tokens', 'created', { id: row.id, name: label, customer: owner.id });
    return { token: item(row), secret: LEAD + secret.text };
  });
}

export function listTokens(context: AdminContext, actor: Actor, _args: Record<string, never>): { readonly items: TokenItem[] } {
  const rows = context.control.db.select().from(apiToken).where(visible(actor)).orderBy(desc(apiToken.id)).limit(1_000).all();
  return { items: rows.map(item) };
}

export function revokeToken(context: AdminContext, actor: Actor, args: { readonly id: string }): Record<string, never> {
  const id = readId('id', args.id);
  return commitChange(context, actor, (tx) => {
    const row = tx.db
      .select()
      .from(apiToken)
      .where(and(eq(apiToken.id, id), visible(actor)))
      .get();
    if (row === undefined) throw new NotFound('There is no such token');
    tx.db.delete(apiToken).where(eq(apiToken.id, id)).run();
    tx.note({ action: 'token.revoke', object: row.label, customer: row.customerId });
    tx.tell('tokens', 'removed', { id, name: row.label, customer: row.customerId });
    return {};
  });
}

/** Who a bearer token speaks for; undefined when it is none of ours, expired or revoked. */
export function actorOfToken(context: AdminContext, bearer: string, remoteAddress: string): Actor | undefined {
  const parsed = bearer.startsWith(LEAD) ? parseSecretText(bearer.slice(LEAD.length)) : undefined;
  const row = parsed === undefined ? undefined : findByPrefix(context.control.db, parsed.prefix);
  if (parsed === undefined || row === undefined) return undefined;
  const now = context.now();
  if (!matchesSecret(parsed.text, serverSecret(context.control.connection, 'credentials'), row.hmac)) return undefined;
  if (row.expiresAt !== null && row.expiresAt <= now) return undefined;
  if (now - (row.lastUsedAt ?? 0) >= USE_NOTED_EVERY_MS) {
    context.control.record(({ db }) => {
      db.update(apiToken).set({ lastUsedAt: now }).where(eq(apiToken.id, row.id)).run();
    });
  }
  return { kind: row.role, id: null, name: `token ${row.label}`, customer: brand<CustomerId>(row.customerId), remoteAddress };
}

function findByPrefix(db: ControlDatabase, prefix: string) {
  return db.select().from(apiToken).where(eq(apiToken.prefix, prefix)).get();
}

/** The host sees all; others those of their customers, and no host's token. */
function visible(actor: Actor): SQL | undefined {
  return withinScope(apiToken.customerId, scopeOf(actor));
}

function readExpiry(given: unknown, nowMs: number): number | null {
  if (given === undefined || given === null || given === '') return null;
  const at = typeof given === 'string' ? Date.parse(given) : Number.NaN;
  if (!Number.isFinite(at) || at <= nowMs)
    throw new Invalid('expiresAt', 'An expiry is a time in the future, such as 2030-01-31T00:00:00Z');
  return at;
}

function item(row: typeof apiToken.$inferSelect): TokenItem {
  return {
    id: String(row.id),
    label: row.label,
    role: row.role,
    createdAt: isoTime(row.createdAt),
    expiresAt: isoTimeOrNull(row.expiresAt),
    lastUsedAt: isoTimeOrNull(row.lastUsedAt),
  };
}
