/*
 * Base of all pages and the parts every page has: head, failure, empty place, skeleton.
 * 1. A page's h1 is a sentence that says what is the case; the document's title is the place's name.
 * 2. Light DOM: the panel's one style sheet applies, and ids work across elements.
 */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { problemText } from '../api/problem.ts';
import { type Crumb, crumbs, type TopAction } from '../state/crumbs.ts';
import { place } from '../state/router.ts';
import { t } from '../text/translate.ts';
import { icon } from './icon.ts';

export abstract class Page extends LitElement {
  params: Readonly<Record<string, string>> = {};

  static override properties = { params: { attribute: false } };

  /** Where one is, last part first being the page itself. */
  protected abstract crumbs(): readonly Crumb[];
  /** The page's one action, shown in the phone's top bar. */
  protected topAction(): TopAction | undefined {
    return undefined;
  }

  /**
   * What the address asks for beyond showing the page (?create=1): called when the page opens and whenever its query changes.
   * At another path it waits until the shell has handed over its parameters; what another page is asked for is left to that one.
   */
  protected onQuery(): void {}
  #path = '';
  #stopQuery: (() => void) | undefined;
  #told = '';

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#path = place.value.path;
    this.#stopQuery = place.watch(({ path }) => path === this.#path && this.onQuery());
    void this.updateComplete.then(() => this.isConnected && this.onQuery());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopQuery?.();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('params') && this.#path !== place.value.path) {
      this.#path = place.value.path;
      this.onQuery();
    }
    // Told only when the words differ: the shell renders on every change, and the page with it.
    const path = this.crumbs();
    const words = JSON.stringify(path);
    if (words === this.#told) return;
    this.#told = words;
    crumbs.set({ path, action: this.topAction() });
  }
}

/** h1 with its line of context and at most two buttons. */
export function pageHead(parts: {
  heading: string | readonly string[];
  sub?: string | TemplateResult;
  acts?: TemplateResult;
  back?: TemplateResult;
}): TemplateResult {
  const sentences = typeof parts.heading === 'string' ? [parts.heading] : parts.heading;
  return html`<div class="page-head"><div>${parts.back ?? nothing}<h1 tabindex="-1">${sentences.map((text, index) => html`${index > 0 ? ' ' : ''}<span>${text}</span>`)}</h1>${parts.sub ? html`<p class="sub">${parts.sub}</p>` : nothing}</div>${parts.acts ? html`<div class="acts">${parts.acts}</div>` : nothing}</div>`;
}

/** A section: hairline, heading, optional aside, content. */
export function section(id: string, heading: string, content: unknown, aside: unknown = nothing, classes = ''): TemplateResult {
  return html`<section class="sec ${classes}" aria-labelledby="h-${id}"><div class="sec-head"><h2 id="h-${id}">${heading}</h2>${aside}</div>${content}</section>`;
}

/** What could not be fetched, with the way on; `part` of a page that has its sentence already. */
export function failed(error: unknown, again: () => void, part = false): TemplateResult {
  return html`<div class="empty" role="alert"><svg class="art" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true"><use href="#mark"></use></svg>${part ? html`<h2>${t('failed.title')}</h2>` : html`<h1 tabindex="-1">${t('failed.title')}</h1>`}<p>${problemText(error)}</p><button class="btn" type="button" @click=${again}>${icon('again')}${t('tryAgain')}</button></div>`;
}

/** A place without anything yet: what it is for, next step, other way in. */
export function empty(parts: { heading: string; text: string; acts?: TemplateResult }): TemplateResult {
  return html`<div class="empty"><svg class="art" viewBox="0 0 32 32" fill="currentColor" aria-hidden="true"><use href="#mark"></use></svg><h2>${parts.heading}</h2><p>${parts.text}</p>${parts.acts ? html`<div class="acts">${parts.acts}</div>` : nothing}</div>`;
}

/** Rows of the list's measures while it is being fetched. */
export function skeletonRows(count = 8): TemplateResult {
  return html`<div class="sk-rows" role="status" aria-label=${t('loading')}>${Array.from({ length: count }, (_, row) => html`<div aria-hidden="true"><span class="sk" .style=${`width:${150 + ((row * 37) % 80)}px`}></span><span class="sk" .style=${`width:${70 + ((row * 23) % 50)}px`}></span><span class="sk" .style=${'width:90px'}></span></div>`)}</div>`;
}

/** A page's head and lines while it is being fetched. */
export function skeletonPage(): TemplateResult {
  return html`<div class="sk-page" role="status" aria-label=${t('loading')}><span class="sk head" aria-hidden="true"></span><span class="sk sub" aria-hidden="true"></span>${skeletonRows(6)}</div>`;
}
