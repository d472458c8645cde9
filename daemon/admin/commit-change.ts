/**
 * The one way in which a use case changes control.db: a transaction that also holds the audit row, and events after its commit.
 */
import type { ControlDatabase, ControlTx } from '../directory/control.ts';
import { brand, type CustomerId } from '../wire/ids.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import type { AdminEvent, AdminResource } from './admin-events.ts';
import { audit } from './schema/audit.ts';

/** One line of the audit log. */
export interface AuditNote {
  /** `domain.add`, `account.password`, ... */
  readonly action: string;
  /** What was touched, as people name it. */
  readonly object: string;
  readonly customer: number | null;
  /** Facts before and after; never secrets. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface ChangeTx {
  readonly db: ControlDatabase;
  readonly nowMs: number;
  note(note: AuditNote): void;
  /** Tells `changed` after the commit. */
  tell(
    resource: AdminResource,
    change: 'created' | 'changed' | 'removed',
    object: { id: number | string; name: string; customer: number | null },
  ): void;
  publish(event: AdminEvent): void;
}

type ChangeWork<T> = ((tx: ChangeTx) => T) & ([T] extends [never] ? unknown : T extends PromiseLike<unknown> ? never : unknown);

/** Runs `work` in one transaction. An async callback does not compile. */
export function commitChange<T>(context: AdminContext, actor: Actor, work: ChangeWork<T>): T {
  const run = (tx: ControlTx): T => work(changeTx(context, actor, tx));
  // `ChangeWork` has refused promises already; for an open `T` the compiler cannot see that a second time.
  return context.control.transact<T>(run as never);
}

/** The same for what the other threads need not hear of: log-ins of the panel. */
export function commitQuietly<T>(context: AdminContext, actor: Actor, work: ChangeWork<T>): T {
  const run = (tx: ControlTx): T => work(changeTx(context, actor, tx));
  return context.control.record<T>(run as never);
}

function changeTx(context: AdminContext, actor: Actor, tx: ControlTx): ChangeTx {
  const nowMs = context.now();
  const publish = (event: AdminEvent): void => tx.afterCommit(() => context.events.publish(event));
  return {
    db: tx.db,
    nowMs,
    publish,
    note({ action, object, customer, detail }) {
      tx.db
        .insert(audit)
        .values({
          at: nowMs,
          actorKind: actor.kind,
          actorId: actor.id,
          actorName: actor.name,
          customerId: customer,
          remoteAddress: actor.remoteAddress,
          action,
          object,
          detail: JSON.stringify(detail ?? {}),
        })
        .run();
    },
    tell(resource, change, { id, name, customer }) {
      publish({
        kind: 'changed',
        resource,
        id: String(id),
        name,
        customer: customer === null ? null : brand<CustomerId>(customer),
        change,
      });
    },
  };
}
