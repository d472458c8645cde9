/*
 * <ms-menu>: a button with three dots that opens a short list of things to do.
 * A native popover (Escape and clicks outside close it) with menu keys: arrows, Home, End; focus returns to the button.
 */
import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { icon } from './icon.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon: string;
  readonly danger?: boolean;
  readonly run: () => void;
}

const counter = { n: 0 };

@customElement('ms-menu')
export class Menu extends LitElement {
  @property() label = '';
  @property({ attribute: false }) items: readonly MenuItem[] = [];
  #id = `menu-${++counter.n}`;

  protected override createRenderRoot(): this {
    return this;
  }

  get #list(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.menu');
  }

  #place(event: ToggleEvent): void {
    const list = this.#list;
    const button = this.querySelector('button');
    button?.setAttribute('aria-expanded', event.newState === 'open' ? 'true' : 'false');
    if (!list || !button || event.newState !== 'open') return;
    const box = button.getBoundingClientRect();
    const below = box.bottom + 4;
    list.style.top = `${below + list.offsetHeight > innerHeight ? Math.max(8, box.top - 4 - list.offsetHeight) : below}px`;
    list.style.left = `${Math.max(8, Math.min(box.right - list.offsetWidth, innerWidth - list.offsetWidth - 8))}px`;
  }

  #onKey(event: KeyboardEvent): void {
    const all = [...(this.#list?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to =
      event.key === 'ArrowDown'
        ? now + 1
        : event.key === 'ArrowUp'
          ? now - 1
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? all.length - 1
              : undefined;
    if (event.key === 'Tab') this.#list?.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  }

  #take(item: MenuItem): void {
    this.#list?.hidePopover();
    this.querySelector('button')?.focus();
    item.run();
  }

  protected override render() {
    return html`<button class="btn quiet icon" type="button" popovertarget=${this.#id} aria-haspopup="menu" aria-expanded="false" aria-label=${this.label}>${icon('more')}</button>
      <div class="menu" id=${this.#id} popover role="menu" aria-label=${this.label} @toggle=${this.#place} @keydown=${this.#onKey}>${this.items.map(
        (item, index) =>
          html`<button class="menu-item ${item.danger ? 'danger' : ''}" type="button" role="menuitem" tabindex="-1" ?autofocus=${index === 0} @click=${() => this.#take(item)}>${icon(item.icon)}${item.label}</button>`,
      )}</div>`;
  }
}
