/**
 * Does mail for the domain come to this machine? The MX records as senders use them, each host looked up and named.
 *
 * Invariants: 1. the answer is about what senders do: the best host that has an address decides; 2. hosts that are not this
 * machine are never called wrong for standing behind it.
 *
 * Specifications: RFC 5321 §5.1, RFC 2181 §10.3 (an MX never names an alias), RFC 7505.
 */
import { isUnroutedAddress } from '../dns/address-kind.ts';
import { type DnsAnswer, isTemporary, type MxRecord } from '../dns/answer.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { mxText } from './nameservers.ts';
import { type Finding, listText, type MxRow, type RecordText, statusText } from './report.ts';

const MAX_HOSTS = 16;

export interface MxCheck {
  readonly delivers: boolean | null;
  readonly findings: readonly Finding[];
  readonly rows: readonly MxRow[];
}

/** One MX host with what is known of it. */
interface Target {
  readonly preference: number;
  readonly host: string;
  readonly addresses: readonly string[];
  /** Addresses that a sender elsewhere could connect to. */
  readonly reachable: readonly string[];
  readonly here: boolean;
  readonly aliasOf: string | undefined;
  readonly failure: DnsAnswer<string> | undefined;
  readonly asked: readonly string[];
}

/**
 * Judges the MX records of `domain`, looking up each host.
 * @param answer what the domain's name servers say, or the resolver when they cannot be asked.
 */
export async function checkMx(domain: string, answer: DnsAnswer<MxRecord>, inquiry: Inquiry): Promise<MxCheck> {
  const fix = mxFix(domain, inquiry);
  if (answer.status !== 'ok') return withoutMx(domain, { answer, fix, inquiry });
  const named = answer.records.filter((record) => record.exchange !== '.');
  if (named.length === 0) return nullMx(domain, answer, fix);
  const sorted = [...named].sort((a, b) => a.preference - b.preference).slice(0, MAX_HOSTS);
  const targets = await Promise.all(sorted.map((record) => lookUp(record, inquiry)));
  const delivers = leadsHere(targets);
  return {
    delivers,
    rows: targets.map((target) => row(target, targets)),
    findings: [
      {
        ...base('mx-present', answer),
        level: 'ok',
        title: `${domain} says where its mail goes`,
        found: mxText(answer),
        expected: 'MX records',
        fix: null,
        why: WHY_PRESENT,
      },
      here(domain, { answer, targets, delivers, fix }),
      ...others(targets, answer),
      ...targets.flatMap((target) => faults(target, fix)),
    ],
  };
}

/** Would mail come here if these were the MX records? For what a single name server says. */
export async function wouldDeliver(answer: DnsAnswer<MxRecord>, inquiry: Inquiry): Promise<boolean | null> {
  if (isTemporary(answer)) return null;
  const targets = answer.records.filter((record) => record.exchange !== '.').slice(0, MAX_HOSTS);
  return leadsHere(await Promise.all(targets.map((record) => lookUp(record, inquiry))));
}

const WHY_PRESENT = 'Senders read these records to learn which server takes the mail.';

function mxFix(domain: string, inquiry: Inquiry): RecordText {
  return { name: domain, type: 'MX', value: `10 ${inquiry.hostname}.`, ttl: 3600 };
}

function base(id: Finding['id'], ...answers: DnsAnswer<unknown>[]): { id: Finding['id']; subject: string; asked: string[] } {
  return { id, subject: '', asked: serversOf(...answers) };
}

async function withoutMx(domain: string, at: { answer: DnsAnswer<MxRecord>; fix: RecordText; inquiry: Inquiry }): Promise<MxCheck> {
  const { answer, fix, inquiry } = at;
  const common = { ...base('mx-present', answer), expected: `MX ${fix.value}`, fix, why: WHY_PRESENT };
  if (isTemporary(answer)) {
    const finding: Finding = {
      ...common,
      level: 'unknown',
      title: `Where mail for ${domain} goes could not be found out`,
      found: statusText(answer),
      fix: null,
    };
    return { delivers: null, rows: [], findings: [finding] };
  }
  // RFC 5321 §5.1: without MX records, mail goes to the address of the domain itself.
  const { addresses, a, aaaa } = await inquiry.addressesOf(answer.name);
  const isHere = inquiry.isOwnHost(answer.name, addresses);
  const found = addresses.length > 0 ? `no MX record; the address ${listText(addresses)} stands in` : 'no MX record, no address';
  const title = isHere ? `Name the mail server of ${domain} in an MX record` : `Tell the world that mail for ${domain} comes here`;
  const why = isHere
    ? 'Mail comes here only because the website has the same address; it stops the day the website moves.'
    : addresses.length > 0
      ? 'Without an MX record, mail is tried at the address of the website.'
      : 'Without an MX record, all mail for the domain comes back to its senders.';
  const unknown = !isHere && (isTemporary(a) || isTemporary(aaaa));
  const finding: Finding = { ...common, level: isHere ? 'warn' : 'fail', title, found, why, asked: serversOf(answer, a, aaaa) };
  return { delivers: isHere ? true : unknown ? null : false, rows: [], findings: [finding] };
}

