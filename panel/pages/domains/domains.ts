/* <ms-domains>: the list of domains, each with its small line; search is the server's. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Domain } from '../../../daemon/http/contract/api.ts';
import { listDomains } from '../../api/domains.ts';
import { onLive } from '../../api/live.ts';
import { icon } from '../../elements/icon.ts';
import { miniLine } from '../../elements/line.ts';
import { empty, failed, Page, pageHead, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import { stateWord } from '../../elements/state.ts';
import type { Crumb, TopAction } from '../../state/crumbs.ts';
import { Paged } from '../../state/paged.ts';
import { go, place, setQuery, takeQuery } from '../../state/router.ts';
import { session } from '../../state/session.ts';
import { say } from '../../state/toasts.ts';
import { bytes, count } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { domainNote, domainsSentence } from './domain-state.ts';
import '../../elements/list-end.ts';

@customElement('ms-domains')
export class Domains extends Page {
  #q = place.value.query.get('q') ?? '';
  #all: number | undefined;
  #list = new Paged<Domain>(this, async (query, signal) => {
    const slice = await listDomains({ ...query, q: this.#q || undefined }, signal);
    if (!this.#q) this.#all = slice.total;
    return slice;
  });
  #stops: (() => void)[] = [];

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.domains') }];
  }

  protected override topAction(): TopAction {
    return { label: t('domains.add'), icon: 'plus', run: this.#add };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const refresh = (): void => void this.#list.refresh();
    this.#stops = [
      onLive('checked', refresh),
      onLive('again', refresh),
      onLive('changed', (event) => event.resource === 'domains' && refresh()),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  protected override onQuery(): void {
    if (takeQuery('add')) void this.#add();
  }

  #add = async (): Promise<void> => {
    const { AddDomain } = await import('./add-domain.ts');
    const added = await new AddDomain().open();
    if (!added) return;
    go(`/domains/${encodeURIComponent(added.name)}`);
    say(t('domains.added', { domain: added.display }));
  };

  #search = (q: string): void => {
    this.#q = q;
    setQuery({ q });
    void this.#list.restart();
  };

  #row(domain: Domain): TemplateResult {
    const note = domainNote(domain);
    const owner = session.value?.role === 'host' || session.value?.role === 'reseller' ? domain.customer.name : '';
    return html`<tr><td class="c-name"><a href="/domains/${encodeURIComponent(domain.name)}">${domain.display}</a>${owner ? html` <span class="mid owner">${owner}</span>` : nothing}</td>
      <td class="c-line">${domain.line.length > 0 ? miniLine(domain.line, domain.headline ?? note.word) : nothing}</td>
      <td class="c-n num right"><span class="no-phone">${count(domain.mailboxes)}</span><span class="only-phone">${t('domains.boxes', { count: domain.mailboxes, number: count(domain.mailboxes) })}</span></td>
      <td class="c-n num right no-phone">${bytes(domain.usageBytes)}</td>
      <td class="c-state ${note.state === 'ok' ? 'plain' : ''}">${note.state === 'ok' ? html`<span class="vh">${note.word}</span>` : stateWord(note.state, note.word)}</td></tr>`;
  }

  #table(items: readonly Domain[]): TemplateResult {
    return html`<table class="table domains"><caption class="vh">${t('domains.table')}</caption>
      <thead><tr><th scope="col">${t('domains.col.name')}</th><th scope="col" class="c-line">${t('domains.col.health')}</th><th scope="col" class="right">${t('domains.col.boxes')}</th><th scope="col" class="right">${t('domains.col.use')}</th><th scope="col">${t('domains.col.note')}</th></tr></thead>
      <tbody>${items.map((domain) => this.#row(domain))}</tbody></table>
      <ms-list-end .shown=${items.length} .total=${this.#list.total ?? 0} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }

  protected override render() {
    const { items, error, slow } = this.#list;
    if (!items)
      return error
        ? failed(error, () => this.#list.restart())
        : slow
          ? html`${pageHead({ heading: t('nav.domains') })}${skeletonRows()}`
          : nothing;
    const add = html`<button class="btn primary no-phone" type="button" @click=${this.#add}>${icon('plus')}${t('domains.add')}</button>`;
    if (items.length === 0 && !this.#q)
      return html`${pageHead({ heading: t('nav.domains') })}${empty({ heading: t('domains.none.heading'), text: t('domains.none.text'), acts: html`<button class="btn primary" type="button" @click=${this.#add}>${icon('plus')}${t('domains.add')}</button>` })}`;
    return html`${pageHead({ heading: domainsSentence(this.#q ? [] : items, this.#all ?? items.length), sub: t('domains.sub'), acts: add })}
      <div class="tool">${searchField({ label: t('domains.search'), placeholder: t('domains.searchPlaceholder'), value: this.#q, change: this.#search })}</div>
      ${items.length === 0 ? empty({ heading: t('list.none', { q: this.#q }), text: t('list.noneText'), acts: html`<button class="btn" type="button" @click=${() => this.#search('')}>${t('list.clearSearch')}</button>` }) : this.#table(items)}`;
  }
}
