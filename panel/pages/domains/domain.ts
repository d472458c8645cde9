/*
 * <ms-domain>: one domain. Its line, where mail goes, what to change, what is good, the records to publish, what changed, the domain itself.
 * 1. "Check again" asks the name servers now; what the server checks by itself arrives as an event.
 * 2. A station opens its finding and brings it into view.
 */
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { CheckHistory, DomainDetail, DomainReport, MxRow } from '../../../daemon/http/contract/api.ts';
import { checkDomain, domainHistory, readDomain } from '../../api/domains.ts';
import { onLive } from '../../api/live.ts';
import { problemText } from '../../api/problem.ts';
import { findingDetails } from '../../elements/finding.ts';
import { icon } from '../../elements/icon.ts';
import { healthLine } from '../../elements/line.ts';
import { failed, Page, pageHead, section, skeletonPage } from '../../elements/page.ts';
import { recordBox } from '../../elements/record.ts';
import { mark, stateWord } from '../../elements/state.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { takeQuery } from '../../state/router.ts';
import { say } from '../../state/toasts.ts';
import { ago } from '../../text/format.ts';
import { isTextKey, t } from '../../text/translate.ts';
import { domainItself, publishRecords } from './domain-parts.ts';
import { good, legs, reportSentence, stations, toChange } from './report-view.ts';

const roomy = matchMedia('(min-width: 781px)');

@customElement('ms-domain')
export class DomainPage extends Page {
  @state() private checking = false;
  #shown = '';
  #first = '';
  #data = new Loader<DomainDetail>(this, (signal) => readDomain(this.params.name ?? '', signal));
  #history = new Loader<CheckHistory>(this, (signal) => domainHistory(this.params.name ?? '', signal));
  #stops: (() => void)[] = [];

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.domains'), href: '/domains' }, { label: this.#data.value?.domain.display ?? this.params.name ?? '' }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#shown = this.params.name ?? '';
    this.#stops = [
      onLive('checked', (event) => event.domain === this.params.name && this.#again()),
      onLive('changed', (event) => event.resource === 'domains' && event.change !== 'removed' && void this.#data.run()),
      onLive('again', () => this.#again()),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  protected override willUpdate(): void {
    const name = this.params.name ?? '';
    if (!this.#shown || name === this.#shown) return;
    this.#shown = name;
    void this.#data.restart();
    void this.#history.restart();
  }

  protected override onQuery(): void {
    if (takeQuery('do') === 'check') void this.#check(true);
  }

  #again(): void {
    void this.#data.run();
    void this.#history.run();
  }

  /** A domain that nobody has looked at yet is looked at now; nobody waits for the next round. */
  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const data = this.#data.value;
    if (!data || data.report || this.#first === data.domain.name) return;
    this.#first = data.domain.name;
    void this.#check(false);
  }

  #check = async (aloud: boolean): Promise<void> => {
    if (this.checking) return;
    this.checking = true;
    const name = this.params.name ?? '';
    try {
      await checkDomain(name);
      this.#again();
      if (aloud) say(t('domain.checkedNow', { domain: name }));
    } catch (error) {
      if (aloud) say(problemText(error), undefined, 'fail');
    } finally {
      this.checking = false;
    }
  };

  #onLine(event: MouseEvent): void {
    const link = (event.target as Element).closest('a[href^="#"]');
    const target = link && this.querySelector(`[id="${CSS.escape((link.getAttribute('href') ?? '').slice(1))}"]`);
    if (!target) return;
    event.preventDefault();
    if (target instanceof HTMLDetailsElement) target.open = true;
    target.scrollIntoView({ block: 'start' });
    const focusable = target.querySelector<HTMLElement>('summary') ?? target.querySelector<HTMLElement>('h2');
    if (focusable?.localName === 'h2') focusable.tabIndex = -1;
    focusable?.focus({ preventScroll: true });
  }

