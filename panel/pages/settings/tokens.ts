/* <ms-tokens>: API tokens: create (the secret is shown once), see when each was used, revoke. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { Token } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { listTokens, removeToken } from '../../api/settings.ts';
import { confirm } from '../../elements/confirm.ts';
import { icon } from '../../elements/icon.ts';
import { empty, failed, skeletonRows } from '../../elements/page.ts';
import { Loader } from '../../state/loader.ts';
import { say } from '../../state/toasts.ts';
import { ago } from '../../text/format.ts';
import { t } from '../../text/translate.ts';

const longDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

@customElement('ms-tokens')
export class Tokens extends LitElement {
  #tokens = new Loader<readonly Token[]>(this, (signal) => listTokens(signal));
  #stop: (() => void) | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = onLive('changed', (event) => event.resource === 'tokens' && void this.#tokens.run());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  async create(): Promise<void> {
    const { CreateToken } = await import('./create-token.ts');
    await new CreateToken().open();
    await this.#tokens.run();
  }

  async #revoke(token: Token): Promise<void> {
    const sure = await confirm({
      title: t('tok.revoke.title', { label: token.label }),
      text: t('tok.revoke.text'),
      yes: t('tok.revoke.yes'),
      no: t('tok.revoke.no'),
      danger: true,
      run: () => removeToken(token.id),
    });
    if (!sure) return;
    await this.#tokens.run();
    say(t('tok.revoked', { label: token.label }));
  }

  #row(token: Token, now: Date): TemplateResult {
    const facts = [
      t(`tok.role.${token.role}`),
      token.lastUsedAt ? t('tok.used', { ago: ago(token.lastUsedAt, now) }) : t('tok.unused'),
      token.expiresAt ? t('tok.ends', { when: longDate.format(new Date(token.expiresAt)) }) : '',
    ];
    return html`<li><span class="i-wrap">${icon('key')}</span><span class="grow"><span class="strong">${token.label}</span><br><span class="small mid">${facts.filter(Boolean).join(', ')}</span></span><button class="btn" type="button" aria-label=${t('tok.revokeOf', { label: token.label })} @click=${() => this.#revoke(token)}>${t('tok.revoke')}</button></li>`;
  }

  protected override render() {
    const tokens = this.#tokens.value;
    if (!tokens)
      return this.#tokens.error
        ? failed(this.#tokens.error, () => this.#tokens.run(), true)
        : this.#tokens.slow
          ? skeletonRows(3)
          : nothing;
    const now = new Date();
    if (tokens.length === 0)
      return empty({
        heading: t('tok.none.heading'),
        text: t('tok.none.text'),
        acts: html`<button class="btn primary" type="button" @click=${this.create}>${icon('plus')}${t('tok.create')}</button>`,
      });
    return html`<ul class="rows">${tokens.map((token) => this.#row(token, now))}</ul><p class="gap"><button class="btn" type="button" @click=${this.create}>${icon('plus')}${t('tok.create')}</button></p>`;
  }
}
