/*
 * Creating a mailbox, then the step after it: settings, QR code, password.
 * 1. Whether the address is free is asked 300 ms after the last key; the server decides again when it is created.
 * 2. After it is created nothing is asked when one leaves: the draft is spent.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { CreatedMailbox, Domain } from '../../../daemon/http/contract/api.ts';
import { listDomains } from '../../api/domains.ts';
import { listForwarders } from '../../api/forwarders.ts';
import { createMailbox, listMailboxes } from '../../api/mailboxes.ts';
import { deviceSetup } from '../../elements/client-settings.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field, select } from '../../elements/field.ts';
import type { PasswordField } from '../../elements/password-field.ts';
import type { QuotaField } from '../../elements/quota-field.ts';
import { shortestPassword } from '../../state/password.ts';
import { t } from '../../text/translate.ts';
import '../../elements/copy-button.ts';
import '../../elements/password-field.ts';
import '../../elements/quota-field.ts';

@customElement('ms-create-mailbox')
export class CreateMailbox extends Dialog<CreatedMailbox> {
  /** "@example.com" or "name@example.com" to start from. */
  start = '';
  /** Told for every mailbox created, for the list behind. */
  created: (made: CreatedMailbox) => void = () => {};
  @state() private local = '';
  @state() private domain = '';
  @state() private domains: readonly Domain[] = [];
  @state() private name = '';
  @state() private free: boolean | undefined;
  @state() private made: CreatedMailbox | undefined;
  #password = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    const [local = '', domain = ''] = this.start.split('@');
    this.local = local;
    this.domain = domain;
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const { items } = await listDomains({ limit: 200 });
    this.domains = items;
    if (!this.domain) this.domain = items[0]?.name ?? '';
    this.#look();
    await this.updateComplete;
    this.focusFirst();
  }

  get #address(): string {
    return `${this.local.trim()}@${this.domain}`;
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.free = undefined;
    if (!this.local.trim() || !this.domain) return;
    this.#timer = setTimeout(() => void this.#isFree(), 300);
  }

  async #isFree(): Promise<void> {
    const address = this.#address.toLowerCase();
    try {
      const [boxes, forwarders] = await Promise.all([listMailboxes({ q: address, limit: 5 }), listForwarders({ q: address, limit: 5 })]);
      if (address !== this.#address.toLowerCase()) return;
      this.free = ![...boxes.items, ...forwarders.items].some((entry) => entry.address.toLowerCase() === address);
    } catch {
      // Only a hint: the server answers for certain when the mailbox is created.
    }
  }

  protected override heading(): string {
    return this.made ? t('created.title', { address: this.made.mailbox.address }) : t('create.title');
  }
  protected override primary(): string {
    return this.made ? t('created.done') : t('create.doing');
  }
  protected override get cancelLabel(): string {
    return this.made ? t('created.another') : t('cancel');
  }

  protected override leave(): void {
    if (!this.made) return super.leave();
    if (document.activeElement?.closest('footer')) return this.#another();
    this.close(this.made);
  }

  #another(): void {
    this.made = undefined;
    this.local = '';
    this.name = '';
    this.free = undefined;
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('#box-local')?.focus());
  }

  #check(): { password: string; quota: number | null | undefined } | undefined {
    const errors: Record<string, string> = {};
    const password = this.querySelector<PasswordField>('ms-password')?.value ?? '';
    const quota = this.querySelector<QuotaField>('ms-quota')?.read();
    if (!this.local.trim()) errors.address = t('create.noName');
    if (this.free === false) errors.address = t('create.taken', { address: this.#address });
    if (password.length < shortestPassword) errors.password = t('password.short');
    if (quota === 'bad') errors.quotaBytes = t('create.badAmount');
    this.errors = errors;
    return Object.keys(errors).length > 0 || quota === 'bad' ? undefined : { password, quota };
  }

  protected override async submit(): Promise<CreatedMailbox | undefined> {
    if (this.made) return this.made;
    const checked = this.#check();
    if (!checked) return undefined;
    const { password, quota } = checked;
    this.made = await createMailbox({
      address: this.#address,
      password,
      ...(this.name.trim() ? { name: this.name.trim() } : {}),
      ...(quota === undefined ? {} : { quotaBytes: quota }),
    });
    this.#password = this.made.password ?? password;
    this.settled();
    this.created(this.made);
    await this.updateComplete;
    this.querySelector<HTMLElement>('footer [type=submit]')?.focus();
    return undefined;
  }

  #addressField(): TemplateResult {
    const onLocal = (event: Event): void => {
      const [local = '', domain] = (event.target as HTMLInputElement).value.split('@');
      this.local = local;
      if (domain && this.domains.some((entry) => entry.name === domain)) this.domain = domain;
      this.#look();
    };
    const control = html`<div class="joined address"><input class="input" id="box-local" autofocus autocomplete="off" autocapitalize="none" spellcheck="false" .value=${this.local} aria-describedby=${described('box-local')} @input=${onLocal}><span class="at" aria-hidden="true">@</span>${select(
      {
        id: 'box-domain',
        label: t('create.domain'),
        value: this.domain,
        options: this.domains.map((entry) => [entry.name, entry.display]),
        change: (domain) => {
          this.domain = domain;
          this.#look();
        },
      },
    )}</div>`;
    const hint = this.free === true ? { hint: t('create.free', { address: this.#address }), hintState: 'ok' as const } : {};
    const error = this.errors.address ?? (this.free === false ? t('create.taken', { address: this.#address }) : undefined);
    return field({ id: 'box-local', label: t('create.address'), control, error, ...hint });
  }

  #form(): TemplateResult {
    const name = html`<input class="input" id="box-name" autocomplete="off" maxlength="200" .value=${this.name} aria-describedby=${described('box-name')} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)}>`;
    return html`${this.#addressField()}${field({ id: 'box-name', label: t('create.name'), control: name, error: this.errors.name })}
      <ms-password .label=${t('password.label')} .error=${this.errors.password ?? ''}></ms-password>
      <ms-quota .hint=${t('create.default')} .error=${this.errors.quotaBytes ?? ''}></ms-quota>`;
  }

  #after(made: CreatedMailbox): TemplateResult {
    return html`<div class="field"><span class="label" id="made-password">${t('created.password')}</span><div class="generated"><output class="secret num" aria-labelledby="made-password">${this.#password}</output><ms-copy .text=${this.#password} .label=${t('password.copy')}></ms-copy></div><span class="hint">${t('created.passwordHint')}</span></div>
      ${deviceSetup(made.settings, true)}`;
  }

  protected override body(): TemplateResult {
    return html`${this.made ? this.#after(this.made) : this.domains.length > 0 ? this.#form() : nothing}`;
  }
}
