/* <ms-tabs>: the phone's bar of at most five; the last is "More". */
import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../elements/icon.ts';
import { brokenDomains, today } from '../state/counts.ts';
import type { Area } from '../state/routes.ts';
import { session } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { t } from '../text/translate.ts';
import { tabLinks } from './nav.ts';

@customElement('ms-tabs')
export class Tabs extends LitElement {
  static override properties = { area: {} };
  declare area: Area | undefined;

  constructor() {
    super();
    new Watch(this, today, session);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  async #more(): Promise<void> {
    const { MoreSheet } = await import('./more-sheet.ts');
    void new MoreSheet().open();
  }

  protected override render() {
    const who = session.value;
    if (!who) return nothing;
    const links = tabLinks(who.role);
    const broken = today.value ? brokenDomains(today.value) : 0;
    const elsewhere = this.area !== undefined && !links.some((link) => link.area === this.area);
    return html`<nav class="tabs" aria-label=${t('nav.small')}>${links.map((link) => html`<a href=${link.href} aria-current=${link.area === this.area ? 'page' : nothing}>${icon(link.icon)}<span>${t(link.label)}</span>${link.area === 'domains' && broken > 0 ? html`<i class="pip"></i><span class="vh">${broken} ${t('nav.broken')}</span>` : nothing}</a>`)}
      <button type="button" aria-haspopup="dialog" class=${elsewhere ? 'current' : ''} @click=${this.#more}>${icon('menu')}<span>${t('nav.more')}</span></button></nav>`;
  }
}
