/* <ms-my-mailbox>: a mailbox user's own page: connect a device, storage, forwarding, password. */
import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { MailboxUsage, Me } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { mailboxUsage, readMe } from '../../api/mailboxes.ts';
import { deviceSetup } from '../../elements/client-settings.ts';
import { fullness } from '../../elements/meter.ts';
import { failed, Page, pageHead, section, skeletonPage } from '../../elements/page.ts';
import { storageSection } from '../../elements/storage.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { session } from '../../state/session.ts';
import { greeting, list } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import './forwarding.ts';

@customElement('ms-my-mailbox')
export class MyMailbox extends Page {
  #me = new Loader<Me>(this, (signal) => readMe(signal));
  #usage = new Loader<MailboxUsage>(this, (signal) => mailboxUsage(session.value?.mailbox ?? '', signal));
  #stops: (() => void)[] = [];

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.myMailbox') }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const refresh = (): void => {
      void this.#me.run();
      void this.#usage.run();
    };
    this.#stops = [onLive('again', refresh), onLive('changed', refresh)];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  async #changePassword(): Promise<void> {
    const { changePassword } = await import('../settings/own-password.ts');
    await changePassword();
  }

  #sentences({ mailbox }: Me): string[] {
    const first = mailbox.name.split(/\s+/)[0];
    const hello = t(`me.hello.${greeting(new Date())}`, { name: first ? `, ${first}` : '' });
    const full = fullness(mailbox.usageBytes, mailbox.quotaBytes);
    const state = mailbox.suspendedIn
      ? 'me.noIn'
      : mailbox.suspendedOut
        ? 'me.noOut'
        : full === 'fail'
          ? 'me.full'
          : full === 'warn'
            ? 'me.nearly'
            : 'me.well';
    return [hello, t(state)];
  }

  protected override render() {
    const me = this.#me.value;
    if (!me) return this.#me.error ? failed(this.#me.error, () => this.#me.run()) : this.#me.slow ? skeletonPage() : nothing;
    const { mailbox } = me;
    const addresses = [...new Set([mailbox.address, ...me.addresses])];
    return html`${pageHead({ heading: this.#sentences(me), sub: t('me.addresses', { addresses: list(addresses) }) })}
      <div class="cols"><div class="c7">${section('client', t('client.title'), deviceSetup(me.settings, true), nothing, 'first')}</div>
        <div class="c5">${storageSection({ used: this.#usage.value?.usageBytes ?? mailbox.usageBytes, quota: mailbox.quotaBytes, folders: this.#usage.value?.folders ?? [] })}
          ${section('forward', t('me.forward'), html`<ms-own-forwarding .forwarder=${me.forwarder} @saved=${() => this.#me.run()}></ms-own-forwarding>`)}
          ${section('password', t('me.password'), html`<p class="mid">${t('me.passwordText')}</p><p class="gap"><button class="btn" type="button" @click=${this.#changePassword}>${t('me.changePassword')}</button></p>`)}</div></div>`;
  }
}
