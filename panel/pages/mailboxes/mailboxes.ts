/*
 * <ms-mailboxes>: the list of mailboxes with their bars; the server searches, sorts and pages.
 * The chosen ones' actions take the toolbar's place without moving the list.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Mailbox } from '../../../daemon/http/contract/api.ts';
import { listDomains } from '../../api/domains.ts';
import { onLive } from '../../api/live.ts';
import { listMailboxes } from '../../api/mailboxes.ts';
import { select } from '../../elements/field.ts';
import { icon } from '../../elements/icon.ts';
import { usageMeter } from '../../elements/meter.ts';
import { empty, failed, Page, pageHead, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import { stateWord } from '../../elements/state.ts';
import { today } from '../../state/counts.ts';
import type { Crumb, TopAction } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { Paged } from '../../state/paged.ts';
import { go, place, setQuery, takeQuery } from '../../state/router.ts';
import { Watch } from '../../state/store.ts';
import { say } from '../../state/toasts.ts';
import { ago, bytes, count } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { changeQuota, deleteMailboxes, newPassword, suspend } from './actions.ts';
import { mailboxesSentence, mailboxNote } from './mailbox-state.ts';
import '../../elements/list-end.ts';
import '../../elements/menu.ts';

type Sort = 'address' | 'usage' | 'created';
const sorts: readonly Sort[] = ['address', 'usage', 'created'];

@customElement('ms-mailboxes')
export class Mailboxes extends Page {
  @state() private chosen: ReadonlySet<string> = new Set();
  #q = place.value.query.get('q') ?? '';
  #sort: Sort = sorts.find((sort) => sort === place.value.query.get('sort')) ?? 'address';
  #domain = place.value.query.get('domain') ?? '';
  #domains = new Loader(this, async (signal) => (await listDomains({ limit: 200 }, signal)).items);
  #list = new Paged<Mailbox>(this, (query, signal) =>
    listMailboxes(
      { ...query, q: this.#q || undefined, sort: this.#sort === 'address' ? undefined : this.#sort, domain: this.#domain || undefined },
      signal,
    ),
  );
  #stops: (() => void)[] = [];

  constructor() {
    super();
    new Watch(this, today);
  }

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.mailboxes') }];
  }
  protected override topAction(): TopAction {
    return { label: t('boxes.create'), icon: 'plus', run: () => void this.#create('') };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const refresh = (): void => void this.#list.refresh();
    this.#stops = [onLive('again', refresh), onLive('changed', (event) => event.resource === 'mailboxes' && refresh())];
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
  }

  async #create(start: string): Promise<void> {
    const { CreateMailbox } = await import('./create-mailbox.ts');
    const dialog = Object.assign(new CreateMailbox(), { start, created: () => void this.#list.refresh() });
    const made = await dialog.open();
    if (made)
      say(t('created.toast', { address: made.mailbox.address }), {
        label: t('created.settings'),
        run: () => go(`/mailboxes/${encodeURIComponent(made.mailbox.id)}?do=client`),
      });
  }

  #ask(change: { q?: string; sort?: Sort; domain?: string }): void {
    this.#q = change.q ?? this.#q;
    this.#sort = change.sort ?? this.#sort;
    this.#domain = change.domain ?? this.#domain;
    this.chosen = new Set();
    setQuery({ q: this.#q, sort: this.#sort === 'address' ? undefined : this.#sort, domain: this.#domain });
    void this.#list.restart();
  }

  #search = (q: string): void => this.#ask({ q });

  #refresh = (): void => void this.#list.refresh();

  async #delete(boxes: readonly Mailbox[]): Promise<void> {
    if (!(await deleteMailboxes(boxes))) return;
    this.chosen = new Set();
    this.#refresh();
  }

  #toggle(id: string, on: boolean): void {
    const next = new Set(this.chosen);
    if (on) next.add(id);
    else next.delete(id);
    this.chosen = next;
  }

  #menu(box: Mailbox): TemplateResult {
    const items = [
      { label: t('box.newPassword'), icon: 'key', run: () => void newPassword(box) },
      { label: t('box.changeStorage'), icon: 'box', run: () => void changeQuota(box, this.#refresh) },
      { label: t('client.title'), icon: 'phone', run: () => go(`/mailboxes/${encodeURIComponent(box.id)}?do=client`) },
      { label: t('box.suspend'), icon: 'lock', run: () => void suspend([box], this.#refresh) },
      { label: t('box.openMessages'), icon: 'route', run: () => go(`/messages?q=${encodeURIComponent(box.address)}`) },
      { label: t('box.deleteYes'), icon: 'trash', danger: true, run: () => void this.#delete([box]) },
    ];
    return html`<ms-menu .label=${t('boxes.moreFor', { address: box.address })} .items=${items}></ms-menu>`;
  }

  #row(box: Mailbox, now: Date): TemplateResult {
    const note = mailboxNote(box);
    const at = box.address.lastIndexOf('@');
    return html`<tr><td class="c-sel"><input class="box" type="checkbox" aria-label=${t('boxes.choose', { address: box.address })} .checked=${this.chosen.has(box.id)} @change=${(event: Event) => this.#toggle(box.id, (event.target as HTMLInputElement).checked)}></td>
      <td class="c-name"><a href="/mailboxes/${encodeURIComponent(box.id)}">${box.address.slice(0, at)}<span class="at-domain">${box.address.slice(at)}</span></a></td>
      <td class="c-who mid">${box.name}</td><td class="c-use">${usageMeter(box.usageBytes, box.quotaBytes)}</td>
      <td class="c-last">${box.lastLoginAt ? ago(box.lastLoginAt, now) : t('boxes.never')}</td>
      <td class="c-state ${note ? '' : 'plain'}">${note ? stateWord(note.state, note.word) : html`<span class="vh">${t('boxes.note.normal')}</span>`}</td><td class="c-more">${this.#menu(box)}</td></tr>`;
  }

  #table(items: readonly Mailbox[]): TemplateResult {
    const now = new Date();
    const all = items.length > 0 && items.every((box) => this.chosen.has(box.id));
    return html`<table class="table boxes"><caption class="vh">${t('boxes.table')}</caption>
      <thead><tr><th scope="col" class="c-sel"><input class="box" type="checkbox" aria-label=${t('boxes.chooseAll')} .checked=${all} .indeterminate=${!all && this.chosen.size > 0} @change=${(event: Event) => (this.chosen = (event.target as HTMLInputElement).checked ? new Set(items.map((box) => box.id)) : new Set())}></th>
        <th scope="col">${t('boxes.col.address')}</th><th scope="col" class="c-who">${t('boxes.col.name')}</th><th scope="col">${t('boxes.col.use')}</th><th scope="col">${t('boxes.col.last')}</th><th scope="col">${t('boxes.col.note')}</th><th scope="col" class="c-more"><span class="vh">${t('boxes.col.more')}</span></th></tr></thead>
      <tbody>${items.map((box) => this.#row(box, now))}</tbody></table>
      <ms-list-end .shown=${items.length} .total=${this.#list.total ?? 0} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }

  #tools(items: readonly Mailbox[]): TemplateResult {
    const chosen = items.filter((box) => this.chosen.has(box.id));
    if (chosen.length === 0)
      return html`<div class="tool">${searchField({ label: t('boxes.search'), placeholder: t('boxes.searchPlaceholder'), value: this.#q, change: this.#search })}${this.#narrowing()}</div>`;
    return html`<div class="bulk" role="toolbar" aria-label=${t('boxes.chosenFor')}><b role="status">${t('boxes.chosen', { count: chosen.length })}</b>
      <button class="btn quiet" type="button" @click=${() => suspend(chosen, this.#refresh)}>${t('box.suspend')}</button><button class="btn quiet danger" type="button" @click=${() => this.#delete(chosen)}>${t('remove')}</button>
      <button class="btn quiet" type="button" @click=${() => (this.chosen = new Set())}>${t('clear')}</button></div>`;
  }

  #narrowing(): TemplateResult {
    const domains = this.#domains.value ?? [];
    const sort = select({
      id: 'boxes-sort',
      label: t('boxes.sort'),
      value: this.#sort,
      options: sorts.map((value) => [value, t(`boxes.sort.${value}`)]),
      change: (value) => this.#ask({ sort: sorts.find((entry) => entry === value) ?? 'address' }),
    });
    const domain = select({
      id: 'boxes-domain',
      label: t('boxes.domain'),
      value: this.#domain,
      options: [['', t('boxes.allDomains')], ...domains.map((entry) => [entry.name, entry.display] as const)],
      change: (value) => this.#ask({ domain: value }),
    });
    return html`<span class="end pickers">${domains.length > 1 ? domain : nothing}${sort}</span>`;
  }

  #nothing(): TemplateResult {
    const create = html`<button class="btn primary" type="button" @click=${() => this.#create('')}>${icon('plus')}${t('boxes.create')}</button>`;
    const domain = html`<a class="btn primary" href="/domains?add=1">${icon('plus')}${t('domains.add')}</a>`;
    const without = today.value?.counts.domains === 0;
    return html`${pageHead({ heading: t('nav.mailboxes') })}${without ? empty({ heading: t('boxes.noDomain.heading'), text: t('boxes.noDomain.text'), acts: domain }) : empty({ heading: t('boxes.none.heading'), text: t('boxes.none.text'), acts: create })}`;
  }

  protected override render() {
    const { items, error, slow, total } = this.#list;
    if (!items)
      return error
        ? failed(error, () => this.#list.restart())
        : slow
          ? html`${pageHead({ heading: t('nav.mailboxes') })}${skeletonRows()}`
          : nothing;
    if (items.length === 0 && !this.#q && !this.#domain) return this.#nothing();
    const used = items.reduce((sum, box) => sum + box.usageBytes, 0);
    const complete = this.#list.next === null;
    const acts = html`<button class="btn primary no-phone" type="button" @click=${() => this.#create('')}>${icon('plus')}${t('boxes.create')}</button>`;
    return html`${pageHead({ heading: mailboxesSentence(items, total ?? items.length, this.#q), sub: html`<span class="num">${complete ? t('boxes.sub', { used: bytes(used) }) : t('list.shown', { shown: count(items.length), total: count(total ?? 0) })}</span>`, acts })}
      ${this.#tools(items)}
      ${items.length === 0 ? empty({ heading: t('list.none', { q: this.#q || this.#domain }), text: t('list.noneText'), acts: html`<button class="btn" type="button" @click=${() => this.#ask({ q: '', domain: '' })}>${t('list.clearSearch')}</button>` }) : this.#table(items)}`;
  }
}
