/*
 * One finding: mark, imperative heading, state word; inside why it matters, evidence, record, buttons.
 * Sentence, evidence, record, repair: always in this order.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { icon } from './icon.ts';
import { type DnsRecord, recordBox } from './record.ts';
import { mark, type State } from './state.ts';

export interface Finding {
  readonly id: string;
  readonly state: State;
  readonly heading: string;
  readonly word: string;
  readonly why: string;
  readonly evidence: readonly (readonly [string, string])[];
  readonly records: readonly DnsRecord[];
  readonly open: boolean;
}

export function findingDetails(finding: Finding, actions: TemplateResult | typeof nothing = nothing): TemplateResult {
  return html`<details class="finding" id=${finding.id} data-state=${finding.state} ?open=${finding.open}>
    <summary>${mark(finding.state)}<h3>${finding.heading}</h3><span class="state">${finding.word}</span>${icon('down')}</summary>
    <div class="body">
      ${finding.why ? html`<p>${finding.why}</p>` : nothing}
      ${finding.evidence.length > 0 ? html`<dl class="evid">${finding.evidence.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>` : nothing}
      ${finding.records.map(recordBox)}
      ${actions === nothing ? nothing : html`<div class="acts">${actions}</div>`}
    </div>
  </details>`;
}
