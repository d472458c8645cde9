/* Bars: how full something is (4 px), and what a whole consists of (10 px). Grey until there is a reason. */
import { html, nothing, type TemplateResult } from 'lit';
import { usage } from '../text/format.ts';
import type { State } from './state.ts';

/** Nearly full from 90 %, full from 100 %. */
export function fullness(used: number, quota: number | null): State {
  if (quota === null) return 'wait';
  return used >= quota ? 'fail' : used >= quota * 0.9 ? 'warn' : 'wait';
}

/** A bar of `share` (0..1); the figure has to stand beside it. */
export function meter(share: number, state?: State): TemplateResult {
  const width = `width:${Math.max(0, Math.min(1, share)) * 100}%`;
  return html`<span class="meter" data-state=${state ?? nothing} aria-hidden="true"><i .style=${width}></i></span>`;
}

/** Bar and "4.7 of 5 GB" for a mailbox; without a limit the amount alone. */
export function usageMeter(used: number, quota: number | null): TemplateResult {
  const [amount, of] = usage(used, quota);
  return html`<span class="use">${quota === null ? html`<span></span>` : meter(used / quota, fullness(used, quota))}<span class="num"><span class="amt">${amount}</span> <span class="dim">${of}</span></span></span>`;
}

export interface Part {
  readonly label: string;
  readonly size: number;
  readonly colour: string;
}

/** The parts of a whole as one thick bar, described for readers, with its legend below. */
export function partsMeter(parts: readonly Part[], whole: number, description: string, tell: (size: number) => string): TemplateResult {
  return html`
    <span class="meter thick" role="img" aria-label=${description}>${parts.map((part) => html`<i .style=${`width:${(part.size / Math.max(1, whole)) * 100}%;background:${part.colour}`}></i>`)}</span>
    ${partsLegend(parts, tell)}`;
}

/** The legend alone, for parts of what has no limit: a bar of it would look full. */
export function partsLegend(parts: readonly Part[], tell: (size: number) => string): TemplateResult {
  return html`<div class="legend num">${parts.map((part) => html`<span .style=${`--sw:${part.colour}`}>${part.label} ${tell(part.size)}</span>`)}</div>`;
}
