/** Past DNS checks of a domain as a history: what each one found different from the one before it, in words. */

import type { Static } from 'typebox';
import type { DomainCheckEntry } from '../admin/domain-checks.ts';
import type { CheckHistory, DomainReport, Finding, Level } from './contract/api.ts';

const CHANGES_MAX = 20;
const WORDS: Readonly<Record<Level, string>> = { ok: 'good', hint: 'a note', warn: 'weak', fail: 'broken', unknown: 'not known' };

/** `entries` newest first, as they are stored. */
export function checkHistory(entries: readonly DomainCheckEntry[]): Static<typeof CheckHistory> {
  return {
    items: entries.map(({ checkedAt, delivers, report }, at) => {
      const now = report as DomainReport;
      const before = entries[at + 1]?.report as DomainReport | undefined;
      return { checkedAt, delivers, headline: now.headline, changed: before === undefined ? [] : changes(before, now) };
    }),
  };
}

function changes(before: DomainReport, now: DomainReport): string[] {
  const earlier = new Map(before.findings.map((finding) => [keyOf(finding), finding]));
  const said: string[] = [];
  for (const finding of now.findings) {
    const past = earlier.get(keyOf(finding));
    earlier.delete(keyOf(finding));
    if (past === undefined) {
      if (finding.level !== 'ok') said.push(`New: ${finding.title}`);
    } else if (past.level !== finding.level) said.push(`${finding.title} (was ${WORDS[past.level]}, is ${WORDS[finding.level]})`);
    else if (past.found !== finding.found && finding.level !== 'unknown')
      said.push(`${finding.title}: ${finding.found} (was ${past.found})`);
  }
  for (const gone of earlier.values()) if (gone.level !== 'ok') said.push(`No longer: ${gone.title}`);
  return said.slice(0, CHANGES_MAX);
}

function keyOf(finding: Finding): string {
  return `${finding.id} ${finding.subject}`;
}
