/* Creating an API token; the step after it shows the secret once. */
import { html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Role, Token } from '../../../daemon/http/contract/api.ts';
import { createToken } from '../../api/settings.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field, select } from '../../elements/field.ts';
import { session } from '../../state/session.ts';
import { t } from '../../text/translate.ts';
import '../../elements/copy-button.ts';

const below: Readonly<Record<Role, readonly Role[]>> = {
  host: ['host', 'customer'],
  reseller: ['reseller', 'customer'],
  customer: ['customer'],
  account: ['account'],
};

@customElement('ms-create-token')
export class CreateToken extends Dialog<Token> {
  @state() private label = '';
  @state() private may: Role = session.value?.role ?? 'customer';
  @state() private days = '';
  @state() private made: { token: Token; secret: string } | undefined;

  protected override heading(): string {
    return this.made ? t('tok.made', { label: this.made.token.label }) : t('tok.create');
  }
  protected override primary(): string {
    return this.made ? t('tok.done') : t('tok.create');
  }
  protected override get cancelLabel(): string {
    return this.made ? t('close') : t('cancel');
  }
  protected override async submit(): Promise<Token | undefined> {
    if (this.made) return this.made.token;
    if (!this.label.trim()) {
      this.errors = { label: t('tok.labelBad') };
      return undefined;
    }
    const expiresAt = this.days ? new Date(Date.now() + Number(this.days) * 86_400_000).toISOString() : null;
    this.made = await createToken({ label: this.label.trim(), role: this.may, expiresAt });
    this.settled();
    await this.updateComplete;
    this.querySelector<HTMLElement>('footer [type=submit]')?.focus();
    return undefined;
  }
  protected override body(): TemplateResult {
    if (this.made) {
      return html`<div class="field"><span class="label" id="token-secret">${t('tok.secret')}</span><div class="generated"><output class="secret num addr" aria-labelledby="token-secret">${this.made.secret}</output><ms-copy .text=${this.made.secret} .label=${t('tok.copy')}></ms-copy></div><span class="hint">${t('tok.secretHint')}</span></div>`;
    }
    const label = html`<input class="input" id="token-label" maxlength="100" autofocus autocomplete="off" .value=${this.label} aria-describedby=${described('token-label')} @input=${(event: Event) => (this.label = (event.target as HTMLInputElement).value)}>`;
    const roles = below[session.value?.role ?? 'customer'];
    const role = select({
      id: 'token-role',
      value: this.may,
      options: roles.map((value) => [value, t(`tok.role.${value}`)]),
      change: (value) => (this.may = roles.find((entry) => entry === value) ?? this.may),
    });
    const ends = select({
      id: 'token-ends',
      value: this.days,
      options: [
        ['', t('tok.expires.never')],
        ['30', t('tok.expires.30')],
        ['365', t('tok.expires.365')],
      ],
      change: (value) => (this.days = value),
    });
    return html`${field({ id: 'token-label', label: t('tok.label'), control: label, error: this.errors.label })}${field({ id: 'token-role', label: t('tok.role'), control: role })}${field({ id: 'token-ends', label: t('tok.expires'), control: ends })}`;
  }
}
