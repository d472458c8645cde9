/** The one-time link to the set-up wizard: its secret stands in the URL's fragment, only a hash of it here, good for 24 hours and one use. */
import { createHash, randomBytes } from 'node:crypto';
import type { ControlDatabase } from '../directory/control.ts';
import { and, eq, gt, isNull } from '../directory/operators.ts';
import { Conflict, NotFound } from '../lib/errors.ts';
import { type Actor, requireHost } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type ChangeTx, commitChange } from './commit-change.ts';
import { hasHostUser } from './panel-user-rows.ts';
import { isoTime, readText } from './read-arguments.ts';
import { setupToken } from './schema/panel-user.ts';

const GOOD_FOR_MS = 86_400_000;
export const IS_SET_UP = 'This server is set up already';
const NOT_OPEN = 'This link was used already or is older than a day. Run mailstead setup --link for a new one';

export interface CreateSetupLinkArguments {
  /** Suggestions for the wizard. */
  readonly hostname?: string;
  readonly email?: string;
}

/** A new link's secret; earlier links end. Conflict once the server is set up. */
export function createSetupLink(
  context: AdminContext,
  actor: Actor,
  args: CreateSetupLinkArguments,
): { readonly secret: string; readonly expiresAt: string } {
  requireHost(actor);
  const secret = randomBytes(24).toString('base64url');
  const hostname = readText('hostname', args.hostname, { max: 255, optional: true });
  const email = readText('email', args.email, { max: 320, optional: true });
  return commitChange(context, actor, (tx) => {
    if (hasHostUser(tx.db)) throw new Conflict(IS_SET_UP);
    endSetupLinks(tx);
    const expiresAt = tx.nowMs + GOOD_FOR_MS;
    tx.db
      .insert(setupToken)
      .values({ purpose: 'setup', hash: hashOf(secret), hostname, email, createdAt: tx.nowMs, expiresAt })
      .run();
    tx.note({ action: 'setup-link.create', object: hostname, customer: null });
    return { secret, expiresAt: isoTime(expiresAt) };
  });
}

/** What the wizard fills in; NotFound when the link is used, expired or wrong. */
export function checkSetupLink(
  context: AdminContext,
  _visitor: Actor,
  args: { readonly secret: string },
): { readonly hostname: string; readonly email: string } {
  const row = openLink(context.control.db, args.secret, context.now());
  return { hostname: row.hostname, email: row.email };
}

/** Uses the link up, inside the transaction of the set-up. */
export function redeemSetupLink(tx: ChangeTx, secret: unknown): void {
  const row = openLink(tx.db, secret, tx.nowMs);
  tx.db.update(setupToken).set({ usedAt: tx.nowMs }).where(eq(setupToken.id, row.id)).run();
}

/** Ends every link that nobody used yet. */
export function endSetupLinks(tx: ChangeTx): void {
  tx.db.delete(setupToken).where(isNull(setupToken.usedAt)).run();
}

function openLink(db: ControlDatabase, secret: unknown, nowMs: number) {
  const hash = hashOf(typeof secret === 'string' ? secret.slice(0, 200) : '');
  const row = db
    .select()
    .from(setupToken)
    .where(and(eq(setupToken.hash, hash), isNull(setupToken.usedAt), gt(setupToken.expiresAt, nowMs)))
    .get();
  if (row === undefined) throw new NotFound(hasHostUser(db) ? IS_SET_UP : NOT_OPEN);
  return row;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
