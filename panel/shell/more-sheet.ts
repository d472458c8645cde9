/* The phone's "More": the links that are no tab, the theme, sign out. It comes from below. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { Dialog } from '../elements/dialog.ts';
import { icon } from '../elements/icon.ts';
import { session, signOut } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { theme } from '../state/theme.ts';
import { t } from '../text/translate.ts';
import { themeChoice } from './account-menu.ts';
import { moreLinks } from './nav.ts';

@customElement('ms-more-sheet')
export class MoreSheet extends Dialog<never> {
  constructor() {
    super();
    new Watch(this, theme, session);
  }

  protected override heading(): string {
    return session.value?.name || session.value?.login || t('nav.more');
  }
  protected override primary(): string {
    return '';
  }
  protected override get cancelLabel(): string {
    return t('close');
  }
  protected override submit(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  protected override body(): TemplateResult {
    const role = session.value?.role;
    return html`<nav class="sheet-links" aria-label=${t('nav.more')}>
        ${role ? moreLinks(role).map((link) => html`<a class="menu-item" href=${link.href} @click=${() => this.close()}>${icon(link.icon)}${t(link.label)}</a>`) : nothing}
        <button class="menu-item" type="button" @click=${() => {
          this.close();
          void signOut();
        }}>${icon('right')}${t('account.signOut')}</button>
      </nav>${themeChoice()}`;
  }
}
