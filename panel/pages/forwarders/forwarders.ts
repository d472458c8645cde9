/* <ms-forwarders>: addresses without a mailbox, catch-alls included. Deleting can be taken back from the toast. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Forwarder } from '../../../daemon/http/contract/api.ts';
import { createForwarder, listForwarders, removeForwarder } from '../../api/forwarders.ts';
import { onLive } from '../../api/live.ts';
import { problemText } from '../../api/problem.ts';
import { icon } from '../../elements/icon.ts';
import { empty, failed, Page, pageHead, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import type { Crumb, TopAction } from '../../state/crumbs.ts';
import { Paged } from '../../state/paged.ts';
import { place, setQuery, takeQuery } from '../../state/router.ts';
import { say } from '../../state/toasts.ts';
import { t } from '../../text/translate.ts';
import { forwarderName, forwardersSentence, isCatchAll, whatHappens } from './forwarder-words.ts';
import '../../elements/list-end.ts';
import '../../elements/menu.ts';

@customElement('ms-forwarders')
export class Forwarders extends Page {
  #q = place.value.query.get('q') ?? '';
  #list = new Paged<Forwarder>(this, (query, signal) => listForwarders({ ...query, q: this.#q || undefined }, signal));
  #stops: (() => void)[] = [];

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.forwarders') }];
  }
  protected override topAction(): TopAction {
    return { label: t('fwd.create'), icon: 'plus', run: () => void this.#create() };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stops = [onLive('again', this.#refresh), onLive('changed', (event) => event.resource === 'forwarders' && this.#refresh())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  protected override onQuery(): void {
    const q = place.value.query.get('q') ?? '';
    if (q !== this.#q) this.#search(q);
    const create = takeQuery('create');
    if (create !== undefined) void this.#create(create === '1' ? '' : create);
    if (takeQuery('test')) void this.#test();
  }

  #refresh = (): void => void this.#list.refresh();

  #search = (q: string): void => {
    this.#q = q;
    setQuery({ q });
    void this.#list.restart();
  };

  async #create(start = ''): Promise<void> {
    const { EditForwarder } = await import('./edit-forwarder.ts');
    const made = await Object.assign(new EditForwarder(), { start }).open();
    if (!made) return;
    this.#refresh();
    say(t('fwd.created', { address: forwarderName(made), what: whatHappens(made) }), {
      label: t('undo'),
      run: async () => {
        await removeForwarder(made.id);
        this.#refresh();
      },
    });
  }

  async #change(forwarder: Forwarder): Promise<void> {
    const { EditForwarder } = await import('./edit-forwarder.ts');
    const changed = await Object.assign(new EditForwarder(), { forwarder }).open();
    if (!changed) return;
    this.#refresh();
    say(t('fwd.changed', { address: forwarderName(changed), what: whatHappens(changed) }));
  }

  async #test(): Promise<void> {
    const { TestAddress } = await import('./test-address.ts');
    await new TestAddress().open();
  }

  /** Not asked first, because the toast takes it back. */
  async #delete(forwarder: Forwarder): Promise<void> {
    try {
      await removeForwarder(forwarder.id);
    } catch (error) {
      say(problemText(error), undefined, 'fail');
      return;
    }
    this.#refresh();
    const { address, kind, targets, keepCopy, rejectText } = forwarder;
    const back = async (): Promise<void> => {
      await createForwarder({ address, kind, targets, keepCopy, rejectText });
      this.#refresh();
      say(t('fwd.restored', { address: forwarderName(forwarder) }));
    };
    say(t('fwd.deleted', { address: forwarderName(forwarder) }), { label: t('undo'), run: back });
  }

  #row(forwarder: Forwarder): TemplateResult {
    const at = forwarder.address.lastIndexOf('@');
    const name = isCatchAll(forwarder) ? t('fwd.everything') : forwarder.address.slice(0, at);
    const items = [
      { label: t('edit'), icon: 'sliders', run: () => void this.#change(forwarder) },
      { label: t('fwd.delete'), icon: 'trash', danger: true, run: () => void this.#delete(forwarder) },
    ];
    return html`<tr><td class="c-name"><button class="row-link" type="button" @click=${() => this.#change(forwarder)}>${name}<span class="at-domain">${isCatchAll(forwarder) ? ' ' : ''}${forwarder.address.slice(at)}</span></button></td>
      <td class="c-what mid addr">${whatHappens(forwarder)}</td>
      <td class="c-state ${forwarder.keepCopy || isCatchAll(forwarder) ? '' : 'plain'}">${isCatchAll(forwarder) ? html`<span class="badge">${t('fwd.catchAll')}</span> ` : nothing}${forwarder.keepCopy ? html`<span class="badge">${t('fwd.keeps')}</span>` : nothing}</td>
      <td class="c-more"><ms-menu .label=${t('fwd.moreFor', { address: forwarderName(forwarder) })} .items=${items}></ms-menu></td></tr>`;
  }

  #table(items: readonly Forwarder[]): TemplateResult {
    return html`<table class="table forwarders"><caption class="vh">${t('fwd.table')}</caption><thead><tr><th scope="col">${t('fwd.col.address')}</th><th scope="col">${t('fwd.col.what')}</th><th scope="col">${t('fwd.col.note')}</th><th scope="col" class="c-more"><span class="vh">${t('fwd.col.more')}</span></th></tr></thead>
      <tbody>${items.map((forwarder) => this.#row(forwarder))}</tbody></table>
      <ms-list-end .shown=${items.length} .total=${this.#list.total ?? 0} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }

  protected override render() {
    const { items, error, slow, total } = this.#list;
    if (!items)
      return error
        ? failed(error, () => this.#list.restart())
        : slow
          ? html`${pageHead({ heading: t('nav.forwarders') })}${skeletonRows()}`
          : nothing;
    const test = html`<button class="btn" type="button" @click=${this.#test}>${icon('route')}${t('fwd.test')}</button>`;
    const create = (classes: string): TemplateResult =>
      html`<button class="btn primary ${classes}" type="button" @click=${() => this.#create()}>${icon('plus')}${t('fwd.create')}</button>`;
    if (items.length === 0 && !this.#q)
      return html`${pageHead({ heading: t('nav.forwarders') })}${empty({ heading: t('fwd.none.heading'), text: t('fwd.none.text'), acts: html`${create('')}${test}` })}`;
    return html`${pageHead({ heading: forwardersSentence(items, total ?? items.length, this.#q), sub: t('fwd.sub'), acts: html`${test}${create('no-phone')}` })}
      <div class="tool">${searchField({ label: t('fwd.search'), placeholder: t('fwd.searchPlaceholder'), value: this.#q, change: this.#search })}</div>
      ${items.length === 0 ? empty({ heading: t('list.none', { q: this.#q }), text: t('list.noneText'), acts: html`<button class="btn" type="button" @click=${() => this.#search('')}>${t('list.clearSearch')}</button>` }) : this.#table(items)}`;
  }
}
