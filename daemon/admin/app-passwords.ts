/** App passwords: one for each device or program, made by us, shown once. */

import { appPasswordsOf, deleteAppPassword, insertAppPassword, voidVerified } from '../directory/records/accounts.ts';
import { groupSecretText, makeSecretText } from '../directory/secret-text.ts';
import { serverSecret } from '../directory/server-secrets.ts';
import { Invalid, NotFound, Rejected } from '../lib/errors.ts';
import { type AccountId, brand } from '../wire/ids.ts';
import { ownedOrOwnAccount } from './account-view.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { commitChange } from './commit-change.ts';
import { isoTime, isoTimeOrNull, readId, readText } from './read-arguments.ts';

const APP_PASSWORDS_MAX = 50;
const SCOPES = ['imap', 'pop3', 'smtp', 'managesieve'] as const;
export type AppPasswordScope = (typeof SCOPES)[number];

export interface AppPasswordItem {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface CreateAppPasswordArguments {
  readonly account: string;
  readonly label: string;
  /** What it opens; absent = all of mail. */
  readonly scopes?: readonly AppPasswordScope[];
}

export function createAppPassword(
  context: AdminContext,
  actor: Actor,
  args: CreateAppPasswordArguments,
): { readonly appPassword: AppPasswordItem; readonly secret: string } {
  const label = readText('label', args.label, { max: 100 });
  const scopes = args.scopes ?? SCOPES;
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope as AppPasswordScope))) {
    throw new Invalid('scopes', `scopes are among ${SCOPES.join(', ')}`);
  }
  const secret = makeSecretText(serverSecret(context.control.connection, 'credentials'));
  return commitChange(context, actor, (tx) => {
    const account = ownedOrOwnAccount(tx.db, actor, args.account);
    if (appPasswordsOf(tx.db, account.id).length >= APP_PASSWORDS_MAX)
      throw new Rejected(`A mailbox has at most ${APP_PASSWORDS_MAX} app passwords`);
    const row = insertAppPassword(tx.db, {
      accountId: account.id,
      prefix: secret.prefix,
      hmac: secret.hmac,
      label,
      scopes: scopes.join(' '),
      createdAt: tx.nowMs,
    });
    tx.note({ action: 'app-password.create', object: account.address, customer: account.customerId, detail: { label, scopes } });
    tx.tell('mailboxes', 'changed', { id: account.id, name: account.address, customer: account.customerId });
    return { appPassword: item(row), secret: groupSecretText(secret.text) };
  });
}

export function listAppPasswords(
  context: AdminContext,
  actor: Actor,
  args: { readonly account: string },
): { readonly items: AppPasswordItem[] } {
  const { db } = context.control;
  return { items: appPasswordsOf(db, ownedOrOwnAccount(db, actor, args.account).id).map(item) };
}

/** Ends sessions too: which of them were opened with it is not kept. */
export function revokeAppPassword(
  context: AdminContext,
  actor: Actor,
  args: { readonly account: string; readonly id: string },
): Record<string, never> {
  const id = readId('id', args.id);
  return commitChange(context, actor, (tx) => {
    const account = ownedOrOwnAccount(tx.db, actor, args.account);
    if (!deleteAppPassword(tx.db, account.id, id)) throw new NotFound('There is no such app password');
    voidVerified(tx.db, account.id);
    tx.note({ action: 'app-password.revoke', object: account.address, customer: account.customerId, detail: { id } });
    tx.tell('mailboxes', 'changed', { id: account.id, name: account.address, customer: account.customerId });
    tx.publish({ kind: 'revoked', account: brand<AccountId>(account.id) });
    return {};
  });
}

function item(row: { id: number; label: string; scopes: string; createdAt: number; lastUsedAt: number | null }): AppPasswordItem {
  return {
    id: String(row.id),
    label: row.label,
    scopes: row.scopes.split(' '),
    createdAt: isoTime(row.createdAt),
    lastUsedAt: isoTimeOrNull(row.lastUsedAt),
  };
}
