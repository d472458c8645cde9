/*
 * A domain's report as the page shows it: stations, sentence, findings in the order they matter.
 * Pure: data in, view data out.
 */
import type { Domain, DomainReport, Level, PublishRecord, Finding as ReportFinding } from '../../../daemon/http/contract/api.ts';
import type { Finding } from '../../elements/finding.ts';
import type { Station } from '../../elements/line.ts';
import type { State } from '../../elements/state.ts';
import { countWord, sentence, span } from '../../text/format.ts';
import { isTextKey, t } from '../../text/translate.ts';

const states: Readonly<Record<Level, State>> = { ok: 'ok', hint: 'info', warn: 'warn', fail: 'fail', unknown: 'wait' };
const order: readonly Level[] = ['fail', 'warn', 'unknown', 'hint'];

export function levelState(level: Level): State {
  return states[level];
}

/** Stations of the health line, each leading to its finding, or to the list of what is good. */
export function stations(report: DomainReport): Station[] {
  const good = new Set(report.findings.filter((finding) => finding.level === 'ok').map((finding) => finding.id));
  return report.line.map((station) => ({
    state: station.state,
    name: station.name,
    word: station.word,
    tech: station.technical,
    href: station.finding && !good.has(station.finding) ? `#f-${station.finding}` : '#good',
  }));
}

/** Captions over the line; the nine stations stand in two ways and one for people. */
export function legs(count: number): readonly (readonly [string, number])[] {
  return count === 9
    ? [
        [t('domain.legs.in'), 4],
        [t('domain.legs.out'), 4],
        [t('domain.legs.people'), 1],
      ]
    : [[t('domain.health'), count]];
}

/** "One thing is broken, two could be better. Checked 40 seconds ago." */
export function reportSentence(report: DomainReport, now: number): string {
  const number = (level: Level): number => report.findings.filter((finding) => finding.level === level).length;
  const parts = [
    number('fail') > 0 ? t('domain.sub.broken', { count: number('fail'), word: countWord(number('fail')) }) : '',
    number('warn') > 0 ? t('domain.sub.weak', { count: number('warn'), word: countWord(number('warn')) }) : '',
  ].filter(Boolean);
  const what = parts.length > 0 ? `${sentence(parts.join(', '))}.` : t('domain.sub.good');
  return `${what} ${t('domain.checked', { ago: t('domain.ago', { span: span(Math.max(1000, now - Date.parse(report.checked_at))) }) })}`;
}

/** What stands in DNS now, when it is the same kind of record and so can be compared word by word. */
function standing(finding: ReportFinding): string | undefined {
  if (!finding.fix || finding.fix.type !== 'TXT' || !finding.found) return undefined;
  const [kind] = finding.fix.value.split(/[\s;]/);
  return kind && finding.found !== finding.fix.value && finding.found.startsWith(kind) ? finding.found : undefined;
}

function view(finding: ReportFinding, open: boolean): Finding {
  const word = `domain.word.${finding.level}`;
  const evidence: (readonly [string, string])[] = [];
  if (finding.asked.length > 0) evidence.push([t('domain.asked'), finding.asked.join(', ')]);
  evidence.push([t('domain.found'), finding.found || t('domain.nothing')]);
  if (finding.expected) evidence.push([t('domain.expected'), finding.expected]);
  return {
    id: `f-${finding.id}`,
    state: states[finding.level],
    heading: finding.title,
    word: isTextKey(word) ? t(word) : '',
    why: finding.why,
    evidence,
    records: finding.fix ? [{ ...finding.fix, instead: standing(finding) }] : [],
    open,
  };
}

/** What to change: broken first. The broken and weak ones are open where there is room for them. */
export function toChange(report: DomainReport, roomy: boolean): Finding[] {
  return order
    .flatMap((level) => report.findings.filter((finding) => finding.level === level))
    .map((finding, index) =>
      view(finding, roomy ? finding.level === 'fail' || finding.level === 'warn' : index === 0 && finding.level === 'fail'),
    );
}

export function good(report: DomainReport): readonly ReportFinding[] {
  return report.findings.filter((finding) => finding.level === 'ok');
}

/** All records as lines of a zone file. */
export function zoneFile(records: readonly PublishRecord[]): string {
  const line = (record: PublishRecord): string =>
    `${record.name}. ${record.ttl} IN ${record.type} ${record.type === 'TXT' ? quoted(record.value) : record.value}`;
  return `${records.map(line).join('\n')}\n`;
}

/** RFC 1035 §3.3: strings of at most 255 bytes, quoted, one after the other. */
function quoted(value: string): string {
  return (value.match(/.{1,255}/gs) ?? ['']).map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ');
}

export function hasReport(report: DomainReport | null, domain: Domain): report is DomainReport {
  return report !== null && domain.checkedAt !== null;
}
