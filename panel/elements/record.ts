/*
 * A DNS record as it must stand, ready to copy.
 * 1. What goes is struck and red, what comes is green; words, not only colour: <del> and <ins>.
 * 2. Copied is the value exactly as a DNS panel takes it.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { comparedWords } from '../text/compared-words.ts';
import { t } from '../text/translate.ts';
import './copy-button.ts';

export interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** What stands there now in its place. */
  readonly instead?: string | undefined;
}

/** A name that breaks after its dots when it has to. */
function dotted(name: string): TemplateResult {
  return html`${name.split('.').map((label, index) => html`${index > 0 ? html`.<wbr>` : nothing}${label}`)}`;
}

function valueOf(record: DnsRecord): TemplateResult {
  if (record.instead === undefined || record.value.length > 400 || record.instead.length > 1000) return html`${record.value}`;
  return html`${comparedWords(record.instead, record.value).map(({ text, kind }) => (kind === 'gone' ? html`<del>${text}</del> ` : kind === 'new' ? html`<ins>${text}</ins> ` : `${text} `))}`;
}

export function recordBox(record: DnsRecord): TemplateResult {
  return html`<div class="record"><dl>
      <div><dt>${t('record.type')}</dt><dd>${record.type}</dd></div>
      <div><dt>${t('record.name')}</dt><dd>${dotted(record.name)}</dd></div>
      <div class="val"><dt>${t('record.value')}</dt><dd tabindex=${record.value.length > 300 ? '0' : nothing}>${valueOf(record)}</dd></div>
    </dl><div class="cp"><ms-copy .text=${record.value} .label=${t('record.copy', { type: record.type, name: record.name })}></ms-copy></div></div>`;
}
