/* <ms-settings>: one section at a time, named in the address: server (host), own access, sign-ins, tokens, log (host), about. */
import { html, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { icon } from '../../elements/icon.ts';
import { Page, pageHead } from '../../elements/page.ts';
import { segmented } from '../../elements/segmented.ts';
import { themeChoice } from '../../shell/account-menu.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { place, setQuery, takeQuery } from '../../state/router.ts';
import { session, signOut } from '../../state/session.ts';
import { Watch } from '../../state/store.ts';
import { theme } from '../../state/theme.ts';
import { t } from '../../text/translate.ts';
import { changePassword } from './own-password.ts';
import './about.ts';
import './audit.ts';
import './server-settings.ts';
import './sessions.ts';
import './tokens.ts';

type Section = 'server' | 'own' | 'sessions' | 'tokens' | 'audit' | 'about';

function sectionsOf(role: string): readonly Section[] {
  if (role === 'host') return ['server', 'own', 'sessions', 'tokens', 'audit', 'about'];
  return role === 'account' ? ['own', 'sessions'] : ['own', 'sessions', 'tokens', 'about'];
}

@customElement('ms-settings')
export class Settings extends Page {
  constructor() {
    super();
    new Watch(this, place, session, theme);
  }

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.settings') }];
  }

  protected override onQuery(): void {
    if (takeQuery('do') === 'password') void changePassword();
  }

  #own(): TemplateResult {
    const row = (name: string, title: string, text: string, action: TemplateResult): TemplateResult =>
      html`<li><span class="i-wrap">${icon(name)}</span><span class="grow"><span class="strong">${title}</span><br><span class="small mid">${text}</span></span>${action}</li>`;
    return html`<ul class="rows own">
      ${row('key', t('own.password'), t('own.passwordText'), html`<button class="btn" type="button" @click=${changePassword}>${t('own.change')}</button>`)}
      ${row('eye', t('own.look'), t('own.lookText'), themeChoice())}
      ${row('right', t('own.signOut'), t('own.signOutText'), html`<button class="btn" type="button" @click=${signOut}>${t('own.signOut')}</button>`)}</ul>`;
  }

  #content(section: Section): { heading: string; sub: string; body: TemplateResult } {
    const who = session.value;
    switch (section) {
      case 'server':
        return { heading: t('set.h1.host'), sub: t('set.sub.server'), body: html`<ms-server-settings></ms-server-settings>` };
      case 'sessions':
        return { heading: t('set.h1.sessions'), sub: t('sess.sub'), body: html`<ms-sessions></ms-sessions>` };
      case 'tokens':
        return { heading: t('set.h1.tokens'), sub: t('tok.sub'), body: html`<ms-tokens></ms-tokens>` };
      case 'audit':
        return { heading: t('set.h1.audit'), sub: t('audit.sub'), body: html`<ms-audit></ms-audit>` };
      case 'about':
        return {
          heading: t('set.h1.about', { version: who?.server.version ?? '', hostname: who?.server.hostname ?? '' }),
          sub: '',
          body: html`<ms-about></ms-about>`,
        };
      default:
        return { heading: t('set.h1.own'), sub: t('own.login', { login: who?.login ?? '' }), body: this.#own() };
    }
  }

  protected override render() {
    const sections = sectionsOf(session.value?.role ?? 'account');
    const section = sections.find((entry) => entry === place.value.query.get('section')) ?? sections[0] ?? 'own';
    const { heading, sub, body } = this.#content(section);
    const choices = sections.map((value) => ({ value, label: t(`set.${value}`) }));
    return html`${pageHead({ heading, sub })}
      <div class="tool sections">${segmented<Section>(t('set.sections'), choices, { value: section, classes: 'scroll' }, (value) => setQuery({ section: value }, { push: true }))}</div>${body}`;
  }
}
