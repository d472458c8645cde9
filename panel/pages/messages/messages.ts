/*
 * <ms-messages>: the list at the left, one message's story at the right; on phones one of the two.
 * 1. A message in the list changes in place; new ones wait behind "3 new" at the top, so that nothing moves while it is read.
 * 2. The chosen message stands in the address, search and filter in the query.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { TrackedMessage } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { listMessages } from '../../api/messages.ts';
import { icon } from '../../elements/icon.ts';
import { failed, Page, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import { segmented } from '../../elements/segmented.ts';
import { mark } from '../../elements/state.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Paged } from '../../state/paged.ts';
import { place, setQuery } from '../../state/router.ts';
import { ago } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { type Filter, fitsFilter, messageLine, messageState, subjectOf } from './message-state.ts';
import './story-view.ts';
import '../../elements/list-end.ts';

const filters: readonly Filter[] = ['', 'waiting', 'failed'];

@customElement('ms-messages')
export class Messages extends Page {
  @state() private fresh = 0;
  @state() private changed: ReadonlyMap<string, TrackedMessage> = new Map();
  @state() private subject = '';
  #q = place.value.query.get('q') ?? '';
  #filter: Filter = filters.find((filter) => filter === place.value.query.get('show')) ?? '';
  #list = new Paged<TrackedMessage>(this, (query, signal) => listMessages({ ...query, q: this.#q || undefined }, signal));
  #stops: (() => void)[] = [];

  protected override crumbs(): readonly Crumb[] {
    const id = this.params.id;
    return id ? [{ label: t('nav.messages'), href: '/messages' }, { label: this.subject || id }] : [{ label: t('nav.messages') }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stops = [onLive('message', ({ message }) => this.#heard(message)), onLive('again', () => this.#reload())];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  protected override onQuery(): void {
    const q = place.value.query.get('q') ?? '';
    if (q === this.#q) return;
    this.#q = q;
    this.#reload();
  }

  #heard(message: TrackedMessage): void {
    if (this.#list.items?.some((entry) => entry.id === message.id)) this.changed = new Map(this.changed).set(message.id, message);
    else if (!this.#q) this.fresh++;
  }

  #reload(): void {
    this.fresh = 0;
    this.changed = new Map();
    void this.#list.restart();
  }

  #search = (q: string): void => {
    this.#q = q;
    setQuery({ q });
    this.#reload();
  };

  #show(filter: Filter): void {
    this.#filter = filter;
    setQuery({ show: filter });
    this.requestUpdate();
  }

  #row(message: TrackedMessage, now: Date): TemplateResult {
    const href = `/messages/${encodeURIComponent(message.id)}${location.search}`;
    const when = ago(message.lastAt, now);
    return html`<li><a href=${href} aria-current=${message.id === this.params.id ? 'true' : nothing} data-state=${messageState(message.state)}>${mark(messageState(message.state))}<span class="t1">${subjectOf(message)}</span><span class="small dim num">${when}</span><span class="t2">${messageLine(message)}</span></a></li>`;
  }

  #rows(): TemplateResult {
    const { items, error, slow } = this.#list;
    if (!items) return error ? failed(error, () => this.#list.restart(), true) : html`${slow ? skeletonRows(10) : nothing}`;
    const now = new Date();
    const shown = items.map((message) => this.changed.get(message.id) ?? message).filter((message) => fitsFilter(message, this.#filter));
    if (shown.length === 0 && this.#list.next === null) {
      const searched = this.#q || this.#filter;
      return html`<div class="list-none"><h2>${searched ? t('list.none', { q: this.#q || t(this.#filter === 'failed' ? 'msgs.failed' : 'msgs.waiting') }) : t('msgs.none.heading')}</h2><p class="mid">${searched ? t('list.noneText') : t('msgs.none.text')}</p></div>`;
    }
    return html`<ul class="msgs">${shown.map((message) => this.#row(message, now))}</ul>
      <ms-list-end class="in-list" .shown=${shown.length} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }

  #pane(id: string | undefined): TemplateResult {
    if (!id)
      return html`<div class="story-pane no-phone"><div class="empty bare"><svg class="art" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true"><use href="#mark"></use></svg><h1>${t('msgs.pick.title')}</h1><p>${t('msgs.pick.text')}</p></div></div>`;
    const back = html`<p class="only-phone"><a class="back" href="/messages${location.search}">${icon('left')}${t('msgs.back')}</a></p>`;
    return html`<article class="story-pane"><ms-story .messageId=${id} .back=${back} @told=${(event: CustomEvent<string>) => (this.subject = event.detail)}></ms-story></article>`;
  }

  protected override render() {
    const id = this.params.id;
    const choices = filters.map((filter) => ({
      value: filter,
      label: t(filter === '' ? 'msgs.all' : filter === 'waiting' ? 'msgs.waiting' : 'msgs.failed'),
    }));
    return html`<div class="split" data-view=${id ? 'story' : 'list'}><section class="list" aria-label=${t('msgs.list')} tabindex="-1">
        <div class="msgs-tool">${id ? nothing : html`<h1 class="only-list" tabindex="-1">${this.#q ? t('msgs.h1.q', { q: this.#q }) : t('msgs.h1')}</h1>`}
          <div class="tool">${searchField({ label: t('msgs.search'), placeholder: t('msgs.searchPlaceholder'), value: this.#q, change: this.#search })}</div>
          ${segmented<Filter>(t('msgs.show'), choices, { value: this.#filter, classes: 'fill' }, (filter) => this.#show(filter))}</div>
        ${this.fresh > 0 ? html`<button class="fresh" type="button" @click=${() => this.#reload()}>${t('list.new', { count: this.fresh })}</button>` : nothing}
        ${this.#rows()}</section>${this.#pane(id)}</div>`;
  }
}
