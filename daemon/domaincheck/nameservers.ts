/**
 * Asks each authoritative server of the domain's zone by itself and compares what they say with each other and with the
 * resolver: a secondary that was forgotten sends a share of the mail elsewhere, and no look-up through a cache shows it.
 *
 * Invariants: 1. at most 13 servers are asked, one address of each family; 2. a server that is silent is named, but says
 * nothing about the records; 3. the side with more servers is taken for the truth, a tie is told as such.
 *
 * Specifications: RFC 2182 (secondaries), RFC 1034 §4.2.1 (which servers a zone has).
 */
import { isUnroutedAddress } from '../dns/address-kind.ts';
import { type DnsAnswer, isTemporary, type MxRecord } from '../dns/answer.ts';
import { type ServerAddress, serverText } from '../dns/servers.ts';
import { isLoopback } from '../lib/ip-address.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { type Finding, listText, statusText } from './report.ts';

const MAX_SERVERS = 13;

export interface Nameserver {
  readonly host: string;
  readonly server: ServerAddress;
}

/** What one authoritative server says about the domain. */
export interface View {
  readonly host: string;
  readonly server: string;
  readonly mx: DnsAnswer<MxRecord>;
  readonly txt: DnsAnswer<string>;
}

export interface Nameservers {
  readonly findings: readonly Finding[];
  readonly views: readonly View[];
  /** The MX answer of most of them; undefined when none could be asked. */
  readonly truth: DnsAnswer<MxRecord> | undefined;
}

/** Finds the servers of the zone that holds `domain`, asks each for MX and TXT, and compares. */
export async function checkNameservers(domain: string, inquiry: Inquiry): Promise<Nameservers> {
  const zone = await zoneOf(domain, inquiry);
  if (zone.status !== 'ok') return { findings: [noServers(domain, zone)], views: [], truth: undefined };
  const servers = await addressesOf(zone.records, inquiry);
  const views = await Promise.all(servers.map((server) => viewOf(domain, server, inquiry)));
  const resolved = { mx: await inquiry.query(domain, 'MX'), txt: await inquiry.query(domain, 'TXT') };
  return { findings: judge(domain, { zone, views, resolved }), views, truth: truthOf(views, resolved.mx) };
}

/** Each server of the zone that holds `domain`, with an address that can be asked. */
export async function nameserversOf(domain: string, inquiry: Inquiry): Promise<Nameserver[]> {
  const zone = await zoneOf(domain, inquiry);
  return addressesOf(zone.records, inquiry);
}

/** Invariant 3: the answer with most servers behind it; in a tie the one that the resolver has. */
function truthOf(views: readonly View[], resolved: DnsAnswer<MxRecord>): DnsAnswer<MxRecord> | undefined {
  const speaking = views.filter((view) => !isTemporary(view.mx)).map((view) => view.mx);
  const support = (answer: DnsAnswer<MxRecord>): number => {
    const same = speaking.filter((other) => mxText(other) === mxText(answer)).length;
    return same + (mxText(answer) === mxText(resolved) ? 0.5 : 0);
  };
  return speaking.sort((a, b) => support(b) - support(a))[0];
}

/** The NS records of the domain or of the nearest name above it that has some. */
async function zoneOf(domain: string, inquiry: Inquiry): Promise<DnsAnswer<string>> {
  const labels = domain.split('.');
  let answer = await inquiry.query(domain, 'NS');
  for (let i = 1; i < labels.length - 1 && answer.status !== 'ok' && !isTemporary(answer); i++) {
    answer = await inquiry.query(labels.slice(i).join('.'), 'NS');
  }
  return answer;
}

async function addressesOf(hosts: readonly string[], inquiry: Inquiry): Promise<Nameserver[]> {
  const found = await Promise.all(
    hosts.slice(0, MAX_SERVERS).map(async (host) => {
      const { a, aaaa } = await inquiry.addressesOf(host);
      const usable = [a.records[0], aaaa.records[0]].filter((address) => address !== undefined);
      return usable
        .filter((address) => inquiry.allowPrivate || !isUnroutedAddress(address))
        .map((address) => ({ host, server: { address, port: isLoopback(address) ? inquiry.loopbackNameserverPort : 53 } }));
    }),
  );
  return found.flat();
}

async function viewOf(domain: string, { host, server }: Nameserver, inquiry: Inquiry): Promise<View> {
  const [mx, txt] = await Promise.all([inquiry.ask(server, domain, 'MX'), inquiry.ask(server, domain, 'TXT')]);
  return { host, server: serverText(server), mx, txt };
}

interface Evidence {
  readonly zone: DnsAnswer<string>;
  readonly views: readonly View[];
  readonly resolved: { readonly mx: DnsAnswer<MxRecord>; readonly txt: DnsAnswer<string> };
}

function judge(domain: string, { zone, views, resolved }: Evidence): Finding[] {
  const speaking = views.filter((view) => !isTemporary(view.mx));
  const findings = [whoAnswers(domain, { zone, views, resolved })];
  if (speaking.length === 0) return findings;
  const subjects = [
    { type: 'MX', tell: (view: View) => mxText(view.mx), resolver: isTemporary(resolved.mx) ? undefined : mxText(resolved.mx) },
    { type: 'SPF', tell: (view: View) => spfText(view.txt), resolver: isTemporary(resolved.txt) ? undefined : spfText(resolved.txt) },
  ];
  for (const subject of subjects) findings.push(...agreement(domain, speaking, subject));
  return findings;
}

