/*
 * A DNS record as it must stand, ready to copy.
 * 1. What goes is struck and red, what comes is green; words, not only colour: <del> and <ins>.
 * 2. Copied is the value exactly as a DNS panel takes it.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../text/translate.ts';
import './copy-button.ts';

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** What stands there now in its place. */
  readonly instead?: string | undefined;
}

export interface Piece {
  readonly text: string;
  readonly kind: 'same' | 'gone' | 'new';
}

/** Compares two values word by word (longest common subsequence), so that what goes stands where it stood. */
export function comparedWords(before: string, after: string): Piece[] {
  const old = before.split(/\s+/).slice(0, 60);
  const now = after.split(/\s+/).slice(0, 60);
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (row: number, column: number): number => common[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row--) {
    for (let column = now.length - 1; column >= 0; column--) common[row]![column] = old[row] === now[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  }
  const pieces: Piece[] = [];
  let row = 0;
  let column = 0;
  while (row < old.length || column < now.length) {
    const [gone = '', come = ''] = [old[row], now[column]];
    if (row < old.length && column < now.length && gone === come) pieces.push({ text: come, kind: 'same' }), row++, column++;
    else if (row < old.length && (column >= now.length || at(row + 1, column) >= at(row, column + 1))) pieces.push({ text: gone, kind: 'gone' }), row++;
    else pieces.push({ text: come, kind: 'new' }), column++;
  }
  return pieces;
}

/** A name that breaks after its dots when it has to. */
function dotted(name: string): TemplateResult {
  return html`${name.split('.').map((label, index) => html`${index > 0 ? html`.<wbr>` : nothing}${label}`)}`;
}

function valueOf(record: DnsRecord): TemplateResult {
  if (record.instead === undefined || record.value.length > 400) return html`${record.value}`;
  return html`${comparedWords(record.instead, record.value).map(({ text, kind }) => (kind === 'gone' ? html`<del>${text}</del> ` : kind === 'new' ? html`<ins>${text}</ins> ` : `${text} `))}`;
}

export function recordBox(record: DnsRecord): TemplateResult {
  return html`<div class="record"><dl>
      <div><dt>${t('record.type')}</dt><dd>${record.type}</dd></div>
      <div><dt>${t('record.name')}</dt><dd>${dotted(record.name)}</dd></div>
      <div class="val"><dt>${t('record.value')}</dt><dd tabindex=${record.value.length > 300 ? '0' : nothing}>${valueOf(record)}</dd></div>
    </dl><div class="cp"><ms-copy .text=${record.value} .label=${t('record.copy', { type: record.type, name: record.name })}></ms-copy></div></div>`;
}
