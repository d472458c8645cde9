/*
 * A labelled control with its hint and its error.
 * Invariant: the control given in takes `described` as its aria-describedby, so that hint and error are read with it.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { mark, type State } from './state.ts';

export interface FieldParts {
  readonly id: string;
  readonly label: string;
  readonly control: TemplateResult;
  readonly hint?: string | TemplateResult | undefined;
  readonly hintState?: State | undefined;
  readonly error?: string | undefined;
  readonly aside?: TemplateResult | undefined;
}

/** Ids for aria-describedby of the control with this id. */
export function described(id: string): string {
  return `${id}-hint ${id}-error`;
}

export function field(parts: FieldParts): TemplateResult {
  const { id, label, control, hint, hintState, error, aside } = parts;
  return html`<div class="field" data-state=${error ? 'fail' : nothing}>
    ${aside ? html`<div class="label-row"><label class="label" for=${id}>${label}</label>${aside}</div>` : html`<label for=${id}>${label}</label>`}
    ${control}
    ${hint && !error ? html`<span class="hint ${hintState ? 'with-mark' : ''}" id="${id}-hint" data-state=${hintState ?? nothing}>${hintState ? mark(hintState) : nothing}<span>${hint}</span></span>` : nothing}
    <span class="error" id="${id}-error" role="alert" ?hidden=${!error}>${error ? html`${mark('fail')}<span>${error}</span>` : nothing}</span>
  </div>`;
}

/** A native select dressed as the others. */
export function select(parts: {
  id: string;
  label?: string;
  value: string;
  options: readonly (readonly [string, string])[];
  change: (value: string) => void;
}): TemplateResult {
  return html`<span class="select"><select class="input" id=${parts.id} aria-label=${parts.label ?? nothing} .value=${parts.value} @change=${(event: Event) => parts.change((event.target as HTMLSelectElement).value)}>${parts.options.map(
    ([value, text]) => html`<option value=${value} ?selected=${value === parts.value}>${text}</option>`,
  )}</select><svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-down"></use></svg></span>`;
}

/** A switch with its label and what it does. */
export function switchRow(parts: {
  id: string;
  label: string;
  hint?: string;
  checked: boolean;
  change: (checked: boolean) => void;
}): TemplateResult {
  return html`<label class="switch-row" for=${parts.id}><span class="grow"><span class="strong">${parts.label}</span>${parts.hint ? html`<br><span class="small mid" id="${parts.id}-hint">${parts.hint}</span>` : nothing}</span>
    <input class="switch" type="checkbox" role="switch" id=${parts.id} .checked=${parts.checked} aria-describedby=${parts.hint ? `${parts.id}-hint` : nothing} @change=${(event: Event) => parts.change((event.target as HTMLInputElement).checked)}></label>`;
}
