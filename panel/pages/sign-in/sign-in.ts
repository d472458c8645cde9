/*
 * <ms-sign-in>: the one form for hosts, customers (by e-mail) and mailbox users (by address).
 * 1. What was wrong stands at the password and is read out; the address stays.
 * 2. After signing in the page that was asked for is shown.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { readHealth } from '../../api/health.ts';
import { problemText } from '../../api/problem.ts';
import { signIn } from '../../api/session.ts';
import { described, field } from '../../elements/field.ts';
import { icon } from '../../elements/icon.ts';
import { mark, type State } from '../../elements/state.ts';
import { enter, signedOutBy } from '../../state/session.ts';
import { t } from '../../text/translate.ts';
import { postmark } from './postmark.ts';

@customElement('ms-sign-in')
export class SignIn extends LitElement {
  @state() private login = '';
  @state() private password = '';
  @state() private errors: { login?: string; password?: string } = {};
  @state() private busy = false;
  @state() private hint = false;
  @state() private health: { state: State; text: string } | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#askHealth();
    void this.updateComplete.then(() => this.querySelector<HTMLInputElement>('#login')?.focus());
  }

  async #askHealth(): Promise<void> {
    try {
      const { ready } = await readHealth();
      this.health = ready ? { state: 'ok', text: t('signIn.allRun') } : { state: 'wait', text: t('signIn.starting') };
    } catch {
      this.health = { state: 'fail', text: t('signIn.silent') };
    }
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    this.errors = this.login.trim() ? (this.password ? {} : { password: t('signIn.noPassword') }) : { login: t('signIn.noAddress') };
    if (!this.errors.login && !this.errors.password) {
      this.busy = true;
      try {
        enter(await signIn({ login: this.login.trim(), password: this.password }));
        return;
      } catch (error) {
        this.errors = { password: problemText(error) };
      } finally {
        this.busy = false;
      }
    }
    await this.updateComplete;
    this.querySelector<HTMLInputElement>(this.errors.login ? '#login' : '#password')?.select();
  }

  #form(): TemplateResult {
    const login = html`<input class="input" id="login" name="username" type="text" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" .value=${this.login} aria-describedby=${described('login')} @input=${(event: Event) => (this.login = (event.target as HTMLInputElement).value)}>`;
    const password = html`<input class="input" id="password" name="password" type="password" autocomplete="current-password" .value=${this.password} aria-describedby=${described('password')} @input=${(event: Event) => (this.password = (event.target as HTMLInputElement).value)}>`;
    const forgotten = html`<button class="link small" type="button" aria-expanded=${this.hint ? 'true' : 'false'} @click=${() => (this.hint = !this.hint)}>${t('signIn.forgotten')}</button>`;
    return html`<form novalidate @submit=${this.#submit}>
      ${icon('mark')}
      <div><h1>${t('signIn.heading')}</h1><p class="sub addr">${t('signIn.where', { host: location.hostname })}</p></div>
      ${signedOutBy.value === 'ended' ? html`<p class="note-line" role="status" data-state="info">${mark('info')}<span>${t('signIn.ended')}</span></p>` : nothing}
      ${field({ id: 'login', label: t('signIn.address'), control: login, error: this.errors.login })}
      ${field({ id: 'password', label: t('signIn.password'), control: password, error: this.errors.password, aside: forgotten })}
      ${this.hint ? html`<p class="small mid" role="status">${t('signIn.forgottenText')}</p>` : nothing}
      <button class="btn primary wide" type="submit" aria-disabled=${this.busy ? 'true' : nothing}>${this.busy ? t('working') : t('signIn.go')}</button></form>`;
  }

  protected override render() {
    return html`<div class="login"><main id="main"><div class="card">${postmark(location.hostname, new Date())}${this.#form()}</div></main>
      <footer>${this.health ? html`<span class="health-word" data-state=${this.health.state}>${mark(this.health.state)}${this.health.text}</span>` : html`<span></span>`}</footer></div>`;
  }
}
