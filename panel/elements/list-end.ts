/*
 * <ms-list-end>: says how much of a list is shown and asks for more when it comes into view.
 * The button does the same, for those who do not scroll.
 */
import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { count } from '../text/format.ts';
import { t } from '../text/translate.ts';

@customElement('ms-list-end')
export class ListEnd extends LitElement {
  @property({ type: Number }) shown = 0;
  @property({ type: Number }) total = 0;
  @property({ type: Boolean }) more = false;
  @property({ type: Boolean }) busy = false;
  #observer: IntersectionObserver | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && this.more && !this.busy && this.#ask(), {
      rootMargin: '400px',
    });
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  #ask(): void {
    this.dispatchEvent(new Event('more'));
  }

  protected override render() {
    if (!this.more) return nothing;
    return html`<p class="small dim list-end"><span class="num">${this.total > this.shown ? t('list.shown', { shown: count(this.shown), total: count(this.total) }) : t('list.shownSoFar', { shown: count(this.shown) })}</span>
      <button class="btn" type="button" @click=${this.#ask}>${t('list.more')}</button></p>`;
  }
}
