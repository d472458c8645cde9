/* The small dialogs of a mailbox: new password, storage, name, what is off. Each owns its draft and saves it itself. */
import { html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Mailbox, MailboxPatch } from '../../../daemon/http/contract/api.ts';
import { changeMailbox, setMailboxPassword } from '../../api/mailboxes.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field, switchRow } from '../../elements/field.ts';
import type { PasswordField } from '../../elements/password-field.ts';
import type { QuotaField } from '../../elements/quota-field.ts';
import { shortestPassword } from '../../state/password.ts';
import { bytes } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import '../../elements/password-field.ts';
import '../../elements/quota-field.ts';

@customElement('ms-mailbox-password')
export class MailboxPassword extends Dialog<true> {
  box!: Pick<Mailbox, 'id' | 'address'>;

  protected override heading(): string {
    return t('password.title', { address: this.box.address });
  }
  protected override primary(): string {
    return t('password.set');
  }
  protected override async submit(): Promise<true | undefined> {
    const password = this.querySelector<PasswordField>('ms-password')?.value ?? '';
    if (password.length < shortestPassword) {
      this.errors = { password: t('password.short') };
      return undefined;
    }
    await setMailboxPassword(this.box.id, password);
    return true;
  }
  protected override body(): TemplateResult {
    return html`<p class="mid">${t('box.passwordText')}</p><ms-password .label=${t('password.new')} .error=${this.errors.password ?? ''}></ms-password>`;
  }
}

@customElement('ms-mailbox-quota')
export class MailboxQuota extends Dialog<Mailbox> {
  box!: Mailbox;

  protected override heading(): string {
    return t('quota.title', { address: this.box.address });
  }
  protected override primary(): string {
    return t('save');
  }
  protected override async submit(): Promise<Mailbox | undefined> {
    const quota = this.querySelector<QuotaField>('ms-quota')?.read();
    if (quota === 'bad' || quota === undefined) {
      this.errors = { quotaBytes: t('create.badAmount') };
      return undefined;
    }
    return changeMailbox(this.box.id, { quotaBytes: quota });
  }
  protected override body(): TemplateResult {
    return html`<ms-quota .start=${this.box.quotaBytes} .hint=${t('quota.used', { used: bytes(this.box.usageBytes) })} .error=${this.errors.quotaBytes ?? ''}></ms-quota>`;
  }
}

@customElement('ms-mailbox-name')
export class MailboxName extends Dialog<Mailbox> {
  box!: Mailbox;
  @state() private name: string | undefined;

  protected override heading(): string {
    return t('rename.title', { address: this.box.address });
  }
  protected override primary(): string {
    return t('save');
  }
  protected override submit(): Promise<Mailbox> {
    return changeMailbox(this.box.id, { name: (this.name ?? this.box.name).trim() });
  }
  protected override body(): TemplateResult {
    const control = html`<input class="input" id="box-name" autofocus autocomplete="off" maxlength="200" .value=${this.name ?? this.box.name} aria-describedby=${described('box-name')} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)}>`;
    return field({ id: 'box-name', label: t('create.name'), hint: t('create.nameHint'), control, error: this.errors.name });
  }
}

/** Sign-in, receiving and sending, each by itself, for one mailbox or several. */
@customElement('ms-mailbox-suspend')
export class MailboxSuspend extends Dialog<readonly Mailbox[]> {
  boxes!: readonly Mailbox[];
  @state() private login = false;
  @state() private incoming = false;
  @state() private outgoing = false;
  @state() private reason = '';

  override connectedCallback(): void {
    super.connectedCallback();
    const [first] = this.boxes;
    if (this.boxes.length !== 1 || !first) return;
    this.login = first.suspendedLogin;
    this.incoming = first.suspendedIn;
    this.outgoing = first.suspendedOut;
    this.reason = first.suspendedReason ?? '';
  }

  protected override heading(): string {
    const [first] = this.boxes;
    return this.boxes.length === 1 && first
      ? t('suspend.title', { address: first.address })
      : t('suspend.titleMany', { count: this.boxes.length });
  }
  protected override primary(): string {
    return t('suspend.save');
  }
  protected override async submit(): Promise<readonly Mailbox[]> {
    const any = this.login || this.incoming || this.outgoing;
    const change: MailboxPatch = {
      suspendedLogin: this.login,
      suspendedIn: this.incoming,
      suspendedOut: this.outgoing,
      suspendedReason: any ? this.reason.trim() || null : null,
    };
    const changed: Mailbox[] = [];
    for (const box of this.boxes) changed.push(await changeMailbox(box.id, change));
    return changed;
  }
  protected override body(): TemplateResult {
    const reason = html`<input class="input" id="suspend-reason" maxlength="300" autocomplete="off" .value=${this.reason} aria-describedby=${described('suspend-reason')} @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}>`;
    return html`<div class="switches">
        ${switchRow({ id: 'suspend-login', label: t('suspend.login'), hint: t('suspend.loginHint'), checked: !this.login, change: (on) => (this.login = !on) })}
        ${switchRow({ id: 'suspend-in', label: t('suspend.in'), hint: t('suspend.inHint'), checked: !this.incoming, change: (on) => (this.incoming = !on) })}
        ${switchRow({ id: 'suspend-out', label: t('suspend.out'), hint: t('suspend.outHint'), checked: !this.outgoing, change: (on) => (this.outgoing = !on) })}</div>
      ${this.login || this.incoming || this.outgoing ? field({ id: 'suspend-reason', label: t('suspend.reason'), control: reason }) : ''}`;
  }
}
