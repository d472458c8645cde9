/*
 * <ms-overview>: what is the case, what needs someone, today's mail, the queue, own addresses, disk.
 * The host sees the machine; customers see what is theirs. Figures change in place as events come, at most every 3 s.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Overview } from '../../../daemon/http/contract/api.ts';
import { live, onLive } from '../../api/live.ts';
import { type Range, readOverview } from '../../api/overview.ts';
import { icon } from '../../elements/icon.ts';
import { partsMeter } from '../../elements/meter.ts';
import { failed, Page, pageHead, section, skeletonPage } from '../../elements/page.ts';
import { segmented } from '../../elements/segmented.ts';
import { mark, stateWord } from '../../elements/state.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { place, setQuery } from '../../state/router.ts';
import { Watch } from '../../state/store.ts';
import { trafficData } from '../../state/traffic.ts';
import { bytes, count, countWord, longMoment, sentence } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { waitingBars } from './waiting.ts';
import '../../elements/traffic-chart.ts';

const ranges: readonly Range[] = ['day', 'week', 'month'];

@customElement('ms-overview')
export class OverviewPage extends Page {
  @state() private range: Range = rangeOf(place.value.query);
  #data = new Loader<Overview>(this, (signal) => readOverview(this.range, signal));
  #stops: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new Watch(this, live);
  }

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.overview') }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const soon = (): void => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.#data.run();
      }, 3000);
    };
    this.#stops = [
      onLive('counters', soon),
      onLive('queue', soon),
      onLive('changed', soon),
      onLive('checked', soon),
      onLive('again', soon),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #choose(range: Range): void {
    this.range = range;
    setQuery({ range: range === 'day' ? undefined : range });
    void this.#data.run();
  }

  #attention(data: Overview): TemplateResult | typeof nothing {
    if (data.attention.length === 0) return nothing;
    return html`<section aria-labelledby="h-need"><h2 id="h-need" class="vh">${t('overview.needs')}</h2><ul class="rows attn">${data.attention.map(
      (entry) =>
        html`<li data-state=${entry.level}>${mark(entry.level)}<div class="grow"><h3>${entry.title}</h3><p>${entry.text}</p></div><a class="btn" href=${entry.href}><span class="vh">${t(`overview.level.${entry.level}`)}: </span>${entry.action}<span class="vh">: ${entry.title}</span></a></li>`,
    )}</ul></section>`;
  }

  #traffic(data: Overview): TemplateResult {
    const { totals } = data;
    const percent =
      totals.sent > 0 && totals.cameBack > 0
        ? t('overview.share', { percent: ((totals.cameBack / (totals.sent + totals.cameBack)) * 100).toFixed(1) })
        : '';
    const figures = html`<dl class="figs num">
      <div><dt data-sw="1">${t('overview.delivered')}</dt><dd>${count(totals.delivered)}</dd></div>
      <div><dt data-sw="3">${t('overview.refused')}</dt><dd>${count(totals.turnedAway)}</dd></div>
      <div><dt data-sw="2">${t('overview.sent')}</dt><dd>${count(totals.sent)}</dd></div>
      <div><dt data-sw="0">${t('overview.cameBack')}</dt><dd>${count(totals.cameBack)}${percent ? html` <small>${percent}</small>` : nothing}</dd></div></dl>`;
    const spans = segmented(
      t('overview.span'),
      ranges.map((range) => ({ value: range, label: t(`overview.${range}`) })),
      { value: this.range },
      (range) => this.#choose(range),
    );
    return section(
      'today',
      t(`overview.h.${this.range}`),
      html`${figures}<ms-traffic .data=${trafficData(data, this.range)}></ms-traffic>`,
      spans,
    );
  }

  #disk(data: Overview): TemplateResult {
    if (!data.disk)
      return section(
        'disk',
        t('overview.storage', { used: bytes(data.usageBytes) }),
        html`<p class="mid">${t('overview.storageText', { count: data.counts.mailboxes })}</p>`,
        nothing,
        'c4',
      );
    const { totalBytes, freeBytes, mailBytes } = data.disk;
    const other = Math.max(0, totalBytes - freeBytes - mailBytes);
    const parts = [
      { label: t('overview.mail'), size: mailBytes, colour: 'var(--ms-chart-1)' },
      { label: t('overview.other'), size: other, colour: 'var(--ms-edge-soft)' },
    ];
    const description = `${parts.map((part) => `${part.label} ${bytes(part.size)}`).join(', ')}, ${t('overview.free', { free: bytes(freeBytes) })}`;
    return section(
      'disk',
      t('overview.disk', { free: bytes(freeBytes) }),
      html`<p class="mid disk-text">${t('overview.diskText', { mail: bytes(mailBytes) })}</p>${partsMeter(parts, totalBytes, description, bytes)}`,
      html`<span class="small dim">${t('overview.diskOf', { total: bytes(totalBytes) })}</span>`,
      'c4',
    );
  }

  #addresses(data: Overview): TemplateResult | typeof nothing {
    if (data.addresses.length === 0) return nothing;
    return section(
      'own',
      t('overview.addresses'),
      html`<ul class="rows">${data.addresses.map((entry) => html`<li data-state=${entry.state}>${mark(entry.state)}<span class="grow num addr">${entry.address}<br><span class="tiny dim">${entry.ptr ?? t('overview.noPtr')}</span></span>${stateWord(entry.state, entry.word)}</li>`)}</ul>`,
      nothing,
      'c4',
    );
  }

  #first(): TemplateResult {
    return html`<div class="empty bare"><svg class="art" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true"><use href="#mark"></use></svg><h1 tabindex="-1">${t('overview.first.title')}</h1><p>${t('overview.first.text')}</p><a class="btn primary" href="/domains?add=1">${icon('plus')}${t('overview.first.add')}</a></div>`;
  }

  protected override render() {
    const data = this.#data.value;
    if (!data) return this.#data.error ? failed(this.#data.error, () => this.#data.run()) : this.#data.slow ? skeletonPage() : nothing;
    if (data.counts.domains === 0) return this.#first();
    const n = data.attention.length;
    const quiet = Object.values(data.totals).every((total) => total === 0) && data.queue.messages === 0;
    const when = longMoment(new Date(data.now));
    const need = n === 0 ? t('overview.need.none') : t('overview.need', { count: n, word: sentence(countWord(n)) });
    const sub = html`<span class="live" data-off=${live.value ? nothing : ''}>${t(live.value ? 'overview.live' : 'overview.notLive', { when })}</span>`;
    return html`${pageHead({ heading: [t(quiet ? 'overview.ready' : 'overview.flowing'), need], sub })}${this.#attention(data)}${this.#traffic(data)}
      <div class="cols">${waitingBars(data.queue)}${this.#addresses(data)}${this.#disk(data)}</div>`;
  }
}

function rangeOf(query: URLSearchParams): Range {
  const given = query.get('range');
  return ranges.find((range) => range === given) ?? 'day';
}
