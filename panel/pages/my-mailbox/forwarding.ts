/* <ms-own-forwarding>: a mailbox user's own forwarding: on or off, to whom, with or without a copy. It owns its draft until it is saved. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { OwnForwarder } from '../../../daemon/http/contract/api.ts';
import { setOwnForwarder } from '../../api/mailboxes.ts';
import { problemText } from '../../api/problem.ts';
import { described, field, switchRow } from '../../elements/field.ts';
import { say } from '../../state/toasts.ts';
import { list } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { badTarget, splitTargets } from '../forwarders/targets.ts';

@customElement('ms-own-forwarding')
export class OwnForwarding extends LitElement {
  @property({ attribute: false }) forwarder: OwnForwarder | null = null;
  @state() private on = false;
  @state() private targets = '';
  @state() private keepCopy = true;
  @state() private error = '';
  @state() private busy = false;

  protected override createRenderRoot(): this {
    return this;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('forwarder')) return;
    this.on = (this.forwarder?.targets.length ?? 0) > 0;
    this.targets = (this.forwarder?.targets ?? []).join('\n');
    this.keepCopy = this.forwarder?.keepCopy ?? true;
  }

  async #save(): Promise<void> {
    const targets = this.on ? splitTargets(this.targets) : [];
    const bad = badTarget(targets);
    this.error = this.on && targets.length === 0 ? t('me.forward.none') : bad ? t('me.forward.bad', { address: bad }) : '';
    if (this.error || this.busy) return;
    this.busy = true;
    try {
      await setOwnForwarder({ targets, keepCopy: this.keepCopy });
      say(targets.length > 0 ? t('me.forward.saved', { addresses: list(targets) }) : t('me.forward.off'));
      this.dispatchEvent(new Event('saved'));
    } catch (error) {
      this.error = problemText(error);
    } finally {
      this.busy = false;
    }
  }

  #details(): TemplateResult {
    const control = html`<textarea class="input" id="forward-to" rows="3" autocapitalize="none" spellcheck="false" .value=${this.targets} aria-describedby=${described('forward-to')} @input=${(event: Event) => (this.targets = (event.target as HTMLTextAreaElement).value)}></textarea>`;
    return html`${field({ id: 'forward-to', label: t('me.forward.to'), hint: t('me.forward.toHint'), control, error: this.error })}
      ${switchRow({ id: 'forward-keep', label: t('me.forward.keep'), hint: t('me.forward.keepHint'), checked: this.keepCopy, change: (on) => (this.keepCopy = on) })}`;
  }

  protected override render() {
    const changed = this.on !== (this.forwarder?.targets.length ?? 0) > 0 || this.on;
    return html`<div class="stack">${switchRow({ id: 'forward-on', label: t('me.forward.on'), checked: this.on, change: (on) => (this.on = on) })}
      ${this.on ? this.#details() : nothing}
      ${changed ? html`<div><button class="btn" type="button" @click=${this.#save}>${this.busy ? t('working') : t('save')}</button></div>` : nothing}</div>`;
  }
}
