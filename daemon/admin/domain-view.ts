/** A domain as the panel, the API and the command line show it. */
import type { ControlDatabase } from '../directory/control.ts';
import { type DomainListRow, type DomainRecord, domainByName } from '../directory/records/domains.ts';
import { displayDomain } from '../wire/address/domain.ts';
import { brand, type Domain } from '../wire/ids.ts';
import { type Actor, requireOwned } from './actor.ts';
import { isoTime, isoTimeOrNull, readDomain } from './read-arguments.ts';

export type StationState = 'ok' | 'warn' | 'fail' | 'info' | 'wait' | 'off';

export interface DomainItem {
  readonly id: string;
  readonly name: string;
  readonly display: string;
  readonly state: 'unproven' | 'proven' | 'suspended';
  readonly suspendedReason: string | null;
  readonly customer: { readonly id: string; readonly name: string };
  readonly mailboxes: number;
  readonly addresses: number;
  readonly usageBytes: number;
  readonly createdAt: string;
  /** Of the last check; empty and null before the first. */
  readonly line: StationState[];
  readonly checkedAt: string | null;
  readonly headline: string | null;
}

/** What of a stored check lists show. */
interface ReportSummary {
  readonly headline?: string;
  readonly line?: readonly { readonly state: StationState }[];
}

export function domainItem(row: DomainListRow): DomainItem {
  const report = row.report === null ? undefined : (JSON.parse(row.report) as ReportSummary);
  return {
    id: String(row.id),
    name: row.name,
    display: displayDomain(brand<Domain>(row.name)),
    state: row.state,
    suspendedReason: row.suspendedReason,
    customer: { id: String(row.customerId), name: row.customerName },
    mailboxes: row.mailboxes,
    addresses: row.addresses,
    usageBytes: row.usageBytes,
    createdAt: isoTime(row.createdAt),
    line: (report?.line ?? []).map((station) => station.state),
    checkedAt: isoTimeOrNull(row.checkedAt),
    headline: report?.headline ?? null,
  };
}

/** The domain that `args.domain` names, if the actor may manage it; NotFound otherwise. */
export function ownedDomain(db: ControlDatabase, actor: Actor, name: unknown): DomainRecord {
  const domain = readDomain('domain', name);
  return requireOwned(db, actor, domainByName(db, domain), `${displayDomain(domain)} is not hosted here`);
}