function noServers(domain: string, zone: DnsAnswer<string>): Finding {
  const isUnknown = isTemporary(zone);
  return {
    id: 'nameservers-answer',
    subject: '',
    level: isUnknown ? 'unknown' : 'hint',
    title: isUnknown ? `The name servers of ${domain} could not be found out` : `No name server is named for ${domain}`,
    found: statusText(zone),
    expected: 'NS records of the zone',
    fix: null,
    why: 'Without them nobody can ask the servers that keep the records themselves, only what others remember.',
    asked: serversOf(zone),
  };
}

function whoAnswers(domain: string, { zone, views }: Evidence): Finding {
  const silent = views.filter((view) => isTemporary(view.mx));
  const unreached = zone.records.filter((host) => !views.some((view) => view.host === host));
  const common = {
    id: 'nameservers-answer' as const,
    subject: '',
    expected: 'Every name server of the zone answers for it',
    fix: null,
    why: 'Who asks a silent name server waits, and gives up when all are silent.',
    asked: views.map((view) => view.server),
  };
  if (views.length === 0) {
    return { ...common, level: 'hint', title: 'The name servers have no address that we can ask', found: listText(zone.records) };
  }
  if (silent.length === 0 && unreached.length === 0) {
    const names = [...new Set(views.map((view) => view.host))];
    return { ...common, level: 'ok', title: `All name servers answer for ${domain}`, found: listText(names) };
  }
  const told = [
    ...silent.map((view) => `${view.host} (${view.server}): ${statusText(view.mx)}`),
    ...unreached.map((host) => `${host}: no address that we can ask`),
  ];
  // A machine without IPv6 cannot reach the IPv6 side of a server: its IPv4 side answers for it.
  const broken = silent.filter((view) => !views.some((other) => other.host === view.host && !isTemporary(other.mx)));
  const level = broken.length > 0 ? (broken.length === views.length ? 'unknown' : 'warn') : 'hint';
  const names = [...new Set([...(broken.length > 0 ? broken : silent).map((view) => view.host), ...unreached])];
  const verb = names.length > 1 ? 'do' : 'does';
  return { ...common, level, title: `${listText(names)} ${verb} not answer for ${domain}`, found: told.join('; ') };
}

interface Subject {
  readonly type: string;
  readonly tell: (view: View) => string;
  readonly resolver: string | undefined;
}

function agreement(domain: string, views: readonly View[], subject: Subject): Finding[] {
  const sides = new Map<string, View[]>();
  for (const view of views) sides.set(subject.tell(view), [...(sides.get(subject.tell(view)) ?? []), view]);
  const order = [...sides].sort((a, b) => b[1].length - a[1].length);
  const [truth, believers] = order[0] ?? ['', []];
  const dissent = order.slice(1);
  const asked = views.map((view) => view.server);
  const record = `${subject.type} record`;
  if (dissent.length > 0) {
    const isTie = dissent[0]?.[1].length === believers.length;
    const liars = dissent.flatMap(([, side]) => side.map((view) => view.host));
    const title = isTie
      ? `The name servers of ${domain} contradict each other about the ${record}`
      : `${listText([...new Set(liars)])} gives out another ${record} than the other name servers`;
    return [
      {
        id: 'nameservers-agree',
        subject: subject.type,
        level: subject.type === 'MX' ? 'fail' : 'warn',
        title,
        found: [
          ...order.map(([text, side]) => `${listText(side.map(nameOf))}: ${text}`),
          `our resolver was told: ${subject.resolver ?? 'nothing'}`,
        ].join('; '),
        expected: isTie
          ? 'All name servers give the same answer'
          : `${truth}, as ${listText(believers.map((view) => view.host))} ${believers.length > 1 ? 'have' : 'has'} it`,
        fix: null,
        why: 'A share of all senders asks that server and acts on what it says, so mail is lost or refused now and then, without a pattern.',
        asked,
      },
    ];
  }
  const findings: Finding[] = [
    {
      id: 'nameservers-agree',
      subject: subject.type,
      level: 'ok',
      title: `All name servers give the same ${record}`,
      found: truth,
      expected: 'The same answer from each',
      fix: null,
      why: 'Every sender gets the same answer, whichever server it asks.',
      asked,
    },
  ];
  if (subject.resolver !== undefined && subject.resolver !== truth)
    findings.push(stale(domain, truth, { ...subject, resolver: subject.resolver }, asked));
  return findings;
}

function stale(domain: string, truth: string, subject: Subject & { resolver: string }, asked: readonly string[]): Finding {
  return {
    id: 'resolver-agrees',
    subject: subject.type,
    level: 'warn',
    title: `Others still remember an older ${subject.type} record of ${domain}`,
    found: `Our resolver: ${subject.resolver}; the name servers: ${truth}`,
    expected: truth,
    fix: null,
    why: 'Senders act on what they remember until its time is over; nothing is to be done but wait.',
    asked,
  };
}

function nameOf(view: View): string {
  return `${view.host} (${view.server})`;
}

/** The MX records in one spelling, for comparing and for reading. */
export function mxText(answer: DnsAnswer<MxRecord>): string {
  if (answer.status !== 'ok') return statusText(answer);
  const lines = answer.records.map((record) => `${record.preference} ${record.exchange}`);
  return lines.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1)).join(', ');
}

function spfText(answer: DnsAnswer<string>): string {
  const records = answer.records.filter((text) => /^v=spf1(\s|$)/i.test(text)).sort();
  return records.length > 0 ? records.join(' | ') : 'no SPF record';
}
