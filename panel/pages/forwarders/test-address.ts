/* Where mail to an address would go, one sentence a step. Nothing is sent. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { AddressTestResult } from '../../../daemon/http/contract/api.ts';
import { testAddress } from '../../api/forwarders.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field } from '../../elements/field.ts';
import { type State, stateWord } from '../../elements/state.ts';
import { t } from '../../text/translate.ts';

const states: Readonly<Record<AddressTestResult['outcome'], State>> = {
  deliverable: 'ok',
  unknown: 'fail',
  'not-ours': 'info',
  refused: 'fail',
  suspended: 'warn',
  temporary: 'wait',
};

@customElement('ms-test-address')
export class TestAddress extends Dialog<never> {
  @state() private address = '';
  @state() private result: AddressTestResult | undefined;

  protected override heading(): string {
    return t('test.title');
  }
  protected override primary(): string {
    return t('test.run');
  }
  protected override get cancelLabel(): string {
    return t('close');
  }
  protected override async submit(): Promise<undefined> {
    this.result = undefined;
    if (!/^[^@\s]+@[^@\s]+$/.test(this.address.trim())) {
      this.errors = { address: t('test.bad') };
      return;
    }
    this.result = await testAddress(this.address.trim());
    this.settled();
  }
  protected override body(): TemplateResult {
    const control = html`<input class="input" id="test-address" type="text" inputmode="email" autofocus autocomplete="off" autocapitalize="none" spellcheck="false" .value=${this.address} aria-describedby=${described('test-address')} @input=${(event: Event) => (this.address = (event.target as HTMLInputElement).value)}>`;
    const { result } = this;
    return html`${field({ id: 'test-address', label: t('test.address'), hint: t('test.hint'), control, error: this.errors.address })}
      <div role="status">${result ? html`${stateWord(states[result.outcome], t(`test.outcome.${result.outcome}`))}<ol class="way" aria-label=${t('test.steps')}>${result.steps.map((step) => html`<li class="addr">${step}</li>`)}</ol>` : nothing}</div>`;
  }
}