function nullMx(domain: string, answer: DnsAnswer<MxRecord>, fix: RecordText): MxCheck {
  const finding: Finding = {
    ...base('mx-present', answer),
    level: 'fail',
    title: `Remove the record that says ${domain} takes no mail`,
    found: mxText(answer),
    expected: `MX ${fix.value}`,
    fix,
    // RFC 7505 §3
    why: 'A single MX record that names only a dot tells every sender to give up at once.',
  };
  return { delivers: false, rows: [], findings: [finding] };
}

async function lookUp(record: MxRecord, inquiry: Inquiry): Promise<Target> {
  const host = record.exchange;
  const { addresses, a, aaaa } = await inquiry.addressesOf(host);
  const known = a.status === 'ok' ? a : aaaa;
  return {
    preference: record.preference,
    host,
    addresses,
    reachable: inquiry.allowPrivate ? addresses : addresses.filter((address) => !isUnroutedAddress(address)),
    here: inquiry.isOwnHost(host, addresses),
    aliasOf: known.aliases.length > 0 ? known.name : undefined,
    failure: isTemporary(a) ? a : isTemporary(aaaa) ? aaaa : undefined,
    asked: serversOf(a, aaaa),
  };
}

/** true: all of the best hosts that exist are this machine. null: a better one could not be looked up. */
function leadsHere(targets: readonly Target[]): boolean | null {
  const own = targets.filter((target) => target.here);
  if (own.length === 0) return targets.some((target) => target.failure !== undefined) ? null : false;
  const best = Math.min(...own.map((target) => target.preference));
  const rivals = targets.filter((target) => !target.here && target.preference <= best);
  if (rivals.some((target) => target.reachable.length > 0)) return false;
  return rivals.some((target) => target.failure !== undefined) ? null : true;
}

interface HereEvidence {
  readonly answer: DnsAnswer<MxRecord>;
  readonly targets: readonly Target[];
  readonly delivers: boolean | null;
  readonly fix: RecordText;
}

function here(domain: string, { answer, targets, delivers, fix }: HereEvidence): Finding {
  const common = {
    ...base('mx-here', answer),
    asked: [...new Set([...serversOf(answer), ...targets.flatMap((target) => target.asked)])],
    found: targets.map((target) => `${target.preference} ${target.host} (${target.addresses.join(', ') || 'no address'})`).join('; '),
    expected: `${fix.value} first`,
    fix,
  };
  if (delivers === true) {
    return {
      ...common,
      level: 'ok',
      title: `Mail for ${domain} comes here`,
      fix: null,
      why: 'The first server that senders try is this one.',
    };
  }
  if (delivers === null) {
    const lost = targets.filter((target) => target.failure !== undefined).map((target) => target.host);
    const why = `The address of ${listText(lost)} could not be looked up, so it is open which server takes the mail.`;
    return { ...common, level: 'unknown', title: `Where mail for ${domain} goes could not be found out`, fix: null, why };
  }
  const rivals = listText(rivalsOf(targets).map((target) => target.host));
  const own = targets.find((target) => target.here);
  if (own === undefined) {
    const why =
      rivals === ''
        ? 'None of the servers named can be reached, so mail comes back to its senders.'
        : `Every sender delivers to ${rivals}; this server is not asked.`;
    return {
      ...common,
      level: 'fail',
      title: rivals === '' ? `Mail for ${domain} goes nowhere` : `Mail for ${domain} goes to another server`,
      why,
    };
  }
  const isShared = rivalsOf(targets).some((target) => target.preference === own.preference);
  if (isShared) {
    const why = `Senders choose at random among servers of the same priority, so ${rivals} gets a share of the mail.`;
    return { ...common, level: 'fail', title: `Only a part of the mail for ${domain} comes here`, why };
  }
  return {
    ...common,
    level: 'fail',
    title: `Remove ${rivals} from the MX records`,
    why: `Every sender tries ${rivals} before this server, which is asked only when that one is down.`,
  };
}

/** Reachable hosts that are not this machine and are tried before it or beside it. */
function rivalsOf(targets: readonly Target[]): Target[] {
  const best = Math.min(...targets.filter((target) => target.here).map((target) => target.preference), Number.POSITIVE_INFINITY);
  return targets.filter((target) => !target.here && target.preference <= best && target.reachable.length > 0);
}

/** Hosts behind this machine: backups, which only need naming. */
function others(targets: readonly Target[], answer: DnsAnswer<MxRecord>): Finding[] {
  const own = targets.find((target) => target.here);
  const rivals = rivalsOf(targets);
  return targets
    .filter((target) => own !== undefined && !target.here && !rivals.includes(target) && target.preference > own.preference)
    .map((target) => ({
      ...base('mx-others', answer),
      subject: target.host,
      level: 'hint',
      title: `${target.host} takes mail when this server is away`,
      found: `${target.preference} ${target.host} (${target.addresses.join(', ') || 'no address'})`,
      expected: 'A server that you know and that hands the mail on to this one',
      fix: null,
      why: 'Junk senders like to try the last server first; it should know your addresses and refuse the same mail.',
    }));
}

