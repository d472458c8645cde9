/* A search field that asks 180 ms after the last key. */
import { html, type TemplateResult } from 'lit';
import { icon } from './icon.ts';

const waiting = new WeakMap<HTMLInputElement, ReturnType<typeof setTimeout>>();

export function searchField(parts: { label: string; placeholder: string; value: string; change: (q: string) => void }): TemplateResult {
  const onInput = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    clearTimeout(waiting.get(input));
    waiting.set(
      input,
      setTimeout(() => parts.change(input.value.trim()), 180),
    );
  };
  return html`<div class="search" role="search">${icon('search')}<input class="input" type="search" aria-label=${parts.label} placeholder=${parts.placeholder} autocomplete="off" autocapitalize="none" spellcheck="false" .value=${parts.value} @input=${onInput}></div>`;
}
