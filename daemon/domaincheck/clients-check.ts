/**
 * Do mail programs find their settings by the address alone? All of it is optional: what is missing is a hint.
 *
 * Specifications: RFC 6186 §3 and RFC 8314 §5.1 (SRV), the autoconfig and Autodiscover host names.
 */
import type { SrvRecord } from '../dns/answer.ts';
import { type DnsAnswer, isTemporary } from '../dns/answer.ts';
import { type Inquiry, serversOf } from './inquiry.ts';
import { clientServices } from './records.ts';
import { type Finding, type RecordText, statusText } from './report.ts';

/** Checks the names and SRV records by which mail programs configure themselves. */
export async function checkClients(domain: string, inquiry: Inquiry): Promise<Finding[]> {
  const services = clientServices(inquiry.own);
  return Promise.all([
    checkAutoconfig(domain, inquiry),
    checkAutodiscover(domain, inquiry),
    ...services.map((service) => checkService(domain, service, inquiry)),
  ]);
}

async function checkAutoconfig(domain: string, inquiry: Inquiry): Promise<Finding> {
  const name = `autoconfig.${domain}`;
  const host = await hostFinding(name, inquiry);
  return {
    id: 'autoconfig',
    subject: '',
    ...host,
    why: 'Thunderbird, Delta Chat, Nextcloud and others ask this name for their settings, so people type only address and password.',
  };
}

async function checkAutodiscover(domain: string, inquiry: Inquiry): Promise<Finding> {
  const why = 'Outlook asks this name for its settings.';
  const host = await hostFinding(`autodiscover.${domain}`, inquiry);
  if (host.level === 'ok') return { id: 'autodiscover', subject: '', ...host, why };
  const srv = await inquiry.query(`_autodiscover._tcp.${domain}`, 'SRV');
  const isOurs = srv.records.some((record) => record.target === inquiry.hostname);
  if (!isOurs) return { id: 'autodiscover', subject: '', ...host, why };
  return {
    id: 'autodiscover',
    subject: '',
    level: 'ok',
    title: 'Outlook finds its settings',
    found: srvText(srv),
    expected: host.expected,
    fix: null,
    why,
    asked: serversOf(srv),
  };
}

async function hostFinding(name: string, inquiry: Inquiry): Promise<Omit<Finding, 'id' | 'subject' | 'why'>> {
  const { addresses, a, aaaa } = await inquiry.addressesOf(name);
  const asked = serversOf(a, aaaa);
  const expected = `${name} leads to this server`;
  const fix: RecordText = { name, type: 'CNAME', value: `${inquiry.hostname}.`, ttl: 3600 };
  const found = addresses.length > 0 ? addresses.join(', ') : statusText(a);
  if (inquiry.isOwnHost(a.name, addresses)) return { level: 'ok', title: `${name} leads here`, found, expected, fix: null, asked };
  if (addresses.length === 0 && (isTemporary(a) || isTemporary(aaaa))) {
    return { level: 'unknown', title: `${name} could not be looked up`, found, expected, fix: null, asked };
  }
  return {
    level: 'hint',
    title: addresses.length > 0 ? `Let ${name} lead to this server` : `Add ${name}, so that apps find their settings`,
    found,
    expected,
    fix,
    asked,
  };
}

async function checkService(
  domain: string,
  service: { name: string; port: number; priority: number; what: string },
  inquiry: Inquiry,
): Promise<Finding> {
  const name = `${service.name}.${domain}`;
  const answer = await inquiry.query(name, 'SRV');
  const value = `${service.priority} 1 ${service.port} ${inquiry.hostname}.`;
  const common = {
    id: 'srv' as const,
    subject: service.name,
    found: srvText(answer),
    expected: value,
    asked: serversOf(answer),
    why: `Some mail programs look here to find ${service.what}.`,
  };
  if (isTemporary(answer)) return { ...common, level: 'unknown', title: `${name} could not be looked up`, fix: null };
  const isOurs = answer.records.some((record) => record.target === inquiry.hostname && record.port === service.port);
  if (isOurs) return { ...common, level: 'ok', title: `Apps find ${service.what}`, fix: null };
  const fix: RecordText = { name, type: 'SRV', value, ttl: 3600 };
  return {
    ...common,
    level: 'hint',
    title: answer.status === 'ok' ? `Let ${name} name this server` : `Add ${name}, so that apps find ${service.what}`,
    fix,
  };
}

function srvText(answer: DnsAnswer<SrvRecord>): string {
  if (answer.status !== 'ok') return statusText(answer);
  return answer.records.map((record) => `${record.priority} ${record.weight} ${record.port} ${record.target}`).join(', ');
}
