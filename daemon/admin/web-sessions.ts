/**
 * Log-ins of the panel: made at sign-in, found by the cookie's token, ended by their owner, by time, or by a new password.
 *
 * 1. Only SHA-256 of the token is stored; the token itself has 256 bits and is shown to the browser once.
 * 2. A session ends `panel.sessionIdle` after its last use and `panel.sessionMax` after its start.
 * 3. "Last used" is written at most once a minute, so that reading pages does not write.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { ControlDatabase } from '../directory/control.ts';
import { and, desc, eq, lte } from '../directory/operators.ts';
import { NotFound } from '../lib/errors.ts';
import { type AccountId, brand, type CustomerId } from '../wire/ids.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type ChangeTx, commitQuietly } from './commit-change.ts';
import { panelUserById } from './panel-user-rows.ts';
import { isoTime, readId } from './read-arguments.ts';
import { webSession } from './schema/panel-user.ts';

const TOUCH_EVERY_MS = 60_000;

export type SessionOwner = { readonly kind: 'panel-user'; readonly id: number } | { readonly kind: 'account'; readonly id: number };

export interface NewSession {
  readonly owner: SessionOwner;
  /** As the audit log names it. */
  readonly login: string;
  readonly agent: string;
}

/** What the browser gets: the cookie's value and the CSRF token. */
export interface GivenSession {
  readonly id: string;
  readonly token: string;
  readonly csrf: string;
  readonly expiresAt: string;
}

/** `visitor` has just shown the right password. */
export function openSession(context: AdminContext, visitor: Actor, session: NewSession): GivenSession {
  const token = randomBytes(32).toString('base64url');
  const csrf = randomBytes(24).toString('base64url');
  const maxS = context.directory.setting<number>('panel.sessionMax');
  const { owner, login } = session;
  const row = commitQuietly(context, { ...visitor, name: login }, (tx) => {
    tx.note({ action: 'session.open', object: login, customer: null });
    return tx.db
      .insert(webSession)
      .values({
        tokenHash: hashOf(token),
        csrf,
        panelUserId: owner.kind === 'panel-user' ? owner.id : null,
        accountId: owner.kind === 'account' ? owner.id : null,
        createdAt: tx.nowMs,
        lastUsedAt: tx.nowMs,
        expiresAt: tx.nowMs + maxS * 1_000,
        remoteAddress: visitor.remoteAddress,
        agent: session.agent.slice(0, 300),
      })
      .returning()
      .get();
  });
  return { id: String(row.id), token, csrf, expiresAt: isoTime(row.expiresAt) };
}

export interface PresentSession {
  readonly id: string;
  readonly csrf: string;
  readonly actor: Actor;
  readonly owner: SessionOwner;
  /** Display name. */
  readonly name: string;
}

/** Who stands behind a cookie; undefined when nobody does any more. */
export function findSession(context: AdminContext, token: string, remoteAddress: string): PresentSession | undefined {
  const { db } = context.control;
  const row = db
    .select()
    .from(webSession)
    .where(eq(webSession.tokenHash, hashOf(token)))
    .get();
  const now = context.now();
  if (row === undefined || row.expiresAt <= now) return undefined;
  if (row.lastUsedAt + context.directory.setting<number>('panel.sessionIdle') * 1_000 <= now) return undefined;
  const present = row.panelUserId === null ? accountSession(context, row, remoteAddress) : panelUserSession(db, row, remoteAddress);
  if (present !== undefined && now - row.lastUsedAt >= TOUCH_EVERY_MS) {
    context.control.record((tx) => {
      tx.db.update(webSession).set({ lastUsedAt: now, remoteAddress }).where(eq(webSession.id, row.id)).run();
    });
  }
  return present;
}

type SessionRow = typeof webSession.$inferSelect;

function panelUserSession(db: ControlDatabase, row: SessionRow, remoteAddress: string): PresentSession | undefined {
  const user = panelUserById(db, row.panelUserId ?? 0);
  if (user === undefined || user.suspended) return undefined;
  const actor: Actor = { kind: user.role, id: user.id, name: user.email, customer: brand<CustomerId>(user.customerId), remoteAddress };
  return {
    id: String(row.id),
    csrf: row.csrf,
    actor,
    owner: { kind: 'panel-user', id: user.id },
    name: user.name === '' ? user.email : user.name,
  };
}

/** The directory's view: a suspended domain or customer suspends its mailboxes. */
function accountSession({ directory }: AdminContext, row: SessionRow, remoteAddress: string): PresentSession | undefined {
  const account = directory.account(brand<AccountId>(row.accountId ?? 0));
  if (account === undefined || account.suspendedLogin) return undefined;
  const actor: Actor = { kind: 'account', id: account.id, name: account.address, customer: account.customer, remoteAddress };
  return {
    id: String(row.id),
    csrf: row.csrf,
    actor,
    owner: { kind: 'account', id: account.id },
    name: account.name === '' ? account.address : account.name,
  };
}

export interface OpenSessionItem {
  readonly id: string;
  readonly address: string;
  readonly agent: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
}

/** The actor's own log-ins, the latest first. */
export function listSessions(context: AdminContext, actor: Actor, _args: Record<string, never>): { readonly items: OpenSessionItem[] } {
  const rows = context.control.db
    .select()
    .from(webSession)
    .where(ownedBy(ownerOf(actor)))
    .orderBy(desc(webSession.lastUsedAt))
    .limit(100)
    .all();
  return {
    items: rows.map((row) => ({
      id: String(row.id),
      address: row.remoteAddress,
      agent: row.agent,
      createdAt: isoTime(row.createdAt),
      lastUsedAt: isoTime(row.lastUsedAt),
    })),
  };
}

/** Ends one of the actor's own log-ins; signing out is ending the present one. */
export function endSession(context: AdminContext, actor: Actor, args: { readonly session: string }): Record<string, never> {
  const id = readId('session', args.session);
  return commitQuietly(context, actor, (tx) => {
    const ended = tx.db
      .delete(webSession)
      .where(and(eq(webSession.id, id), ownedBy(ownerOf(actor))))
      .run();
    if (ended.changes === 0) throw new NotFound('There is no such log-in');
    tx.note({ action: 'session.end', object: actor.name, customer: actor.customer });
    tx.publish({ kind: 'session-ended', session: String(id) });
    return {};
  });
}

/** Ends all log-ins of someone whose password changed, but `keep`. */
export function endSessionsOf(tx: ChangeTx, owner: SessionOwner, keep: string | undefined): void {
  const rows = tx.db.select({ id: webSession.id }).from(webSession).where(ownedBy(owner)).all();
  for (const { id } of rows) {
    if (String(id) === keep) continue;
    tx.db.delete(webSession).where(eq(webSession.id, id)).run();
    tx.publish({ kind: 'session-ended', session: String(id) });
  }
}

/** Housekeeping: drops what has expired. */
export function sweepSessions(context: AdminContext): number {
  return context.control.record(({ db }) => db.delete(webSession).where(lte(webSession.expiresAt, context.now())).run().changes);
}

function ownerOf(actor: Actor): SessionOwner {
  if (actor.id === null) throw new NotFound('There is no such log-in');
  return { kind: actor.kind === 'account' ? 'account' : 'panel-user', id: actor.id };
}

function ownedBy(owner: SessionOwner) {
  return owner.kind === 'account' ? eq(webSession.accountId, owner.id) : eq(webSession.panelUserId, owner.id);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
