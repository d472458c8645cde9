/* Changing one's own password: the old one, then the new one. */
import { html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { changeOwnPassword } from '../../api/session.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field } from '../../elements/field.ts';
import type { PasswordField } from '../../elements/password-field.ts';
import { shortestPassword } from '../../state/password.ts';
import { session } from '../../state/session.ts';
import { say } from '../../state/toasts.ts';
import { t } from '../../text/translate.ts';
import '../../elements/password-field.ts';

@customElement('ms-own-password')
export class OwnPassword extends Dialog<true> {
  @state() private current = '';

  protected override heading(): string {
    return t('own.dialog');
  }
  protected override primary(): string {
    return t('own.change');
  }
  protected override async submit(): Promise<true | undefined> {
    const next = this.querySelector<PasswordField>('ms-password')?.value ?? '';
    const errors: Record<string, string> = {};
    if (!this.current) errors.current = t('own.noCurrent');
    if (next.length < shortestPassword) errors.next = t('password.short');
    this.errors = errors;
    if (Object.keys(errors).length > 0) return undefined;
    await changeOwnPassword(this.current, next);
    return true;
  }
  protected override body(): TemplateResult {
    const control = html`<input class="input" id="own-current" type="password" autofocus autocomplete="current-password" .value=${this.current} aria-describedby=${described('own-current')} @input=${(event: Event) => (this.current = (event.target as HTMLInputElement).value)}>`;
    return html`<input class="vh" type="text" autocomplete="username" tabindex="-1" aria-hidden="true" readonly .value=${session.value?.login ?? ''}>
      ${field({ id: 'own-current', label: t('own.current'), control, error: this.errors.current })}
      <ms-password id="own-next" typedOnly .label=${t('own.next')} .error=${this.errors.next ?? this.errors.password ?? ''}></ms-password>`;
  }
}

export async function changePassword(): Promise<void> {
  if (await new OwnPassword().open()) say(t('own.done'));
}
