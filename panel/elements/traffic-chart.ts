/*
 * <ms-traffic>: messages over time. In above the line, out below, turned away hatched.
 * 1. The figures above it are its legend.
 * 2. There is a sentence for readers and a table behind it.
 */
import { html, LitElement, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { count } from '../text/format.ts';
import { t } from '../text/translate.ts';
import { icon } from './icon.ts';
import { merged, type TrafficPoint, trafficScale } from './traffic-scale.ts';

export interface TrafficData {
  /** One point per bucket; the last one is running. */
  readonly points: readonly TrafficPoint[];
  /** Name of bucket n, for the table. */
  readonly name: (n: number) => string;
  /** Captions under the axis, evenly spread. */
  readonly captions: readonly string[];
  readonly sentence: string;
}

const width = 960;
const height = 172;

@customElement('ms-traffic')
export class TrafficChart extends LitElement {
  @property({ attribute: false }) data?: TrafficData;
  @state() private narrow = false;
  #media = matchMedia('(max-width: 780px)');
  #onMedia = (): void => void (this.narrow = this.#media.matches);

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#onMedia();
    this.#media.addEventListener('change', this.#onMedia);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#media.removeEventListener('change', this.#onMedia);
  }

  #bars(points: readonly TrafficPoint[]): TemplateResult {
    const scale = trafficScale(points, height);
    const slot = width / points.length;
    const wide = Math.max(1, slot - Math.min(2, slot * 0.2));
    const bars = points.map((point, index) => {
      const x = index * slot + (slot - wide) / 2;
      const inside = point.delivered * scale.perMessage;
      const refused = point.refused * scale.perMessage;
      const out = point.sent * scale.perMessage;
      return svg`<rect class="in" x=${x} y=${scale.baseline - inside} width=${wide} height=${inside}></rect><rect class="no" x=${x} y=${scale.baseline - inside - refused} width=${wide} height=${Math.max(0, refused - (inside > 0 ? 1 : 0))}></rect><rect class="out" x=${x} y=${scale.baseline + 1} width=${wide} height=${out}></rect>`;
    });
    const y = (n: number): number => scale.baseline - n * scale.perMessage;
    const lines = [...scale.linesAbove.map(y), ...scale.linesBelow.map((n) => y(-n))];
    return html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
        <defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.7" height="4" class="hatching"></rect></pattern></defs>
        ${lines.map((at) => svg`<path class="grid" d="M0 ${at}H${width}"></path>`)}
        ${bars}
        <path class="axis" d="M0 ${scale.baseline}H${width}"></path>
      </svg>
      <div class="ys" aria-hidden="true">${[...scale.linesAbove, 0].map((n) => html`<span .style=${`top:${y(n)}px`}>${count(n)}</span>`)}${scale.linesBelow.map((n) => html`<span .style=${`top:${y(-n)}px`}>${count(n)}</span>`)}</div>`;
  }

  #table(data: TrafficData): TemplateResult {
    const rows = data.points
      .map((point, index) => ({ point, name: data.name(index) }))
      .filter(({ point }) => point.delivered + point.refused + point.sent > 0);
    return html`<details class="fold behind"><summary>${icon('right')}${t('chart.table')}</summary>
      <div class="behind-scroll" tabindex="0" role="region" aria-label=${t('chart.table')}><table class="table"><thead><tr><th scope="col">${t('chart.time')}</th><th scope="col" class="right">${t('chart.delivered')}</th><th scope="col" class="right">${t('chart.refused')}</th><th scope="col" class="right">${t('chart.sent')}</th></tr></thead>
      <tbody>${rows.map(({ point, name }) => html`<tr><th scope="row">${name}</th><td class="right num">${count(point.delivered)}</td><td class="right num">${count(point.refused)}</td><td class="right num">${count(point.sent)}</td></tr>`)}</tbody></table></div></details>`;
  }

  protected override render() {
    const data = this.data;
    if (!data) return nothing;
    const size = this.narrow && data.points.length > 48 ? 2 : 1;
    return html`<figure class="chart">${this.#bars(merged(data.points, size))}
      <div class="hours num" aria-hidden="true">${data.captions.map((caption) => html`<span>${caption}</span>`)}</div>
      <figcaption class="vh">${data.sentence}</figcaption></figure>${this.#table(data)}`;
  }
}
