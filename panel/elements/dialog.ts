/*
 * Base of all dialogs: a native modal with title, body and footer that owns its draft.
 * 1. Enter submits; Escape and the backdrop leave at once unless something was typed: then the footer asks, in place.
 * 2. open() resolves with the result, or undefined when it was left; the element removes itself and focus returns to the opener.
 * 3. While submit() runs nothing can be pressed twice; a Problem is shown at its field or above the footer.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { Problem, problemText } from '../api/problem.ts';
import { t } from '../text/translate.ts';
import { icon } from './icon.ts';
import { mark } from './state.ts';

export abstract class Dialog<Result> extends LitElement {
  @state() protected busy = false;
  @state() protected errors: Readonly<Record<string, string>> = {};
  @state() protected failure = '';
  @state() private asking = false;
  #typed = false;
  #settle: ((result: Result | undefined) => void) | undefined;

  protected abstract heading(): string;
  protected abstract body(): TemplateResult;
  protected abstract primary(): string;
  /** Does the work; what it returns is the dialog's result and closes it. undefined keeps it open. */
  protected abstract submit(): Promise<Result | undefined>;

  protected get danger(): boolean {
    return false;
  }
  protected get cancelLabel(): string {
    return t('cancel');
  }
  /** Rarely needed things, at the footer's left. */
  protected note(): TemplateResult | typeof nothing {
    return nothing;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  open(): Promise<Result | undefined> {
    document.body.append(this);
    return new Promise((resolve) => {
      this.#settle = resolve;
      void this.updateComplete.then(() => {
        this.querySelector('dialog')?.showModal();
        this.focusFirst();
      });
    });
  }

  /** The first field, for dialogs whose fields come later than they open. */
  protected focusFirst(): void {
    this.querySelector<HTMLElement>('[autofocus]')?.focus();
  }

  close(result?: Result): void {
    this.querySelector('dialog')?.close();
    this.remove();
    this.#settle?.(result);
    this.#settle = undefined;
  }

  /** What was typed is done with: leaving asks nothing any more. */
  protected settled(): void {
    this.#typed = false;
    this.asking = false;
  }

  protected leave(): void {
    if (this.busy) return;
    if (this.#typed && !this.asking) {
      this.asking = true;
      void this.updateComplete.then(() => this.querySelector<HTMLElement>('[data-stay]')?.focus());
      return;
    }
    this.close();
  }

  #onCancel = (event: Event): void => {
    event.preventDefault();
    this.leave();
  };

  #onPointer = (event: MouseEvent): void => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement)) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) this.leave();
  };

  #onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.errors = {};
    this.failure = '';
    try {
      const result = await this.submit();
      if (result !== undefined) this.close(result);
    } catch (error) {
      if (error instanceof Problem && error.field) this.errors = { [error.field]: problemText(error) };
      else this.failure = problemText(error);
    } finally {
      this.busy = false;
    }
    await this.updateComplete;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    // An error at a field that this dialog does not have is told above the footer instead.
    const told = this.querySelector('.field[data-state="fail"]') !== null;
    if (!told && !this.failure) this.failure = Object.values(this.errors)[0] ?? '';
    this.querySelector<HTMLElement>('.field[data-state="fail"] :is(input, select, textarea)')?.focus();
  };

  #footer(): TemplateResult {
    if (this.asking) {
      return html`<footer><span class="note small">${t('dialog.typed')}</span>
        <button class="btn" type="button" data-stay @click=${() => (this.asking = false)}>${t('dialog.stay')}</button>
        <button class="btn danger" type="button" @click=${() => this.close()}>${t('dialog.discard')}</button></footer>`;
    }
    const primary = this.primary();
    return html`<footer>${this.note()}<button class="btn" type="button" @click=${() => this.leave()}>${this.cancelLabel}</button>
      ${primary ? html`<button class="btn primary ${this.danger ? 'danger' : ''}" type="submit" aria-disabled=${this.busy ? 'true' : nothing}>${this.busy ? t('working') : primary}</button>` : nothing}</footer>`;
  }

  protected override render(): TemplateResult {
    const id = `${this.localName}-title`;
    return html`<dialog class="dialog" aria-labelledby=${id} @cancel=${this.#onCancel} @mousedown=${this.#onPointer}>
      <form novalidate @submit=${this.#onSubmit} @input=${() => (this.#typed = true)}>
        <header><h2 id=${id}>${this.heading()}</h2><button class="btn quiet icon" type="button" aria-label=${t('close')} @click=${() => this.leave()}>${icon('x')}</button></header>
        <div class="body">${this.body()}${this.failure ? html`<p class="failure" role="alert" data-state="fail">${mark('fail')}<span>${this.failure}</span></p>` : nothing}</div>
        ${this.#footer()}
      </form></dialog>`;
  }
}
