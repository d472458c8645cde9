/**
 * May this machine send for the domain? The SPF record, its look-up budget, and each of our addresses held against it.
 *
 * Specifications: RFC 7208 §3 (one record), §4.6.4 (budget), §8 (what receivers conclude).
 */

import { isIPv4 } from 'node:net';
import { isUnroutedAddress } from '../dns/address-kind.ts';
import type { Inquiry } from './inquiry.ts';
import type { Finding, RecordText } from './report.ts';
import { evaluateSpf, MAX_LOOKUPS, MAX_VOIDS, type SpfReport, type SpfResult } from './spf-evaluate.ts';

/** Checks the SPF record of `domain` for every address that mail of ours can come from. */
export async function checkSpf(domain: string, inquiry: Inquiry): Promise<Finding[]> {
  const routed = inquiry.own.addresses.filter((address) => !isUnroutedAddress(address));
  const addresses = inquiry.allowPrivate && routed.length === 0 ? inquiry.own.addresses : routed;
  const report = await evaluateSpf(domain, addresses, inquiry);
  const fix = (value: string): RecordText => ({ name: domain, type: 'TXT', value, ttl: 3600 });
  const common = { subject: '', asked: report.asked };
  if (report.record === undefined) return [{ ...common, id: 'spf', ...absent(domain, report, fix) }];
  const record: Finding = { ...common, id: 'spf', ...wording(domain, report, report.record) };
  return [record, ...budget(domain, report, common), ...senders(domain, { report, record: report.record, fix, addresses, inquiry })];
}

type Verdict = Omit<Finding, 'id' | 'subject' | 'asked'>;

const EXPECTED = 'v=spf1 mx ~all';

function absent(domain: string, report: SpfReport, fix: (value: string) => RecordText): Verdict {
  const why = 'Receivers look here to learn which machines may send mail in the name of the domain.';
  if (report.temporary) {
    return {
      level: 'unknown',
      title: `Who may send for ${domain} could not be found out`,
      found: 'the name server did not answer',
      expected: EXPECTED,
      fix: null,
      why,
    };
  }
  if (report.count > 1) {
    return {
      level: 'fail',
      title: `Join the ${report.count} SPF records of ${domain} into one`,
      found: `${report.count} records that begin with v=spf1`,
      expected: 'Exactly one',
      fix: null,
      why: 'With several records receivers cannot choose and trust none.',
    };
  }
  return {
    level: 'warn',
    title: `Say that this server may send for ${domain}`,
    found: 'no SPF record',
    expected: EXPECTED,
    fix: fix(EXPECTED),
    why,
  };
}

function wording(domain: string, report: SpfReport, record: string): Verdict {
  const isBroken = [...report.results.values()].includes('permerror') && report.problems.length > 0;
  if (isBroken) {
    const why = 'Receivers that cannot read the record treat mail of the domain as unproven.';
    return {
      level: 'fail',
      title: `Mend the SPF record of ${domain}`,
      found: `${record} - ${report.problems.join('; ')}`,
      expected: 'A record that can be read to its end',
      fix: null,
      why,
    };
  }
  if (/(?:^| )\+?all(?: |$)/i.test(record)) {
    const why = '"+all" allows every machine of the world to send in the name of the domain.';
    return {
      level: 'warn',
      title: `Stop allowing everyone to send for ${domain}`,
      found: record,
      expected: '~all or -all at the end',
      fix: { name: domain, type: 'TXT', value: record.replace(/\+?all(?=\s|$)/i, '~all'), ttl: 3600 },
      why,
    };
  }
  const hint = report.problems.length > 0;
  return {
    level: hint ? 'hint' : 'ok',
    title: hint ? `Tidy the SPF record of ${domain}` : `${domain} says who may send for it`,
    found: hint ? `${record} - ${report.problems.join('; ')}` : record,
    expected: 'One record that can be read to its end',
    fix: null,
    why: 'Receivers look here to learn which machines may send mail in the name of the domain.',
  };
}

function budget(domain: string, report: SpfReport, common: { subject: string; asked: readonly string[] }): Finding[] {
  const { lookups, voids } = report;
  const found = `${lookups} of ${MAX_LOOKUPS} look-ups, ${voids} of ${MAX_VOIDS} without an answer`;
  const base = {
    ...common,
    id: 'spf-lookups' as const,
    found,
    expected: `At most ${MAX_LOOKUPS} look-ups, ${MAX_VOIDS} of them without an answer`,
    fix: null,
  };
  // RFC 7208 §4.6.4
  const why = 'Receivers stop counting at ten look-ups and then treat the whole record as broken.';
  if (lookups > MAX_LOOKUPS)
    return [{ ...base, level: 'fail', title: `Shorten the SPF record of ${domain}: it needs ${lookups} look-ups`, why }];
  if (voids > MAX_VOIDS)
    return [
      {
        ...base,
        level: 'warn',
        title: `Remove the names that do not exist from the SPF record of ${domain}`,
        why: 'Receivers may stop after two names that lead nowhere and treat the record as broken.',
      },
    ];
  if (lookups === MAX_LOOKUPS) return [{ ...base, level: 'hint', title: `The SPF record of ${domain} has used up its look-ups`, why }];
  return [{ ...base, level: 'ok', title: 'The SPF record stays within its limits', why }];
}

interface Senders {
  readonly report: SpfReport;
  readonly record: string;
  readonly fix: (value: string) => RecordText;
  readonly addresses: readonly string[];
  readonly inquiry: Inquiry;
}

function senders(domain: string, { report, record, fix, addresses, inquiry }: Senders): Finding[] {
  const refused = addresses.filter((address) => report.results.get(address) !== 'pass' && report.results.get(address) !== 'temperror');
  return addresses.map((address) => {
    const result = report.results.get(address) ?? 'neutral';
    const base = {
      id: 'spf-addresses' as const,
      subject: address,
      found: `${address}: ${result}`,
      expected: `${address}: pass`,
      asked: report.asked,
    };
    if (result === 'pass')
      return {
        ...base,
        level: 'ok',
        title: `${address} may send for ${domain}`,
        fix: null,
        why: 'This server sends from that address, and the SPF record allows it.',
      };
    if (result === 'temperror') {
      return {
        ...base,
        level: 'unknown',
        title: `Whether ${address} may send for ${domain} could not be found out`,
        fix: null,
        why: 'A name server that the SPF record leads to did not answer.',
      };
    }
    const value = record.replace(/^v=spf1/i, `v=spf1 ${refused.map((each) => `${isIPv4(each) ? 'ip4' : 'ip6'}:${each}`).join(' ')}`);
    const level = isUnroutedAddress(address) ? 'hint' : result === 'fail' || result === 'permerror' ? 'fail' : 'warn';
    const why = WHY[result];
    // A broken record is mended first: adding to it changes nothing.
    const isMendable = result !== 'permerror';
    return {
      ...base,
      level,
      title: `Say that ${address} may send for ${domain}`,
      fix: isMendable && !isUnroutedAddress(address) ? fix(value) : null,
      why: `${inquiry.hostname} sends from ${address}. ${why}`,
    };
  });
}

const WHY: Readonly<Record<Exclude<SpfResult, 'pass' | 'temperror'>, string>> = {
  fail: 'The SPF record forbids it, so receivers refuse such mail.',
  softfail: 'The SPF record does not name it, so receivers file such mail as junk.',
  neutral: 'The SPF record does not name it, so receivers take such mail for unproven.',
  none: 'There is no SPF record, so receivers take such mail for unproven.',
  permerror: 'The SPF record is broken, so receivers take such mail for unproven.',
};
