/* Icons from the sprite that the build puts into index.html; they say nothing to screen readers. */
import { html, type TemplateResult } from 'lit';

/** A 16 px line icon, or a filled state mark when the name begins with s-. */
export function icon(name: string): TemplateResult {
  const symbol = name.startsWith('s-') || name === 'mark' ? name : `i-${name}`;
  if (name === 'mark')
    return html`<svg class="mark" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true"><use href="#mark"></use></svg>`;
  return html`<svg class=${name.startsWith('s-') ? 'i-s' : 'i'} viewBox="0 0 16 16" aria-hidden="true"><use href=${`#${symbol}`}></use></svg>`;
}
