/*
 * <ms-quota>: an amount of storage with its unit, or no limit.
 * read() gives bytes, null for no limit, undefined when the field is empty, or 'bad'.
 */
import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { parseQuota, quotaField } from '../text/quota.ts';
import { t } from '../text/translate.ts';
import { described, field, select } from './field.ts';

type Unit = 'M' | 'G' | 'T' | 'none';

@customElement('ms-quota')
export class QuotaField extends LitElement {
  @property() error = '';
  @property() hint = '';
  @property({ attribute: false }) start: number | null | undefined;
  @state() private amount = '';
  @state() private unit: Unit = 'G';

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.start === null) this.unit = 'none';
    if (typeof this.start === 'number') {
      const { amount, unit } = quotaField(this.start);
      this.amount = amount;
      this.unit = unit === 'K' ? 'M' : unit;
      if (unit === 'K') this.amount = String(this.start / 1024 ** 2);
    }
  }

  read(): number | null | undefined | 'bad' {
    if (this.unit === 'none') return null;
    if (this.amount.trim() === '') return undefined;
    return parseQuota(this.amount, this.unit) ?? 'bad';
  }

  #unit(unit: string): void {
    this.unit = unit === 'M' || unit === 'T' || unit === 'none' ? unit : 'G';
  }

  protected override render(): TemplateResult {
    const control = html`<span class="joined quota"><input class="input num" id="quota" inputmode="decimal" autocomplete="off" ?disabled=${this.unit === 'none'} .value=${this.unit === 'none' ? '' : this.amount} aria-describedby=${described('quota')} @input=${(event: Event) => (this.amount = (event.target as HTMLInputElement).value)}>${select(
      {
        id: 'quota-unit',
        label: t('create.unit'),
        value: this.unit,
        options: [
          ['M', 'MB'],
          ['G', 'GB'],
          ['T', 'TB'],
          ['none', t('create.noLimit')],
        ],
        change: (unit) => this.#unit(unit),
      },
    )}</span>`;
    return field({ id: 'quota', label: t('create.storage'), control, hint: this.hint, error: this.error });
  }
}
