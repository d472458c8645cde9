/*
 * <ms-app>: decides what is shown: set-up, sign-in, or the shell with a page.
 * 1. The page in view follows the address and the role; its code is fetched when it is first needed.
 * 2. After a step to another page the focus is on its sentence (h1) and the document's title names the place.
 * 3. A page that cannot be fetched (a new version was installed) says so and offers to load the panel anew.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { failed, skeletonPage } from '../elements/page.ts';
import { crumbs } from '../state/crumbs.ts';
import { place } from '../state/router.ts';
import { type Match, matchRoute } from '../state/routes.ts';
import { restoreSession, session, sessionFailure } from '../state/session.ts';
import { Watch } from '../state/store.ts';
import { t } from '../text/translate.ts';
import { frame } from './frame.ts';
import './toast-view.ts';

@customElement('ms-app')
export class App extends LitElement {
  @state() private page: HTMLElement | undefined;
  @state() private pageFailure: unknown;
  @state() private missing = false;
  #match: Match | undefined;
  #role: string | undefined;
  #bare = '';
  #wasAtSetup = false;

  constructor() {
    super();
    new Watch(this, place, session, sessionFailure, crumbs);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (place.value.path !== '/setup') void restoreSession();
  }

  protected override willUpdate(): void {
    const atSetup = place.value.path === '/setup';
    if (!atSetup && this.#wasAtSetup && session.value === undefined) void restoreSession();
    this.#wasAtSetup = atSetup;
    const who = atSetup ? null : session.value;
    document.body.classList.toggle('bare', !who);
    if (!who) {
      this.#match = undefined;
      this.#role = undefined;
      this.page = undefined;
      void this.#loadBare();
      return;
    }
    const match = matchRoute(place.value.path, who.role);
    this.missing = match === undefined;
    const samePage = match && this.#match?.route.element === match.route.element && this.#role === who.role;
    if (samePage) {
      const moved = JSON.stringify(match.params) !== JSON.stringify(this.#match?.params);
      this.#match = match;
      if (moved && this.page) Object.assign(this.page, { params: match.params });
      return;
    }
    this.#match = match;
    this.#role = who.role;
    if (match) void this.#show(match);
    else this.page = undefined;
  }

  async #loadBare(): Promise<void> {
    const wanted = place.value.path === '/setup' ? 'ms-setup' : session.value === null ? 'ms-sign-in' : '';
    if (!wanted || wanted === this.#bare) return;
    await (wanted === 'ms-setup' ? import('../pages/setup/setup.ts') : import('../pages/sign-in/sign-in.ts'));
    this.#bare = wanted;
    this.requestUpdate();
  }

  async #show(match: Match): Promise<void> {
    const first = this.page === undefined;
    this.pageFailure = undefined;
    try {
      await match.route.load();
    } catch (error) {
      this.pageFailure = error;
      return;
    }
    if (this.#match?.route !== match.route) return;
    const element = document.createElement(match.route.element);
    Object.assign(element, { params: this.#match.params });
    this.page = element;
    await this.updateComplete;
    if (first) return;
    scrollTo(0, 0);
    await (element as LitElement).updateComplete;
    const heading = this.querySelector<HTMLElement>('main h1');
    (heading ?? this.querySelector<HTMLElement>('main'))?.focus({ preventScroll: true });
  }

  protected override updated(): void {
    const last = crumbs.value.path.at(-1)?.label;
    const where =
      place.value.path === '/setup' ? t('setup.title') : !session.value ? t('signIn.title') : this.missing ? t('missing.title') : last;
    document.title = where ? `${where} · Mailstead` : 'Mailstead';
  }

  #content(): TemplateResult | HTMLElement {
    if (this.missing)
      return html`<div class="empty"><h1 tabindex="-1">${t('missing.title')}</h1><p>${t('missing.text')}</p><a class="btn" href="/">${t('missing.home')}</a></div>`;
    if (this.pageFailure) return failed(this.pageFailure, () => location.reload());
    return this.page ?? skeletonPage();
  }

  protected override render(): TemplateResult {
    if (place.value.path === '/setup')
      return html`${this.#bare === 'ms-setup' ? html`<ms-setup></ms-setup>` : nothing}<ms-toast></ms-toast>`;
    if (sessionFailure.value) return html`<main id="main">${failed(sessionFailure.value, restoreSession)}</main>`;
    const who = session.value;
    if (who === undefined) return html``;
    if (who === null) return html`${this.#bare === 'ms-sign-in' ? html`<ms-sign-in></ms-sign-in>` : nothing}<ms-toast></ms-toast>`;
    return html`${frame(who, this.#match?.route.area, this.#content())}<ms-toast></ms-toast>`;
  }
}
