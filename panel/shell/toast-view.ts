/*
 * <ms-toast>: says what happened and offers the way back. 6 s, longer while it is hovered or focused.
 * The region stands in the page from the start, so that readers hear what comes into it.
 */
import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { problemText } from '../api/problem.ts';
import { icon } from '../elements/icon.ts';
import { mark } from '../elements/state.ts';
import { Watch } from '../state/store.ts';
import { say, toast } from '../state/toasts.ts';
import { t } from '../text/translate.ts';

@customElement('ms-toast')
export class ToastView extends LitElement {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #shown: unknown;

  constructor() {
    super();
    new Watch(this, toast);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override updated(): void {
    if (this.#shown === toast.value) return;
    this.#shown = toast.value;
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (toast.value) this.#timer = setTimeout(() => toast.set(undefined), 6000);
  }

  #hold = (): void => clearTimeout(this.#timer);
  #release = (): void => this.#wait();

  async #act(run: () => void | Promise<void>): Promise<void> {
    toast.set(undefined);
    try {
      await run();
    } catch (error) {
      say(problemText(error), undefined, 'fail');
    }
  }

  protected override render() {
    const now = toast.value;
    return html`<div role="status" aria-live="polite">${
      now
        ? html`<div class="toast" data-state=${now.state} @mouseenter=${this.#hold} @mouseleave=${this.#release} @focusin=${this.#hold} @focusout=${this.#release}>
      ${mark(now.state)}<span>${now.text}</span>
      ${now.action ? html`<button class="btn quiet" type="button" @click=${() => now.action && this.#act(now.action.run)}>${now.action.label}</button>` : nothing}
      <button class="btn quiet icon" type="button" aria-label=${t('close')} @click=${() => toast.set(undefined)}>${icon('x')}</button></div>`
        : nothing
    }</div>`;
  }
}
