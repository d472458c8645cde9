/* <ms-audit>: who changed what, newest first; the host's. */
import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { AuditEntry } from '../../../daemon/http/contract/api.ts';
import { listAudit } from '../../api/settings.ts';
import { empty, failed, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import { Paged } from '../../state/paged.ts';
import { moment } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { actionWords, detailWords } from './audit-words.ts';
import '../../elements/list-end.ts';

@customElement('ms-audit')
export class Audit extends LitElement {
  #q = '';
  #list = new Paged<AuditEntry>(this, (query, signal) => listAudit({ ...query, q: this.#q || undefined }, signal));

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render() {
    const { items, error, slow } = this.#list;
    if (!items) return error ? failed(error, () => this.#list.restart(), true) : slow ? skeletonRows() : nothing;
    const now = new Date();
    const search = (q: string): void => {
      this.#q = q;
      void this.#list.restart();
    };
    if (items.length === 0 && !this.#q) return empty({ heading: t('audit.none.heading'), text: t('audit.none.text') });
    return html`<div class="tool">${searchField({ label: t('search'), placeholder: t('search'), value: this.#q, change: search })}</div>
      <ul class="rows audit">${items.map((entry) => html`<li><span class="grow addr">${actionWords(entry.action)} <span class="strong">${entry.object}</span>${detailWords(entry.detail) ? html` <span class="mid">${detailWords(entry.detail)}</span>` : nothing}<br><span class="tiny dim">${entry.address ? t('audit.by', { actor: entry.actor, address: entry.address }) : t('audit.byLocal', { actor: entry.actor })}</span></span><time class="small dim num" datetime=${entry.at}>${moment(entry.at, now)}</time></li>`)}</ul>
      <ms-list-end .shown=${items.length} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }
}
