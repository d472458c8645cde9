/*
 * <ms-queue>: what waits, why in words, and what can be done.
 * 1. Figures change as events come; the rows stay where they are until the list is asked for again (2 s after the last event).
 * 2. The reasons above the list narrow it; the server's answer is narrowed once more here, so that a row never contradicts its filter.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { QueueMessage, QueueReason, QueueSummary } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { listQueue, queueSummary } from '../../api/queue.ts';
import { empty, failed, Page, pageHead, skeletonRows } from '../../elements/page.ts';
import { searchField } from '../../elements/search-field.ts';
import { segmented } from '../../elements/segmented.ts';
import { mark } from '../../elements/state.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { Paged } from '../../state/paged.ts';
import { go, place, setQuery } from '../../state/router.ts';
import { ago, count, countWord, moment, sentence } from '../../text/format.ts';
import { originalSender } from '../../text/original-sender.ts';
import { t } from '../../text/translate.ts';
import { drop, hold, release, retry } from './actions.ts';
import { mainReason, nextTry, reasonState, reasonText } from './reasons.ts';
import '../../elements/list-end.ts';
import '../../elements/menu.ts';

@customElement('ms-queue')
export class Queue extends Page {
  @state() private chosen: ReadonlySet<string> = new Set();
  #q = place.value.query.get('q') ?? '';
  #reason = (place.value.query.get('reason') ?? '') as QueueReason | '';
  #list = new Paged<QueueMessage>(this, (query, signal) =>
    listQueue({ ...query, q: this.#q || undefined, reason: this.#reason || undefined }, signal),
  );
  #summary = new Loader<QueueSummary>(this, (signal) => queueSummary(signal));
  #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.queue') }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const soon = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#refresh, 2000);
    };
    this.#stops = [onLive('queue', soon), onLive('again', soon)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #refresh = (): void => {
    void this.#list.refresh();
    void this.#summary.run();
  };

  #done = (): void => {
    this.chosen = new Set();
    this.#refresh();
  };

  #ask(q: string, reason: QueueReason | ''): void {
    this.#q = q;
    this.#reason = reason;
    this.chosen = new Set();
    setQuery({ q, reason });
    void this.#list.restart();
  }

  #heading(summary: QueueSummary): string[] {
    const { messages, recipients, held } = summary;
    if (messages === 0) return [t('queue.h1.none')];
    const word = (n: number): { count: number; word: string } => ({ count: n, word: sentence(countWord(n)) });
    // Held are counted by recipient; only "all" and "none" say how many messages that is, unless each has one recipient.
    if (held === recipients) return [`${t('queue.h1.heldOnly', word(held))}.`];
    return [
      `${t('queue.h1', word(messages))}.`,
      ...(held === 0 ? [] : [messages === recipients ? `${t('queue.h1.held', word(held))}.` : t('queue.h1.someHeld')]),
    ];
  }

  #subject(message: QueueMessage): string {
    return message.subject || t('queue.noSubject');
  }

  #menu(message: QueueMessage): TemplateResult {
    const ids = [message.id];
    const items = [
      { label: t('queue.retry'), icon: 'again', run: () => void retry(ids, this.#done) },
      message.held === null
        ? { label: t('queue.hold'), icon: 'lock', run: () => void hold(ids, this.#done) }
        : { label: t('queue.release'), icon: 'right', run: () => void release(ids, this.#done) },
      { label: t('queue.story'), icon: 'route', run: () => go(`/messages/${encodeURIComponent(message.id)}`) },
      { label: t('queue.drop'), icon: 'x', danger: true, run: () => void drop(ids, this.#done) },
    ];
    return html`<ms-menu .label=${t('queue.moreFor', { subject: this.#subject(message) })} .items=${items}></ms-menu>`;
  }

  #row(message: QueueMessage, now: Date): TemplateResult {
    const reason = mainReason(message);
    const next = nextTry(message);
    const [to = '', ...others] = message.recipients.map((recipient) => recipient.address);
    const toText = others.length > 0 ? t('queue.toMore', { to, count: others.length }) : to;
    const tries = Math.max(0, ...message.recipients.map((recipient) => recipient.attempts));
    const said = message.recipients.find((recipient) => recipient.lastReply)?.lastReply ?? '';
    const onToggle = (event: Event): void => {
      const ids = new Set(this.chosen);
      if ((event.target as HTMLInputElement).checked) ids.add(message.id);
      else ids.delete(message.id);
      this.chosen = ids;
    };
    return html`<tr><td class="c-sel"><input class="box" type="checkbox" aria-label=${t('queue.choose', { subject: this.#subject(message) })} .checked=${this.chosen.has(message.id)} @change=${onToggle}></td>
      <td class="c-msg"><a href="/messages/${encodeURIComponent(message.id)}">${this.#subject(message)}</a><br><span class="small mid addr">${t('queue.fromTo', { from: originalSender(message.sender) || t('queue.bounce'), to: toText })}</span></td>
      <td class="c-why" data-state=${reasonState(reason)}><span class="why">${mark(reasonState(reason))}<span>${reasonText(reason)}${message.held ? html`: ${message.held}` : nothing}${said ? html`<br><span class="tiny dim addr said-short">${said}</span>` : nothing}</span></span></td>
      <td class="c-next num"><span class="only-phone">${next ? `${t('queue.col.next')} ` : ''}</span>${next ? (Date.parse(next) <= now.getTime() ? t('queue.trying') : moment(next, now)) : t('queue.held')}<br><span class="tiny dim">${tries > 0 ? t('queue.tries', { count: tries }) : ''}</span></td>
      <td class="c-age mid num">${ago(message.receivedAt, now)}</td><td class="c-more">${this.#menu(message)}</td></tr>`;
  }

  #table(items: readonly QueueMessage[]): TemplateResult {
    const now = new Date();
    const all = items.every((message) => this.chosen.has(message.id));
    return html`<table class="table queue"><caption class="vh">${t('queue.table')}</caption><thead><tr>
        <th scope="col" class="c-sel"><input class="box" type="checkbox" aria-label=${t('queue.chooseAll')} .checked=${all} .indeterminate=${!all && this.chosen.size > 0} @change=${(event: Event) => (this.chosen = (event.target as HTMLInputElement).checked ? new Set(items.map((message) => message.id)) : new Set())}></th>
        <th scope="col">${t('queue.col.message')}</th><th scope="col">${t('queue.col.reason')}</th><th scope="col">${t('queue.col.next')}</th><th scope="col">${t('queue.col.age')}</th><th scope="col" class="c-more"><span class="vh">${t('queue.col.actions')}</span></th></tr></thead>
      <tbody>${items.map((message) => this.#row(message, now))}</tbody></table>
      <ms-list-end .shown=${items.length} .total=${this.#list.total ?? 0} .more=${this.#list.next !== null} .busy=${this.#list.busy} @more=${() => this.#list.more()}></ms-list-end>`;
  }

  #tools(summary: QueueSummary, items: readonly QueueMessage[]): TemplateResult {
    const ids = items.filter((message) => this.chosen.has(message.id)).map((message) => message.id);
    if (ids.length > 0) {
      const held = items.filter((message) => this.chosen.has(message.id)).every((message) => message.held !== null);
      return html`<div class="bulk" role="toolbar" aria-label=${t('queue.chosenFor')}><b role="status">${t('queue.chosen', { count: ids.length })}</b>
        <button class="btn quiet" type="button" @click=${() => retry(ids, this.#done)}>${t('queue.retry')}</button>
        ${held ? html`<button class="btn quiet" type="button" @click=${() => release(ids, this.#done)}>${t('queue.release')}</button>` : html`<button class="btn quiet" type="button" @click=${() => hold(ids, this.#done)}>${t('queue.hold')}</button>`}
        <button class="btn quiet danger" type="button" @click=${() => drop(ids, this.#done)}>${t('queue.drop')}</button><button class="btn quiet" type="button" @click=${() => (this.chosen = new Set())}>${t('clear')}</button></div>`;
    }
    const reasons = [...summary.byReason].sort((a, b) => b.count - a.count);
    const choices = [
      { value: '' as const, label: `${t('queue.all')} ${count(summary.recipients)}` },
      ...reasons.map((row) => ({ value: row.reason, label: `${reasonText(row.reason)} ${count(row.count)}` })),
    ];
    return html`<div class="tool">${searchField({ label: t('queue.search'), placeholder: t('queue.searchPlaceholder'), value: this.#q, change: (q) => this.#ask(q, this.#reason) })}</div>
      ${reasons.length > 1 || this.#reason ? html`<div class="tool reasons">${segmented<QueueReason | ''>(t('queue.byReason'), choices, { value: this.#reason, classes: 'scroll' }, (reason) => this.#ask(this.#q, reason))}</div>` : nothing}`;
  }

  protected override render() {
    const { items, error, slow } = this.#list;
    const summary = this.#summary.value;
    if (!items || !summary) {
      const problem = error ?? this.#summary.error;
      return problem ? failed(problem, this.#refresh) : slow ? html`${pageHead({ heading: t('nav.queue') })}${skeletonRows()}` : nothing;
    }
    if (summary.messages === 0 && items.length === 0 && !this.#q)
      return html`${pageHead({ heading: t('queue.h1.none') })}${empty({ heading: t('queue.none.heading'), text: t('queue.none.text') })}`;
    const shown = this.#reason ? items.filter((message) => mainReason(message) === this.#reason) : items;
    return html`${pageHead({ heading: this.#heading(summary), sub: summary.recipients > summary.messages ? t('queue.subMany', { recipients: count(summary.recipients) }) : t('queue.sub') })}${this.#tools(summary, shown)}
      ${shown.length === 0 ? empty({ heading: t('list.none', { q: this.#q || (this.#reason ? reasonText(this.#reason) : '') }), text: t('list.noneText'), acts: html`<button class="btn" type="button" @click=${() => this.#ask('', '')}>${t('list.clearSearch')}</button>` }) : this.#table(shown)}`;
  }
}
