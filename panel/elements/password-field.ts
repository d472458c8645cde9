/*
 * <ms-password>: a password that is typed or made up by us.
 * 1. A generated one is shown and can be copied, for nobody has seen it yet; a typed one is hidden until the eye is pressed.
 * 2. `value` is always what will be sent; every change is told by an input event, as from a native field.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { generatePassword } from '../state/password.ts';
import { t } from '../text/translate.ts';
import { described, field } from './field.ts';
import { icon } from './icon.ts';
import { segmented } from './segmented.ts';
import './copy-button.ts';

@customElement('ms-password')
export class PasswordField extends LitElement {
  @property() label = '';
  @property() error = '';
  @property() hint = '';
  @property({ type: Boolean }) typedOnly = false;
  @state() value = '';
  @state() way: 'generated' | 'typed' = 'generated';
  @state() private shown = false;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.typedOnly) this.way = 'typed';
    if (this.way === 'generated' && !this.value) this.value = generatePassword();
  }

  #choose(way: 'generated' | 'typed'): void {
    this.way = way;
    this.value = way === 'generated' ? generatePassword() : '';
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>('input')?.focus());
  }

  #generated(): TemplateResult {
    return html`<div class="generated"><output class="secret num" aria-label=${this.label}>${this.value}</output>
      <button class="btn quiet icon" type="button" aria-label=${t('password.another')} @click=${() => (this.value = generatePassword())}>${icon('again')}</button>
      <ms-copy .text=${this.value} .label=${t('password.copy')}></ms-copy></div>
      <p class="hint small mid">${this.hint || t('password.generatedHint')}</p>`;
  }

  #typed(): TemplateResult {
    const id = `${this.id || 'password'}-input`;
    const control = html`<span class="with-eye"><input class="input" id=${id} type=${this.shown ? 'text' : 'password'} autocomplete="new-password" .value=${this.value} aria-describedby=${described(id)} aria-invalid=${this.error ? 'true' : nothing}
      @input=${(event: Event) => (this.value = (event.target as HTMLInputElement).value)}><button class="btn quiet icon" type="button" aria-pressed=${this.shown ? 'true' : 'false'} aria-label=${t('password.show')} @click=${() => (this.shown = !this.shown)}>${icon('eye')}</button></span>`;
    return field({ id, label: this.typedOnly ? this.label : t('password.typeIt'), control, hint: t('password.rule'), error: this.error });
  }

  protected override render(): TemplateResult {
    if (this.typedOnly) return this.#typed();
    return html`<fieldset class="field"><legend class="label">${this.label}</legend>
      ${segmented(
        this.label,
        [
          { value: 'generated', label: t('password.generate') },
          { value: 'typed', label: t('password.type') },
        ],
        { value: this.way, classes: 'fill' },
        (way) => this.#choose(way),
      )}
      ${this.way === 'generated' ? this.#generated() : this.#typed()}</fieldset>`;
  }
}
