/* <ms-sessions>: the browsers in which this person is signed in; each but this one can be ended. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { OpenSession } from '../../../daemon/http/contract/api.ts';
import { problemText } from '../../api/problem.ts';
import { endSession, openSessions } from '../../api/session.ts';
import { icon } from '../../elements/icon.ts';
import { failed, skeletonRows } from '../../elements/page.ts';
import { Loader } from '../../state/loader.ts';
import { say } from '../../state/toasts.ts';
import { ago, moment } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { browserName } from './browser-name.ts';

@customElement('ms-sessions')
export class Sessions extends LitElement {
  #sessions = new Loader<OpenSession[]>(this, (signal) => openSessions(signal));

  protected override createRenderRoot(): this {
    return this;
  }

  async #end(session: OpenSession): Promise<void> {
    try {
      await endSession(session.id);
      await this.#sessions.run();
      say(t('sess.ended'));
    } catch (error) {
      say(problemText(error), undefined, 'fail');
    }
  }

  #row(session: OpenSession, now: Date): TemplateResult {
    const phone = /iPhone|Android/.test(session.agent);
    return html`<li><span class="i-wrap">${icon(phone ? 'phone' : 'laptop')}</span><span class="grow"><span class="strong">${browserName(session.agent)}</span> ${session.current ? html`<span class="badge">${t('sess.here')}</span>` : html`<span class="small dim">${ago(session.lastUsedAt, now)}</span>`}<br><span class="small mid num">${t('sess.line', { address: session.address, since: moment(session.createdAt, now) })}</span></span>
      ${session.current ? nothing : html`<button class="btn" type="button" aria-label=${t('sess.endOf', { address: session.address })} @click=${() => this.#end(session)}>${t('sess.end')}</button>`}</li>`;
  }

  protected override render() {
    const all = this.#sessions.value;
    if (!all)
      return this.#sessions.error
        ? failed(this.#sessions.error, () => this.#sessions.run(), true)
        : this.#sessions.slow
          ? skeletonRows(3)
          : nothing;
    const now = new Date();
    return html`<ul class="rows">${all.map((session) => this.#row(session, now))}</ul>`;
  }
}
