/* The postmark of the sign-in page, with the server's name and today's date. It stands nowhere else. */
import { html, svg, type TemplateResult } from 'lit';

const waves = [52, 71, 90, 109, 128, 147];
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function postmark(host: string, today: Date): TemplateResult {
  const name = host.toUpperCase();
  return html`<svg class="postmark" viewBox="0 0 470 200" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">
    <circle cx="100" cy="100" r="96"></circle><circle cx="100" cy="100" r="66"></circle>
    ${waves.map((y) => waveLine(y))}
    <path id="ring" d="M20.5 100a79.5 79.5 0 0 1 159 0" stroke="none"></path><path id="ring2" d="M12.5 100a87.5 87.5 0 0 0 175 0" stroke="none"></path>
    <g class="ink ${name.length > 18 ? 'long' : ''}"><text><textPath href="#ring" startOffset="50%" text-anchor="middle">${name.slice(0, 32)}</textPath></text><text class="low"><textPath href="#ring2" startOffset="50%" text-anchor="middle">MAILSTEAD</textPath></text>
      <text class="big" x="100" y="96" text-anchor="middle">${day.format(today).toUpperCase()}</text><text class="big" x="100" y="120" text-anchor="middle">${today.getFullYear()}</text></g></svg>`;
}

function waveLine(y: number): TemplateResult {
  return svg`<path d="M196 ${y}q22-15 44 0t44 0 44 0 44 0 44 0 44 0"></path>`;
}
