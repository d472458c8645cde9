/* <ms-about>: version, how long it runs, which doors are open, where the API is described. */
import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { readStatus } from '../../api/settings.ts';
import { icon } from '../../elements/icon.ts';
import { failed, section } from '../../elements/page.ts';
import { stateWord } from '../../elements/state.ts';
import { Loader } from '../../state/loader.ts';
import { session } from '../../state/session.ts';
import { span } from '../../text/format.ts';
import { t } from '../../text/translate.ts';

@customElement('ms-about')
export class About extends LitElement {
  #status = new Loader(this, (signal) => (session.value?.role === 'host' ? readStatus(signal) : Promise.resolve(undefined)));

  protected override createRenderRoot(): this {
    return this;
  }

  #states(id: string, heading: string, entries: Readonly<Record<string, string>>, well: string) {
    return section(
      id,
      heading,
      html`<ul class="rows">${Object.entries(entries).map(([name, value]) => {
        const open = value === 'ok' || value === 'running' || value === 'ready';
        return html`<li><span class="grow num">${name}</span>${stateWord(open ? 'ok' : 'fail', open ? well : value)}</li>`;
      })}</ul>`,
      nothing,
      'c5',
    );
  }

  protected override render() {
    const who = session.value;
    if (!who) return nothing;
    const status = this.#status.value;
    const running = t('about.running', { span: span(Date.now() - Date.parse(who.server.startedAt)) });
    return html`<ul class="rows"><li><span class="i-wrap">${icon('server')}</span><span class="grow"><span class="strong">Mailstead ${who.server.version}</span><br><span class="small mid">${running}</span></span></li>
        <li><span class="i-wrap">${icon('link')}</span><span class="grow"><span class="strong">${t('about.api')}</span><br><span class="small mid">${t('about.apiText')}</span></span><a class="btn" href="/api/docs">${t('about.apiOpen')}</a></li>
        <li><span class="i-wrap">${icon('cert')}</span><span class="grow"><span class="strong">${t('about.licence')}</span><br><span class="small mid">${t('about.licenceText')}</span></span></li></ul>
      ${this.#status.error ? failed(this.#status.error, () => this.#status.run(), true) : nothing}
      ${status ? html`<div class="cols">${this.#states('ports', t('about.ports'), status.ports, t('about.open'))}${this.#states('threads', t('about.threads'), status.threads, t('about.runs'))}</div>` : nothing}`;
  }
}
