/*
 * <ms-palette>: finds any domain, mailbox, address, message, page and thing to do; Ctrl+K.
 * 1. A combobox over a list: arrows choose, Enter goes, Tab shows what can be done with the chosen one, Escape goes back or closes.
 * 2. Pages and actions answer at once; the server is asked 120 ms after the last key, and an older answer never replaces a newer one.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { search } from '../api/overview.ts';
import { icon } from '../elements/icon.ts';
import { stateWord } from '../elements/state.ts';
import { go } from '../state/router.ts';
import { session } from '../state/session.ts';
import { t } from '../text/translate.ts';
import { hitGroups, localGroups, type PaletteGroup, type PaletteItem, pieces } from './palette-items.ts';

@customElement('ms-palette')
export class Palette extends LitElement {
  @state() private typed = '';
  @state() private found: readonly PaletteGroup[] = [];
  @state() private asked = '';
  @state() private chosen = 0;
  @state() private about: PaletteItem | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.updateComplete.then(() => {
      this.querySelector('dialog')?.showModal();
      this.querySelector('input')?.focus();
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.querySelector('dialog')?.close();
    this.remove();
  }

  get #groups(): readonly PaletteGroup[] {
    if (this.about) return [{ heading: this.about.title, items: this.about.more }];
    return [...this.found, ...localGroups(this.typed, session.value?.role ?? 'account')];
  }

  get #items(): readonly PaletteItem[] {
    return this.#groups.flatMap((group) => group.items);
  }

  #onInput(event: Event): void {
    this.type((event.target as HTMLInputElement).value);
  }

  /** Puts a text in, as if it were typed. */
  type(text: string): void {
    this.typed = text;
    this.about = undefined;
    this.chosen = 0;
    clearTimeout(this.#timer);
    this.#running?.abort();
    const q = this.typed.trim();
    if (q.length < 2 || session.value?.role === 'account') {
      this.found = [];
      this.asked = q;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(q), 120);
  }

  async #ask(q: string): Promise<void> {
    const mine = new AbortController();
    this.#running = mine;
    try {
      const hits = await search(q, mine.signal);
      if (this.#running === mine) this.found = hitGroups(hits);
    } catch {
      // Aborted or not reachable: what the panel itself knows still stands in the list.
      if (this.#running === mine && !mine.signal.aborted) this.found = [];
    }
    if (this.#running === mine) this.asked = q;
  }

  #onKey(event: KeyboardEvent): void {
    const items = this.#items;
    const now = items[this.chosen];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (items.length > 0) this.chosen = (this.chosen + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length;
      void this.updateComplete.then(() => this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (now) this.#take(now);
    } else if (event.key === 'Tab') {
      event.preventDefault();
      if (!event.shiftKey && now && now.more.length > 0) this.#turn(now);
      else if (event.shiftKey && this.about) this.#turn(undefined);
    }
  }

  #turn(about: PaletteItem | undefined): void {
    this.about = about;
    this.chosen = 0;
  }

  #onCancel(event: Event): void {
    event.preventDefault();
    if (this.about) this.#turn(undefined);
    else this.close();
  }

  #take(item: PaletteItem): void {
    this.close();
    go(item.href);
  }

  #option(item: PaletteItem, index: number): TemplateResult {
    return html`<div role="option" id=${item.id} aria-selected=${index === this.chosen ? 'true' : 'false'} @click=${() => this.#take(item)} @mousemove=${() => (this.chosen = index)}>
      ${icon(item.icon)}<span class="addr">${pieces(item.title, this.about ? '' : this.typed).map(([text, found]) => (found ? html`<mark>${text}</mark>` : text))}${item.note ? html`<span class="mid small meta">${item.note}</span>` : nothing}</span>
      <span>${item.state ? stateWord(item.state.state, item.state.word) : nothing}</span></div>`;
  }

  #list(): TemplateResult {
    let index = 0;
    const groups = this.#groups.map(
      (group, number) =>
        html`<div role="group" aria-labelledby="palette-group-${number}"><div id="palette-group-${number}" role="presentation">${group.heading}</div>${group.items.map((item) => this.#option(item, index++))}</div>`,
    );
    return html`${groups}`;
  }

  protected override render() {
    const items = this.#items;
    const settled = this.asked === this.typed.trim();
    return html`<dialog class="palette" aria-label=${t('palette.label')} @cancel=${this.#onCancel} @mousedown=${(event: MouseEvent) => event.target instanceof HTMLDialogElement && this.close()}>
      <div class="q">${icon('search')}<input type="text" role="combobox" aria-label=${t('palette.label')} placeholder=${t('palette.placeholder')} aria-expanded="true" aria-autocomplete="list" aria-controls="palette-hits" aria-activedescendant=${items[this.chosen]?.id ?? nothing} autocomplete="off" spellcheck="false" .value=${this.typed} @input=${this.#onInput} @keydown=${this.#onKey}>
        <button class="kbd" type="button" aria-label=${t('palette.esc')} @click=${this.close}>Esc</button></div>
      <div class="hits" id="palette-hits" role="listbox" aria-label=${t('palette.found')} tabindex="0">${items.length > 0 ? this.#list() : nothing}</div>
      ${items.length === 0 && settled ? html`<p class="none mid">${t('palette.none', { q: this.typed })}</p>` : nothing}
      <span class="vh" role="status">${settled && this.typed ? t('palette.count', { count: items.length }) : ''}</span>
      <div class="foot" aria-hidden="true"><span><kbd>↑</kbd> <kbd>↓</kbd> ${t('palette.choose')}</span><span><kbd>↵</kbd> ${t('palette.go')}</span><span><kbd>Tab</kbd> ${t('palette.actions')}</span></div></dialog>`;
  }
}

/** Opens the palette, with what was typed meanwhile, unless it or another modal is open already. */
export async function openPalette(typed = ''): Promise<void> {
  if (document.querySelector('dialog[open]')) return;
  const palette = new Palette();
  document.body.append(palette);
  palette.type(typed);
  await palette.updateComplete;
}