/** What is wrong with one host: an alias, no address, an address that the world cannot reach. */
function faults(target: Target, fix: RecordText): Finding[] {
  const common = { id: 'mx-target' as const, subject: target.host, asked: target.asked, fix: target.here ? fix : null };
  if (target.failure !== undefined && target.addresses.length === 0) {
    return [
      {
        ...common,
        level: 'unknown',
        title: `${target.host} could not be looked up`,
        found: statusText(target.failure),
        expected: 'Its address',
        fix: null,
        why: 'A sender that cannot look it up waits and tries again.',
      },
    ];
  }
  if (target.addresses.length === 0) {
    const why = 'Senders skip it; when no other server is named, mail comes back.';
    return [
      {
        ...common,
        level: 'warn',
        title: `Remove ${target.host}, which has no address`,
        found: 'no A or AAAA record',
        expected: 'An address, or no MX record for it',
        why,
      },
    ];
  }
  const findings: Finding[] = [];
  if (target.aliasOf !== undefined) {
    // RFC 2181 §10.3
    const why = 'An MX record must not name an alias; some senders refuse to follow it.';
    findings.push({
      ...common,
      level: 'warn',
      title: `Name ${target.aliasOf} itself instead of its alias ${target.host}`,
      found: `${target.host} is a CNAME for ${target.aliasOf}`,
      expected: `MX ${target.preference} ${target.aliasOf}.`,
      why,
    });
  }
  const private_ = target.addresses.filter((address) => !target.reachable.includes(address));
  if (private_.length > 0) {
    const level = target.reachable.length === 0 ? 'fail' : 'warn';
    findings.push({
      ...common,
      level,
      title: `Give ${target.host} an address that the world can reach`,
      found: listText(private_),
      expected: 'A public address',
      fix: null,
      why: 'This address is known only inside a private network, so senders elsewhere cannot connect to it.',
    });
  }
  return mergeSame(findings);
}

/** (id, subject) stays unique: the worse finding tells what the other found. */
function mergeSame(findings: readonly Finding[]): Finding[] {
  const [first, second] = findings;
  if (first === undefined || second === undefined) return [...findings];
  const [lead, rest] = second.level === 'fail' ? [second, first] : [first, second];
  return [{ ...lead, found: `${lead.found}; ${rest.found}`, why: `${lead.why} ${rest.why}` }];
}

const ORDER = ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh', 'Eighth', 'Ninth', 'Tenth'];

function row(target: Target, targets: readonly Target[]): MxRow {
  const ranks = [...new Set(targets.map((each) => each.preference))];
  const rank = ranks.indexOf(target.preference);
  const { preference, host, addresses } = target;
  return { order: ORDER[rank] ?? `${rank + 1}th`, preference, host, addresses, here: target.here, ...rowState(target, targets) };
}

function rowState(target: Target, targets: readonly Target[]): Pick<MxRow, 'state' | 'word' | 'sentence'> {
  const rivals = rivalsOf(targets);
  if (target.here) {
    const before = rivals.filter((rival) => rival.preference < target.preference);
    const beside = rivals.filter((rival) => rival.preference === target.preference);
    if (before.length > 0)
      return {
        state: 'ok',
        word: 'Here',
        sentence: `This server. Asked only when ${listText(before.map((rival) => rival.host))} ${before.length > 1 ? 'are' : 'is'} down.`,
      };
    if (beside.length > 0)
      return {
        state: 'ok',
        word: 'Here',
        sentence: `This server. It shares the mail with ${listText(beside.map((rival) => rival.host))}.`,
      };
    return { state: 'ok', word: 'Here', sentence: 'This server. Mail ends here.' };
  }
  if (target.failure !== undefined && target.addresses.length === 0)
    return { state: 'unknown', word: 'Not known', sentence: `Its address could not be looked up: ${statusText(target.failure)}.` };
  if (target.addresses.length === 0) return { state: 'warn', word: 'Nobody', sentence: 'It has no address, so senders go on to the next.' };
  if (target.reachable.length === 0)
    return { state: 'warn', word: 'Nobody', sentence: 'Its address is private, so senders elsewhere cannot reach it.' };
  if (rivals.includes(target)) {
    const shares = targets.some((other) => other.here && other.preference === target.preference);
    return {
      state: 'fail',
      word: 'Not here',
      sentence: shares ? 'Not this server. A share of the mail ends there.' : 'Not this server. When it answers, mail ends there.',
    };
  }
  return { state: 'hint', word: 'Backup', sentence: 'Not this server. Asked only when this one is away; it has to hand the mail on.' };
}
