/* <ms-top>: where one is, finding anything (Ctrl+K), the page's one action on phones, the account. */
import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../elements/icon.ts';
import { crumbs } from '../state/crumbs.ts';
import { session } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { t } from '../text/translate.ts';
import './account-menu.ts';

/** Opens the palette; what is typed while its code is still being fetched is not lost. */
const openPalette = async (): Promise<void> => {
  let early = '';
  const keep = (event: KeyboardEvent): void => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    early += event.key;
  };
  addEventListener('keydown', keep, true);
  try {
    const { openPalette: open } = await import('./palette.ts');
    await open(early);
  } finally {
    removeEventListener('keydown', keep, true);
  }
};

@customElement('ms-top')
export class Top extends LitElement {
  constructor() {
    super();
    new Watch(this, crumbs, session);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('keydown', this.#onKey);
  }

  #onKey = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    void openPalette();
  };

  protected override render() {
    const { path, action } = crumbs.value;
    return html`<header class="top"><span class="only-phone">${icon('mark')}</span>
      <nav class="crumbs" aria-label=${t('nav.here')}>${path.map((crumb, index) => html`${index > 0 ? html`<span aria-hidden="true">/</span>` : nothing}${crumb.href && index < path.length - 1 ? html`<a href=${crumb.href}>${crumb.label}</a>` : html`<span aria-current="page">${crumb.label}</span>`}`)}</nav>
      <button class="find" type="button" aria-keyshortcuts="Control+K" @click=${openPalette}>${icon('search')}<span>${t('palette.label')}</span> <kbd>${t('palette.key')}</kbd></button>
      ${action ? html`<span class="only-phone topact"><button class="btn quiet icon" type="button" aria-label=${action.label} @click=${action.run}>${icon(action.icon)}</button></span>` : nothing}
      <ms-account-menu></ms-account-menu></header>`;
  }
}
