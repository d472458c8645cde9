/* Creating or changing a forwarder: one address or everything else, and what happens with its mail. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Domain, Forwarder } from '../../../daemon/http/contract/api.ts';
import { listDomains } from '../../api/domains.ts';
import { changeForwarder, createForwarder } from '../../api/forwarders.ts';
import { Dialog } from '../../elements/dialog.ts';
import { described, field, select, switchRow } from '../../elements/field.ts';
import { segmented } from '../../elements/segmented.ts';
import { t } from '../../text/translate.ts';
import { badTarget, splitTargets } from './targets.ts';

type Kind = Forwarder['kind'];

@customElement('ms-edit-forwarder')
export class EditForwarder extends Dialog<Forwarder> {
  /** The one to change; without it a new one is made. */
  forwarder: Forwarder | undefined;
  /** "name@domain" or "@domain" to start a new one from. */
  start = '';
  @state() private local = '';
  @state() private domain = '';
  @state() private catchAll = false;
  @state() private kind: Kind = 'forward';
  @state() private targets = '';
  @state() private keepCopy = false;
  @state() private rejectText = '';
  @state() private domains: readonly Domain[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const from = this.forwarder;
    const [local = '', domain = ''] = (from?.address ?? this.start).split('@');
    this.local = local;
    this.domain = domain;
    this.catchAll = from !== undefined && local === '';
    if (from) {
      this.kind = from.kind;
      this.targets = from.targets.join('\n');
      this.keepCopy = from.keepCopy;
      this.rejectText = from.rejectText ?? '';
    }
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const { items } = await listDomains({ limit: 200 });
    this.domains = items;
    if (!this.domain) this.domain = items[0]?.name ?? '';
  }

  protected override heading(): string {
    return this.forwarder ? t('fwd.dialog.change', { address: this.forwarder.address }) : t('fwd.dialog.create');
  }
  protected override primary(): string {
    return this.forwarder ? t('save') : t('fwd.create');
  }

  protected override async submit(): Promise<Forwarder | undefined> {
    const targets = this.kind === 'forward' ? splitTargets(this.targets) : [];
    const bad = badTarget(targets);
    const errors: Record<string, string> = {};
    if (!this.catchAll && !this.local.trim()) errors.address = t('fwd.dialog.noAddress');
    if (this.kind === 'forward' && targets.length === 0) errors.targets = t('fwd.dialog.noTarget');
    if (bad) errors.targets = t('fwd.dialog.badTarget', { address: bad });
    this.errors = errors;
    if (Object.keys(errors).length > 0) return undefined;
    const request = {
      address: `${this.catchAll ? '' : this.local.trim()}@${this.domain}`,
      kind: this.kind,
      targets,
      keepCopy: this.kind === 'forward' && this.keepCopy,
      rejectText: this.kind === 'reject' ? this.rejectText.trim() || null : null,
    };
    return this.forwarder ? changeForwarder(this.forwarder.id, request) : createForwarder(request);
  }

  #address(): TemplateResult {
    const local = this.catchAll
      ? html`<span class="input all" id="fwd-local">${t('fwd.everything')}</span>`
      : html`<input class="input" id="fwd-local" autofocus autocomplete="off" autocapitalize="none" spellcheck="false" .value=${this.local} aria-describedby=${described('fwd-local')} @input=${(event: Event) => (this.local = (event.target as HTMLInputElement).value)}>`;
    const control = html`<div class="joined address">${local}<span class="at" aria-hidden="true">@</span>${select({ id: 'fwd-domain', label: t('fwd.dialog.domain'), value: this.domain, options: this.domains.map((entry) => [entry.name, entry.display]), change: (domain) => (this.domain = domain) })}</div>`;
    return html`${field({ id: 'fwd-local', label: t('fwd.dialog.address'), control, error: this.errors.address })}
      ${switchRow({ id: 'fwd-catch', label: t('fwd.dialog.catch'), hint: t('fwd.dialog.catchHint'), checked: this.catchAll, change: (on) => (this.catchAll = on) })}`;
  }

  #what(): TemplateResult {
    if (this.kind === 'discard') return html`<p class="small mid">${t('fwd.dialog.discardHint')}</p>`;
    if (this.kind === 'reject') {
      const control = html`<input class="input" id="fwd-text" maxlength="200" autocomplete="off" .value=${this.rejectText} aria-describedby=${described('fwd-text')} @input=${(event: Event) => (this.rejectText = (event.target as HTMLInputElement).value)}>`;
      return field({ id: 'fwd-text', label: t('fwd.dialog.text'), hint: t('fwd.dialog.textHint'), control, error: this.errors.rejectText });
    }
    const control = html`<textarea class="input" id="fwd-targets" rows="3" autocapitalize="none" spellcheck="false" .value=${this.targets} aria-describedby=${described('fwd-targets')} @input=${(event: Event) => (this.targets = (event.target as HTMLTextAreaElement).value)}></textarea>`;
    return html`${field({ id: 'fwd-targets', label: t('fwd.dialog.targets'), hint: t('fwd.dialog.targetsHint'), control, error: this.errors.targets })}
      ${switchRow({ id: 'fwd-keep', label: t('fwd.dialog.keep'), hint: t('fwd.dialog.keepHint'), checked: this.keepCopy, change: (on) => (this.keepCopy = on) })}`;
  }

  protected override body(): TemplateResult {
    const kinds: readonly Kind[] = ['forward', 'discard', 'reject'];
    return html`${this.forwarder ? nothing : this.#address()}
      <div class="field"><span class="label">${t('fwd.dialog.kind')}</span>${segmented(
        t('fwd.dialog.kind'),
        kinds.map((kind) => ({ value: kind, label: t(`fwd.kind.${kind}`) })),
        { value: this.kind, classes: 'fill' },
        (kind) => (this.kind = kind),
      )}</div>
      ${this.#what()}`;
  }
}
