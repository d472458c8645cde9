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
  /** What stands there now and has to go. */
  readonly instead?: readonly string[] | undefined;
}

/** Splits a value into words that are new and words that stand there already, so that only the new ones are green. */
export function comparedWords(value: string, before: string | undefined): { word: string; isNew: boolean }[] {
  const had = new Set((before ?? '').split(/\s+/));
  return value.split(/\s+/).map((word) => ({ word, isNew: before !== undefined && !had.has(word) }));
}

/** Everything before one space of the name, so that long names break where a dot is. */
export function recordBox(record: DnsRecord): TemplateResult {
  const [only, ...more] = record.instead ?? [];
  const similar = only !== undefined && more.length === 0 && record.type === 'TXT' && record.value.length < 400;
  const words = similar ? comparedWords(record.value, only) : [];
  const gone = similar ? only.split(/\s+/).filter((word) => !record.value.split(/\s+/).includes(word)) : (record.instead ?? []);
  return html`<div class="record"><dl>
      <div><dt>${t('record.type')}</dt><dd>${record.type}</dd></div>
      <div><dt>${t('record.name')}</dt><dd>${record.name}</dd></div>
      <div class="val"><dt>${t('record.value')}</dt><dd>${gone.map((old) => html`<del>${old}</del>${similar ? ' ' : html`<br>`}`)}${
        similar ? words.map(({ word, isNew }) => (isNew ? html`<ins>${word}</ins> ` : `${word} `)) : record.value === '' ? nothing : only === undefined ? record.value : html`<ins>${record.value}</ins>`
      }</dd></div>
    </dl><div class="cp">${record.value === '' ? nothing : html`<ms-copy .text=${record.value} .label=${t('record.copy', { type: record.type, name: record.name })}></ms-copy>`}</div></div>`;
}
