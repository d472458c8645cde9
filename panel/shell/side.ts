/* <ms-side>: who, groups of links, foot. Its own element so that live figures do not render the page anew. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Session } from '../../daemon/http/contract/api.ts';
import { icon } from '../elements/icon.ts';
import { mark } from '../elements/state.ts';
import { followCounts, today } from '../state/counts.ts';
import type { Area } from '../state/routes.ts';
import { session } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { count, span } from '../text/format.ts';
import { t } from '../text/translate.ts';
import { type NavLink, navGroups } from './nav.ts';

function figure(link: NavLink): TemplateResult | typeof nothing {
  const overview = today.value;
  const shown = overview && link.figure?.(overview);
  if (!shown) return nothing;
  if (!shown.state) return html`<span class="n num">${count(shown.n)}</span>`;
  return html`<span class="n" data-state=${shown.state}>${mark(shown.state)}${count(shown.n)}<span class="vh"> ${t('nav.broken')}</span></span>`;
}

@customElement('ms-side')
export class Side extends LitElement {
  static override properties = { area: {} };
  declare area: Area | undefined;
  #stop: (() => void) | undefined;

  constructor() {
    super();
    new Watch(this, today, session);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (session.value && session.value.role !== 'account') this.#stop = followCounts();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  #foot(who: Session): TemplateResult {
    const running = Date.now() - Date.parse(who.server.startedAt);
    if (who.role === 'host')
      return html`<span><b>Mailstead ${who.server.version}</b></span><span>${t('foot.running', { span: span(running) })}</span>`;
    if (who.role === 'account') return html`<span>${t('foot.account', { domain: who.login.split('@')[1] ?? '' })}</span>`;
    return html`<span>${t('foot.customer', { brand: who.server.brand })}</span>`;
  }

  protected override render() {
    const who = session.value;
    if (!who) return nothing;
    const second = who.role === 'host' ? who.server.hostname : who.role === 'account' ? (who.login.split('@')[1] ?? '') : t('foot.role');
    const first =
      who.role === 'host' ? who.server.brand : who.customer && who.role !== 'account' ? who.customer.name : who.name || who.login;
    return html`<nav class="side" aria-label=${t('nav.main')}>
      <div class="who">${icon('mark')}<span><b>${first}</b><small>${second}</small></span></div>
      ${navGroups(who.role).map(
        (group) => html`<div class="nav">${group.heading ? html`<h2>${t(group.heading)}</h2>` : nothing}
        ${group.links.map((link) => html`<a href=${link.href} aria-current=${link.area === this.area ? 'page' : nothing}>${icon(link.icon)}<span>${t(link.label)}</span>${figure(link)}</a>`)}</div>`,
      )}
      <div class="side-foot">${this.#foot(who)}</div></nav>`;
  }
}
