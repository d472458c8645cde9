/* A row of choices of which one is pressed: filters, spans of time, ways. */
import { html, type TemplateResult } from 'lit';

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
}

/** `classes` may be "scroll" (more than a phone's width) or "fill" (as wide as its place). */
export function segmented<V extends string>(
  label: string,
  choices: readonly Choice<V>[],
  chosen: { value: V; classes?: string },
  choose: (value: V) => void,
): TemplateResult {
  return html`<div class="seg ${chosen.classes ?? ''}" role="group" aria-label=${label}>${choices.map(
    (choice) =>
      html`<button type="button" aria-pressed=${choice.value === chosen.value ? 'true' : 'false'} @click=${() => choose(choice.value)}>${choice.label}</button>`,
  )}</div>`;
}
