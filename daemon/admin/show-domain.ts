/** One domain: what lists show, the last check's report, the token that proves it, and its public DKIM keys. */
import { dkimKeysOf, domainListRow } from '../directory/records/domains.ts';
import { NotFound } from '../lib/errors.ts';
import type { Actor } from './actor.ts';
import type { AdminContext } from './admin-context.ts';
import { type DomainItem, domainItem, ownedDomain } from './domain-view.ts';

export interface DomainDetail {
  readonly domain: DomainItem;
  /** As domaincheck made it, null before the first. */
  readonly report: unknown;
  /** The TXT record that proves the domain while it is unproven. */
  readonly proof: { readonly name: string; readonly value: string } | null;
  readonly keys: readonly {
    readonly selector: string;
    readonly algorithm: 'rsa-sha256' | 'ed25519-sha256';
    readonly publicKey: string;
    readonly active: boolean;
  }[];
}

export function showDomain(context: AdminContext, actor: Actor, args: { readonly domain: string }): DomainDetail {
  const { db } = context.control;
  const { id, name } = ownedDomain(db, actor, args.domain);
  const row = domainListRow(db, name);
  if (row === undefined) throw new NotFound(`${name} is not hosted here`);
  return {
    domain: domainItem(row),
    report: row.report === null ? null : (JSON.parse(row.report) as unknown),
    proof: row.state === 'unproven' ? { name: `_mailstead.${name}`, value: row.proofToken } : null,
    keys: dkimKeysOf(db, id).map(({ selector, algorithm, publicKey, active }) => ({ selector, algorithm, publicKey, active })),
  };
}
