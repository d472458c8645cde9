/*
 * <ms-copy>: copies a text and says so in its own place for two seconds.
 * Where the browser gives no clipboard (plain http) it selects nothing and says how to go on.
 */
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { t } from '../text/translate.ts';
import { icon } from './icon.ts';

@customElement('ms-copy')
export class CopyButton extends LitElement {
  @property() text = '';
  /** What is copied, for readers: "Copy the MX record". */
  @property() label = '';
  @property() look = 'btn';
  @property() face = '';
  @state() private told: '' | 'done' | 'failed' = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.told = 'done';
    } catch {
      // No permission or no secure page: the text stands beside the button to be marked by hand.
      this.told = 'failed';
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.told = ''), 2000);
  }

  protected override render() {
    const words = this.told === 'done' ? t('copied') : this.told === 'failed' ? t('copyFailed') : this.face || t('copy');
    return html`<button class=${this.look} type="button" aria-label=${this.told ? nothing : this.label || nothing} @click=${this.#copy}>${icon(this.told === 'done' ? 'check' : 'copy')}<span aria-live="polite">${words}</span></button>`;
  }
}
