/* <ms-mailbox>: one mailbox. Its state as a sentence, a device's set-up, storage by folder, and what can be done with it. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { ClientSettings, Mailbox, MailboxUsage } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { clientSettings, mailboxUsage, readMailbox } from '../../api/mailboxes.ts';
import { deviceSetup } from '../../elements/client-settings.ts';
import { icon } from '../../elements/icon.ts';
import { failed, Page, pageHead, section, skeletonPage } from '../../elements/page.ts';
import { storageSection } from '../../elements/storage.ts';
import type { Crumb } from '../../state/crumbs.ts';
import { Loader } from '../../state/loader.ts';
import { go, takeQuery } from '../../state/router.ts';
import { ago, bytes, count } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { changeQuota, deleteMailboxes, newPassword, rename, resume, suspend } from './actions.ts';
import { mailboxSentence, offText, switchedOff } from './mailbox-state.ts';

interface Row {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
  readonly action: TemplateResult;
}

@customElement('ms-mailbox')
export class MailboxPage extends Page {
  #shown = '';
  #box = new Loader<Mailbox>(this, (signal) => readMailbox(this.#id, signal));
  #settings = new Loader<ClientSettings>(this, (signal) => clientSettings(this.#id, signal));
  #usage = new Loader<MailboxUsage>(this, (signal) => mailboxUsage(this.#id, signal));
  #stops: (() => void)[] = [];

  get #id(): string {
    return this.params.id ?? '';
  }

  protected override crumbs(): readonly Crumb[] {
    return [{ label: t('nav.mailboxes'), href: '/mailboxes' }, { label: this.#box.value?.address ?? '' }];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#shown = this.#id;
    const refresh = (): void => this.#refresh();
    this.#stops = [
      onLive('again', refresh),
      onLive('changed', (event) => event.resource === 'mailboxes' && event.id === this.#id && event.change === 'changed' && refresh()),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.#stops) stop();
  }

  protected override willUpdate(): void {
    if (!this.#shown || this.#id === this.#shown) return;
    this.#shown = this.#id;
    for (const loader of [this.#box, this.#settings, this.#usage]) void loader.restart();
  }

  protected override onQuery(): void {
    const wanted = takeQuery('do');
    if (wanted) void this.#do(wanted);
  }

  async #do(wanted: string): Promise<void> {
    const shown = this.#box.value;
    if (wanted === 'password') await newPassword(shown?.id === this.#id ? shown : await readMailbox(this.#id));
    if (wanted === 'client') this.querySelector('#h-client')?.scrollIntoView({ block: 'start' });
  }

  #refresh = (): void => {
    void this.#box.run();
    void this.#usage.run();
  };

  async #delete(box: Mailbox): Promise<void> {
    if (await deleteMailboxes([box])) go('/mailboxes');
  }

  #rows(box: Mailbox): readonly Row[] {
    const button = (label: string, run: () => unknown, look = 'btn'): TemplateResult =>
      html`<button class=${look} type="button" @click=${run}>${label}</button>`;
    const off = switchedOff(box).length > 0;
    const reason = box.suspendedReason ? `${box.suspendedReason}.` : '';
    return [
      {
        icon: 'user',
        title: t('box.name'),
        text: box.name || t('box.noName'),
        action: button(t('box.rename'), () => rename(box, this.#refresh)),
      },
      { icon: 'key', title: t('box.password'), text: t('box.passwordText'), action: button(t('box.newPassword'), () => newPassword(box)) },
      {
        icon: 'box',
        title: t('box.storage'),
        text: t('box.storageText', { quota: box.quotaBytes === null ? t('box.storageNone') : bytes(box.quotaBytes) }),
        action: button(t('box.changeStorage'), () => changeQuota(box, this.#refresh)),
      },
      {
        icon: 'route',
        title: t('box.messages'),
        text: t('box.messagesText'),
        action: html`<a class="btn" href="/messages?q=${encodeURIComponent(box.address)}">${t('box.openMessages')}</a>`,
      },
      {
        icon: 'lock',
        title: t('box.suspend'),
        text: off ? t('box.suspendedText', { what: offText(box), reason }) : t('box.suspendText'),
        action: html`${off ? button(t('box.resume'), () => resume(box, this.#refresh)) : nothing}${button(off ? t('box.changeSuspend') : t('box.suspend'), () => suspend([box], this.#refresh))}`,
      },
      {
        icon: 'trash',
        title: t('box.delete'),
        text: t('box.deleteText'),
        action: button(t('box.deleteYes'), () => this.#delete(box), 'btn danger'),
      },
    ];
  }

  protected override render() {
    const box = this.#box.value;
    if (!box) return this.#box.error ? failed(this.#box.error, () => this.#box.run()) : this.#box.slow ? skeletonPage() : nothing;
    const last = box.lastLoginAt ? t('box.last', { ago: ago(box.lastLoginAt, new Date()) }) : t('box.neverIn');
    const sub = t('box.sub', { name: box.name ? `${box.name}. ` : '', count: box.messages, last }).replace(
      String(box.messages),
      count(box.messages),
    );
    return html`${pageHead({ heading: mailboxSentence(box), sub })}
      <div class="cols"><div class="c7">
        ${section('manage', t('box.manage'), html`<ul class="rows manage">${this.#rows(box).map((row) => html`<li><span class="i-wrap">${icon(row.icon)}</span><span class="grow"><span class="strong">${row.title}</span><br><span class="small mid">${row.text}</span></span><span class="row-acts">${row.action}</span></li>`)}</ul>`, nothing, 'first')}
      </div><div class="c5">
        ${storageSection({ used: this.#usage.value?.usageBytes ?? box.usageBytes, quota: box.quotaBytes, folders: this.#usage.value?.folders ?? [] })}
        ${section('client', t('client.title'), this.#settings.value ? deviceSetup(this.#settings.value, true) : this.#settings.error ? failed(this.#settings.error, () => this.#settings.run(), true) : nothing)}
      </div></div>`;
  }
}
