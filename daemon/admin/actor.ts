/**
 * Who asks for something, and what they may touch.
 *
 * 1. Role and ownership are both checked by the use case itself: routes and the command line only say who is asking.
 * 2. Another customer's object answers NotFound, as one that does not exist.
 */
import type { ControlDatabase } from '../directory/control.ts';
import { customerById, type Scope } from '../directory/records/customers.ts';
import { NotFound, Rejected } from '../lib/errors.ts';
import type { AccountId, CustomerId } from '../wire/ids.ts';

export type ActorKind = 'host' | 'reseller' | 'customer' | 'account' | 'system' | 'cli' | 'visitor';

export interface Actor {
  readonly kind: ActorKind;
  /** Panel user, or account for mailbox users; null for system, cli, visitor and tokens. */
  readonly id: number | null;
  /** For the audit log: log-in, token label, `command line`. */
  readonly name: string;
  /** Whose side they are on; null for system, cli, visitor. */
  readonly customer: CustomerId | null;
  /** '' when not over a network. */
  readonly remoteAddress: string;
}

/** The daemon itself: jobs, checks. */
export const SYSTEM: Actor = { kind: 'system', id: null, name: 'Mailstead', customer: null, remoteAddress: '' };
/** Whoever owns the data directory. */
export const COMMAND_LINE: Actor = { kind: 'cli', id: null, name: 'command line', customer: null, remoteAddress: '' };

export function isHost(actor: Actor): boolean {
  return actor.kind === 'host' || actor.kind === 'cli' || actor.kind === 'system';
}

export function requireHost(actor: Actor): void {
  if (!isHost(actor)) throw new Rejected('Only the host may do this');
}

/** Whoever manages domains and mailboxes: not a mailbox user, not a visitor. */
export function requireManager(actor: Actor): void {
  if (!isHost(actor) && actor.kind !== 'reseller' && actor.kind !== 'customer') throw new Rejected('You may not do this');
}

/** What lists show to this actor. */
export function scopeOf(actor: Actor): Scope {
  if (isHost(actor)) return { kind: 'all' };
  requireManager(actor);
  if (actor.customer === null) throw new Rejected('You may not do this');
  return { kind: 'customer', customer: actor.customer };
}

/** May the actor manage what belongs to this customer? */
export function mayManage(db: ControlDatabase, actor: Actor, owner: number): boolean {
  if (isHost(actor)) return true;
  if (actor.kind === 'customer') return actor.customer === owner;
  if (actor.kind !== 'reseller') return false;
  return actor.customer === owner || customerById(db, owner)?.parentId === actor.customer;
}

/** NotFound with `sentence` unless `row` is there and the actor may manage it. */
export function requireOwned<Row extends { readonly customerId: number }>(
  db: ControlDatabase,
  actor: Actor,
  row: Row | undefined,
  sentence: string,
): Row {
  if (row === undefined || !mayManage(db, actor, row.customerId)) throw new NotFound(sentence);
  return row;
}

/** A mailbox user and their own mailbox. */
export function isSelf(actor: Actor, account: AccountId | number): boolean {
  return actor.kind === 'account' && actor.id === account;
}
