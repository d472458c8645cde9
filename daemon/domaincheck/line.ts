/**
 * The health line: nine stations that a message or a person passes, each with the state of what was checked for it.
 *
 * Invariants: 1. always the same nine, in the same order; 2. what nothing was checked for is 'off' and says so.
 */
import { type Finding, type FindingId, type Station, type StationState, worst } from './report.ts';

interface Plan {
  readonly id: Station['id'];
  readonly leg: Station['leg'];
  readonly name: string;
  readonly technical: string;
  readonly findings: readonly FindingId[];
}

const STATIONS: readonly Plan[] = [
  {
    id: 'name',
    leg: 'in',
    name: 'The name is found',
    technical: 'Name servers',
    findings: ['domain-exists', 'nameservers-answer', 'nameservers-agree', 'resolver-agrees'],
  },
  { id: 'mx', leg: 'in', name: 'Mail comes here', technical: 'MX', findings: ['mx-present', 'mx-here', 'mx-target', 'mx-others'] },
  { id: 'port25', leg: 'in', name: 'The door is open', technical: 'Port 25', findings: [] },
  { id: 'tls', leg: 'in', name: 'It arrives sealed', technical: 'TLS, MTA-STS', findings: [] },
  { id: 'spf', leg: 'out', name: 'We may send for it', technical: 'SPF, PTR', findings: ['spf', 'spf-addresses', 'spf-lookups', 'ptr'] },
  { id: 'dkim', leg: 'out', name: 'Mail is signed', technical: 'DKIM', findings: ['dkim'] },
  { id: 'dmarc', leg: 'out', name: 'Fakes are refused', technical: 'DMARC', findings: ['dmarc'] },
  { id: 'blocklists', leg: 'out', name: 'Nobody blocks it', technical: 'Blocklists', findings: [] },
  { id: 'autoconfig', leg: 'people', name: 'Apps find us', technical: 'Autoconfig', findings: ['autoconfig', 'autodiscover', 'srv'] },
];

const STATES = {
  ok: ['ok', 'Good'],
  hint: ['info', 'Note'],
  warn: ['warn', 'Weak'],
  fail: ['fail', 'Broken'],
  unknown: ['wait', 'Not known'],
} as const satisfies Readonly<Record<Finding['level'], readonly [StationState, string]>>;

/** The nine stations for these findings. */
export function drawLine(findings: readonly Finding[]): Station[] {
  return STATIONS.map(({ id, leg, name, technical, findings: ids }) => {
    const deciding = worst(findings.filter((finding) => ids.includes(finding.id)));
    if (deciding === undefined) return { id, leg, name, technical, state: 'off', word: 'Not checked yet', finding: null };
    const [state, word] = STATES[deciding.level];
    return { id, leg, name, technical, state, word, finding: deciding.id };
  });
}
