/**
 * daemon/SPECIFICATIONS.md and the code say the same: each RFC cited in daemon/ has a row, each row that says yes or partial
 * is cited, and citations have the one form `RFC 9051 §6.3.13`.
 */
import { readFileSync } from 'node:fs';
import { conclude, sourceFiles } from './sources.ts';

const TABLE = 'daemon/SPECIFICATIONS.md';
// RFC822 and its kin are IMAP's words, not citations.
const CITATION = /\bRFC ?(?!822\b)(?<number>\d{3,5})(?=(?<rest>[^\n]{0,20}))/g;

const cited = new Map<string, string>();
const findings: string[] = [];
for (const path of sourceFiles('daemon/**/*.ts', 'daemon/*.ts')) {
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    // Replies to peers are ASCII and say "section"; comments use the one form.
    const isComment = /^\s*(?:\/\/|\/?\*)/.test(line);
    for (const match of line.matchAll(CITATION)) {
      const number = match.groups?.['number'] ?? '';
      cited.set(number, path);
      if (!isComment) continue;
      if (!match[0].startsWith('RFC ')) findings.push(`${path}: write "RFC ${number}", not "${match[0].slice(0, 8)}"`);
      if (/^,? ?(?:section|sec\.)/i.test(match.groups?.['rest'] ?? '')) findings.push(`${path}: write "RFC ${number} §...", not "section"`);
    }
  }
}
const rows = new Map<string, string>();
for (const line of readFileSync(TABLE, 'utf8').split('\n')) {
  const cells = line.split('|').map((cell) => cell.trim());
  const number = /^(?:RFC )?(\d{3,5})$/.exec(cells[1] ?? '')?.[1];
  if (number !== undefined) rows.set(number, cells[3] ?? '');
}
for (const [number, path] of cited) if (!rows.has(number)) findings.push(`${TABLE}: no row for RFC ${number}, cited in ${path}`);
for (const [number, state] of rows) {
  if (!['yes', 'partial', 'no'].includes(state)) findings.push(`${TABLE}: RFC ${number} says "${state}", expected yes, partial or no`);
  else if (state !== 'no' && !cited.has(number)) findings.push(`${TABLE}: RFC ${number} is said to be ${state}, but nothing cites it`);
}
conclude('specifications', findings);
