/*
 * <ms-setup>: the first set-up by a one-time link whose secret stands behind the #.
 * 1. The secret never leaves the fragment except in the two calls; it is taken out of the address once it is used.
 * 2. Three questions, one at a time, then what to do next. Nothing is written before the second is answered.
 */
import { html, LitElement, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { SetupState } from '../../../daemon/http/contract/api.ts';
import { addDomain } from '../../api/domains.ts';
import { Problem, problemText } from '../../api/problem.ts';
import { checkSetup, finishSetup, signIn } from '../../api/session.ts';
import { described, field } from '../../elements/field.ts';
import { icon } from '../../elements/icon.ts';
import { healthLine } from '../../elements/line.ts';
import type { PasswordField } from '../../elements/password-field.ts';
import { mark, type State } from '../../elements/state.ts';
import { shortestPassword } from '../../state/password.ts';
import { enter } from '../../state/session.ts';
import { type TextKey, t } from '../../text/translate.ts';
import { setupDone } from './setup-done.ts';
import '../../elements/password-field.ts';

type Step = 'server' | 'you' | 'domain' | 'next';
const steps: readonly Step[] = ['server', 'you', 'domain', 'next'];
const hostname = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i;

@customElement('ms-setup')
export class Setup extends LitElement {
  @state() private step: Step = 'server';
  @state() private known: SetupState | undefined;
  @state() private dead = '';
  @state() private busy = false;
  @state() private hostname = '';
  @state() private email = '';
  @state() private domain = '';
  @state() private errors: Readonly<Record<string, string>> = {};
  #secret = location.hash.slice(1);
  #password = '';

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#check();
  }

  async #check(): Promise<void> {
    if (!this.#secret) {
      this.dead = t('setup.link.none');
      return;
    }
    try {
      this.known = await checkSetup(this.#secret);
      this.hostname = this.known.hostname;
      this.email = this.known.email;
    } catch (error) {
      this.dead = error instanceof Problem && error.code !== 'offline' ? t('setup.link.text') : problemText(error);
    }
    await this.updateComplete;
    this.querySelector<HTMLElement>('input')?.focus();
  }

  async #goTo(step: Step): Promise<void> {
    this.step = step;
    this.errors = {};
    await this.updateComplete;
    this.querySelector<HTMLElement>(step === 'next' ? 'h1' : 'input')?.focus();
  }

  #wrong(name: string, text: string): void {
    this.errors = { [name]: text };
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('.field[data-state=fail] input')?.focus());
  }

  async #finish(): Promise<void> {
    const request = { secret: this.#secret, hostname: this.hostname.trim(), email: this.email.trim(), password: this.#password };
    const given = await finishSetup(request);
    enter(given?.role ? given : await signIn({ login: request.email, password: request.password }));
    history.replaceState(null, '', '/setup');
    await this.#goTo('domain');
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy) return;
    this.#password = this.querySelector<PasswordField>('ms-password')?.value ?? this.#password;
    if (this.step === 'server') {
      if (!hostname.test(this.hostname.trim())) return this.#wrong('hostname', t('setup.server.bad'));
      return void this.#goTo('you');
    }
    if (this.step === 'you' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(this.email.trim())) return this.#wrong('email', t('setup.you.emailBad'));
    if (this.step === 'you' && this.#password.length < shortestPassword) return this.#wrong('password', t('password.short'));
    if (this.step === 'domain' && !this.domain.includes('.')) return this.#wrong('domain', t('setup.domain.bad'));
    this.busy = true;
    try {
      if (this.step === 'you') await this.#finish();
      else {
        const added = await addDomain({ name: this.domain.trim() });
        this.domain = added.name;
        await this.#goTo('next');
      }
    } catch (error) {
      const fallback = this.step === 'you' ? 'password' : 'domain';
      if (error instanceof Problem && error.field === 'hostname') await this.#goTo('server');
      this.#wrong((error instanceof Problem && error.field) || fallback, problemText(error));
    } finally {
      this.busy = false;
    }
  }

  #input(name: 'hostname' | 'email' | 'domain', label: TextKey, hint: TextKey, type = 'text'): TemplateResult {
    const control = html`<input class="input" id=${name} type=${type} .value=${this[name]} autocapitalize="none" spellcheck="false" autocomplete=${name === 'email' ? 'username' : 'off'} aria-describedby=${described(name)} @input=${(event: Event) => (this[name] = (event.target as HTMLInputElement).value)}>`;
    return field({ id: name, label: t(label), hint: t(hint), error: this.errors[name], control });
  }

  #fields(): TemplateResult {
    if (this.step === 'server') return this.#input('hostname', 'setup.server.label', 'setup.server.hint');
    if (this.step === 'domain') return this.#input('domain', 'setup.domain.label', 'setup.domain.hint');
    return html`${this.#input('email', 'setup.you.email', 'setup.you.emailHint', 'email')}
      <ms-password id="setup-password" typedOnly .label=${t('setup.you.password')} .error=${this.errors.password ?? ''} .value=${this.#password}></ms-password>`;
  }

  #line(): TemplateResult {
    const now = steps.indexOf(this.step);
    const stations = steps.map((step, index) => {
      const state: State = index < now || this.step === 'next' ? 'ok' : index === now ? 'wait' : 'off';
      const word = index < now ? t('setup.word.done') : index === now ? t('setup.word.now') : t('setup.word.later');
      if (step === 'domain' && index < now && !this.domain)
        return {
          state: 'off',
          name: t('setup.step.domain'),
          word: t('setup.word.skipped'),
          tech: t('setup.tech.domain'),
          href: '',
        } as const;
      return {
        state: step === 'next' && this.step === 'next' ? 'wait' : state,
        name: t(`setup.step.${step}`),
        word,
        tech: t(`setup.tech.${step}`),
        href: '',
      } as const;
    });
    return healthLine(t('setup.line'), stations, [[`Mailstead ${this.known?.version ?? ''}`, 4]]);
  }

  #form(): TemplateResult {
    const primary = this.step === 'you' ? t('setup.finish') : this.step === 'domain' ? t('setup.domain.add') : t('setup.next');
    return html`<form class="setup-form" novalidate @submit=${this.#submit}>
      <div><h1 tabindex="-1">${t(`setup.${this.step}.h1` as TextKey)}</h1><p class="sub">${t(`setup.${this.step}.sub` as TextKey)}</p></div>
      ${this.#fields()}
      <div class="setup-acts">${this.step === 'you' ? html`<button class="btn" type="button" @click=${() => this.#goTo('server')}>${t('setup.back')}</button>` : ''}
        ${
          this.step === 'domain'
            ? html`<button class="btn" type="button" @click=${() => {
                this.domain = '';
                void this.#goTo('next');
              }}>${t('setup.domain.skip')}</button>`
            : ''
        }
        <button class="btn primary" type="submit">${this.busy ? t('working') : primary}</button></div></form>`;
  }

  protected override render() {
    const inside = this.dead
      ? html`<div class="setup-form" data-state="warn"><div class="setup-dead">${mark('warn')}<h1>${t('setup.link.h1')}</h1></div><p class="mid">${this.dead}</p><a class="btn" href="/">${t('setup.link.signIn')}</a></div>`
      : !this.known
        ? html``
        : html`${this.#line()}${this.step === 'next' ? setupDone(this.hostname, this.domain) : this.#form()}`;
    return html`<div class="setup"><header class="setup-head">${icon('mark')}<b>Mailstead</b></header><main id="main">${inside}</main></div>`;
  }
}
