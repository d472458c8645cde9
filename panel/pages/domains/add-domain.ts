/* Adding a domain: its name and, for hosts with customers, whose it is. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Customer, Domain } from '../../../daemon/http/contract/api.ts';
import { addDomain } from '../../api/domains.ts';
import { listCustomers } from '../../api/settings.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field, select } from '../../elements/field.ts';
import { session } from '../../state/session.ts';
import { t } from '../../text/translate.ts';

@customElement('ms-add-domain')
export class AddDomain extends Dialog<Domain> {
  @state() private name = '';
  @state() private customer = '';
  @state() private customers: readonly Customer[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    if (session.value?.role !== 'account' && session.value?.role !== 'customer') void this.#ask();
  }

  async #ask(): Promise<void> {
    try {
      this.customers = await listCustomers();
    } catch {
      // The domain then belongs to whoever adds it, which is the default.
    }
  }

  protected override heading(): string {
    return t('domains.dialog.title');
  }
  protected override primary(): string {
    return t('domains.add');
  }

  protected override async submit(): Promise<Domain | undefined> {
    const name = this.name.trim().replace(/^@/, '').replace(/\.$/, '');
    if (!name.includes('.')) {
      this.errors = { name: t('domains.dialog.bad') };
      return undefined;
    }
    return addDomain({ name, ...(this.customer ? { customer: this.customer } : {}) });
  }

  protected override body(): TemplateResult {
    const control = html`<input class="input" id="domain-name" autofocus autocomplete="off" autocapitalize="none" spellcheck="false" .value=${this.name} aria-describedby=${described('domain-name')} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)}>`;
    const owner = select({
      id: 'domain-customer',
      value: this.customer || (this.customers[0]?.id ?? ''),
      options: this.customers.map((customer) => [customer.id, customer.name]),
      change: (id) => (this.customer = id),
    });
    return html`${field({ id: 'domain-name', label: t('domains.dialog.name'), hint: t('domains.dialog.hint'), error: this.errors.name, control })}
      ${this.customers.length > 1 ? field({ id: 'domain-customer', label: t('domains.dialog.customer'), control: owner }) : nothing}`;
  }
}
