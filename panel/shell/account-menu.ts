/*
 * <ms-account-menu>: who is signed in, light or dark, own settings, sign out. A native popover: Escape and a click outside close it.
 */
import { html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../elements/icon.ts';
import { segmented } from '../elements/segmented.ts';
import { session, signOut } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { chooseTheme, type Theme, theme } from '../state/theme.ts';
import { initials } from '../text/format.ts';
import { t } from '../text/translate.ts';

/** Light, dark or the system's choice. */
export function themeChoice() {
  const choices: readonly { value: Theme; label: string }[] = [
    { value: 'system', label: t('theme.system') },
    { value: 'light', label: t('theme.light') },
    { value: 'dark', label: t('theme.dark') },
  ];
  return segmented(t('theme.label'), choices, { value: theme.value, classes: 'fill' }, chooseTheme);
}

@customElement('ms-account-menu')
export class AccountMenu extends LitElement {
  constructor() {
    super();
    new Watch(this, session, theme);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  #close(): void {
    this.querySelector<HTMLElement>('#account-menu')?.hidePopover();
  }

  protected override render() {
    const who = session.value;
    if (!who) return html``;
    const letters = initials(who.name || who.login);
    return html`<button class="me no-phone" type="button" popovertarget="account-menu" aria-label=${t('account.open', { initials: letters })}>${letters}</button>
      <div class="menu account" id="account-menu" popover aria-label=${t('account.title')}>
        <div class="menu-who"><b>${who.name || who.login}</b>${who.name ? html`<span class="small mid addr">${who.login}</span>` : ''}</div>
        <div class="menu-part">${themeChoice()}</div>
        <a class="menu-item" href="/settings" @click=${this.#close}>${icon('sliders')}${t('account.settings')}</a>
        <button class="menu-item" type="button" @click=${signOut}>${icon('right')}${t('account.signOut')}</button>
      </div>`;
  }
}
