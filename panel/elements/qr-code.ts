/* <ms-qr>: a text as a QR code, dark on white in both themes because cameras want it so. The encoder is fetched when first needed. */
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

@customElement('ms-qr')
export class QrCode extends LitElement {
  @property() text = '';
  @property() label = '';
  @state() private path = '';
  @state() private size = 0;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('text') && this.text) void this.#draw(this.text);
  }

  async #draw(text: string): Promise<void> {
    const { encode } = await import('uqr');
    if (text !== this.text) return;
    const { data, size } = encode(text, { ecc: 'M', border: 0 });
    this.size = size;
    this.path = data.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
  }

  protected override render() {
    return html`<div class="qr" role="img" aria-label=${this.label}>${this.path ? html`<svg viewBox="0 0 ${this.size} ${this.size}" shape-rendering="crispEdges" aria-hidden="true"><path fill="currentColor" d=${this.path}></path></svg>` : nothing}</div>`;
  }
}
