/** `mailstead domain check`: what the DNS says about a domain, and the records to mend it with. */
import type { DomainReport, Finding, Level } from '../../domaincheck/report.ts';
import { EXIT, type ExitCode } from '../failure.ts';
import type { Invocation, Outcome } from '../invocation.ts';
import { sentence, type Terminal } from '../terminal.ts';

const MARKS: Readonly<Record<Level, string>> = { ok: '✓', hint: '·', warn: '▲', fail: '✗', unknown: '?' };
const ORDER: readonly Level[] = ['fail', 'warn', 'unknown', 'hint', 'ok'];

export async function checkDomain({ operands, server, terminal }: Invocation): Promise<Outcome> {
  const report = await (await server()).call('domain.check', { domain: operands[0] ?? '' });
  const { domain, delivers, checked_at, headline } = report;
  const findings = report.findings.map(({ id, subject, level, title, found, expected, fix, why, asked }) => ({
    id,
    subject,
    level,
    title,
    found,
    expected,
    fix,
    why,
    asked,
  }));
  return { document: { domain, delivers, checked_at, headline, findings }, text: reportText(report, terminal), exit: exitOf(delivers) };
}

function exitOf(delivers: boolean | null): ExitCode {
  if (delivers === null) return EXIT.temporary;
  return delivers ? EXIT.ok : EXIT.finding;
}

function reportText({ headline, findings }: DomainReport, terminal: Terminal): string {
  const sorted = ORDER.flatMap((level) => findings.filter((finding) => finding.level === level));
  return [terminal.bold(sentence(headline)), ...sorted.map((finding) => findingText(finding, terminal))]
    .join('\n\n')
    .replace(/\n\n( {2}[^\n]* ✓)/g, '\n$1');
}

function findingText(finding: Finding, terminal: Terminal): string {
  const { level, title, found, expected, fix, why, asked } = finding;
  const mark = markOf(level, terminal);
  if (level === 'ok') return `${mark} ${title}${terminal.faint(found === '' ? '' : `  ${found}`)}`;
  const lines = [`${mark} ${title}`, `  ${sentence(why)}`];
  if (found !== '') lines.push(`  ${terminal.faint('Found')}     ${found}`);
  if (expected !== '') lines.push(`  ${terminal.faint('Expected')}  ${expected}`);
  if (fix !== null)
    lines.push(`  ${terminal.faint('Record')}    ${terminal.live(`${fix.name}. ${fix.ttl} IN ${fix.type} ${zoneValue(fix)}`)}`);
  if (asked.length > 0) lines.push(`  ${terminal.faint(`Asked     ${asked.join(', ')}`)}`);
  return lines.join('\n');
}

function markOf(level: Level, terminal: Terminal): string {
  const mark = MARKS[level];
  if (level === 'ok') return terminal.good(mark);
  if (level === 'fail') return terminal.bad(mark);
  return level === 'warn' ? terminal.warn(mark) : terminal.faint(mark);
}

/** RFC 1035 §5.1: a TXT value stands in quotes, in strings of at most 255 octets. */
function zoneValue({ type, value }: NonNullable<Finding['fix']>): string {
  if (type !== 'TXT') return value;
  const parts = value.match(/.{1,255}/gs) ?? [''];
  return parts.map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ');
}