  #mx(report: DomainReport): TemplateResult {
    const row = (mx: MxRow, index: number): TemplateResult => {
      const key = `order.${index + 1}`;
      return html`<li><span class="ord"><span class="strong">${t(isTextKey(key) ? key : 'order.n')}</span><br><span class="tiny num">${t('domain.mx.priority', { n: mx.preference })}</span></span>
        <span class="what"><span class="strong addr">${mx.host}</span> <span class="mid num addr">${mx.addresses.join(', ')}</span><br><span class="mid">${mx.sentence}</span></span>
        ${mx.here ? stateWord('ok', t('domain.mx.here')) : stateWord('fail', t('domain.mx.notHere'))}</li>`;
    };
    const text =
      report.mx.length > 0
        ? html`<p class="mid">${t('domain.mx.text', { domain: report.domain })}</p><ol class="mx">${report.mx.map(row)}</ol>`
        : html`<p class="mid">${t('domain.mx.none')}</p>`;
    return section('mx', t('domain.mx.title'), text, html`<span class="small dim no-phone">${t('domain.mx.aside')}</span>`);
  }

  #change(report: DomainReport): TemplateResult | typeof nothing {
    const findings = toChange(report, roomy.matches);
    return findings.length > 0
      ? section(
          'change',
          t('domain.change.title'),
          findings.map((finding) => findingDetails(finding)),
        )
      : nothing;
  }

  #good(report: DomainReport): TemplateResult | typeof nothing {
    const findings = good(report);
    if (findings.length === 0) return nothing;
    return html`<div id="good">${section('good', t('domain.good.title'), html`<ul class="rows">${findings.map((finding) => html`<li data-state="ok">${mark('ok')}<span class="grow addr"><span class="strong">${finding.title}</span> <span class="mid">${finding.found}</span></span></li>`)}</ul>`)}</div>`;
  }

  #proof(data: DomainDetail): TemplateResult | typeof nothing {
    if (data.domain.state !== 'unproven' || !data.proof) return nothing;
    return section(
      'proof',
      t('domain.proof.title', { domain: data.domain.display }),
      html`<p class="mid measure">${t('domain.proof.text')}</p>${recordBox({ type: 'TXT', ...data.proof })}`,
    );
  }

  #changes(): TemplateResult | typeof nothing {
    const items = this.#history.value?.items ?? [];
    if (items.length === 0) return nothing;
    const now = new Date();
    return section(
      'history',
      t('domain.history.title'),
      html`<ul class="rows history">${items.slice(0, 12).map((item, index) => {
        const state = item.delivers === null ? 'wait' : item.delivers ? 'ok' : 'fail';
        const changed =
          item.changed.length > 0
            ? item.changed.join('. ')
            : t(index === items.length - 1 ? 'domain.history.first' : 'domain.history.same');
        return html`<li data-state=${state}>${mark(state)}<span class="grow"><span class="strong">${item.headline}</span><br><span class="small mid">${changed}</span></span><time class="small dim num" datetime=${item.checkedAt}>${ago(item.checkedAt, now)}</time></li>`;
      })}</ul>`,
    );
  }

  protected override render() {
    const data = this.#data.value;
    if (!data) return this.#data.error ? failed(this.#data.error, () => this.#data.run()) : this.#data.slow ? skeletonPage() : nothing;
    const { domain, report } = data;
    const well = report?.line.every((station) => station.state !== 'fail' && station.state !== 'warn') ?? false;
    const acts = html`<button class="btn ${well ? '' : 'primary'}" type="button" @click=${() => this.#check(true)} aria-disabled=${this.checking ? 'true' : nothing}>${icon('again')}${this.checking ? t('domain.checking') : t('domain.check')}</button>
      ${well ? html`<a class="btn primary" href="/mailboxes?create=${encodeURIComponent(`@${domain.name}`)}">${icon('plus')}${t('domain.createMailbox')}</a>` : nothing}`;
    return html`
      ${domain.state === 'suspended' ? html`<div class="notice" data-state="warn">${mark('warn')}<p>${t('domain.suspendedBanner', { reason: domain.suspendedReason ?? '' })}</p></div>` : nothing}
      ${pageHead({ heading: report?.headline ?? domain.headline ?? t('domain.unchecked', { domain: domain.display }), sub: report ? reportSentence(report, Date.now()) : '', acts })}
      ${report ? html`<div @click=${this.#onLine}>${healthLine(t('domain.health'), stations(report), legs(report.line.length))}</div>${this.#proof(data)}${this.#mx(report)}${this.#change(report)}${this.#good(report)}` : this.#proof(data)}
      ${publishRecords(data, !well)}${this.#changes()}${domainItself(domain, () => void this.#data.run())}`;
  }
}
