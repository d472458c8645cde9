/*
 * <ms-server-settings>: the host's settings, each described, grouped as the server groups them.
 * 1. Drafts are kept until they are saved; one button saves all of them and the toast takes them back.
 * 2. Switches and choices are drafts too: nothing changes on a slip of the finger.
 */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Setting } from '../../../daemon/http/contract/api.ts';
import { Problem, problemText } from '../../api/problem.ts';
import { changeSettings, listSettings } from '../../api/settings.ts';
import { described, field, select, switchRow } from '../../elements/field.ts';
import { failed, section, skeletonRows } from '../../elements/page.ts';
import { Loader } from '../../state/loader.ts';
import { say } from '../../state/toasts.ts';
import { isTextKey, t } from '../../text/translate.ts';
import { choiceWords, readValue, valueText, valueWords } from './setting-value.ts';

/** The group's name; a group that we do not know yet shows its key. */
function groupName(group: string): string {
  const key = `set.group.${group}`;
  return isTextKey(key) ? t(key) : group;
}

@customElement('ms-server-settings')
export class ServerSettings extends LitElement {
  @state() private drafts: ReadonlyMap<string, string | boolean> = new Map();
  @state() private errors: Readonly<Record<string, string>> = {};
  @state() private busy = false;
  #settings = new Loader<readonly Setting[]>(this, (signal) => listSettings(signal));

  protected override createRenderRoot(): this {
    return this;
  }

  #draft(setting: Setting, value: string | boolean): void {
    const drafts = new Map(this.drafts);
    const same = setting.type === 'boolean' ? value === (setting.value === true) : value === valueText(setting, setting.value);
    if (same) drafts.delete(setting.key);
    else drafts.set(setting.key, value);
    this.drafts = drafts;
  }

  #read(): Record<string, unknown> | undefined {
    const changes: Record<string, unknown> = {};
    const errors: Record<string, string> = {};
    for (const [key, draft] of this.drafts) {
      const setting = this.#settings.value?.find((entry) => entry.key === key);
      if (!setting) continue;
      const read = typeof draft === 'boolean' ? { value: draft } : readValue(setting, draft);
      if ('error' in read) errors[key] = read.error;
      else changes[key] = read.value;
    }
    this.errors = errors;
    return Object.keys(errors).length > 0 ? undefined : changes;
  }

  async #save(): Promise<void> {
    const changes = this.#read();
    const before = this.#settings.value;
    if (!changes || !before || this.busy) return;
    this.busy = true;
    try {
      await changeSettings(changes);
      const keys = Object.keys(changes);
      const old = Object.fromEntries(before.filter((entry) => keys.includes(entry.key)).map((entry) => [entry.key, entry.value]));
      const label = before.find((entry) => entry.key === keys[0])?.label ?? '';
      this.drafts = new Map();
      await this.#settings.run();
      say(t('set.saved', { count: keys.length, label }), {
        label: t('undo'),
        run: async () => {
          await changeSettings(old);
          await this.#settings.run();
        },
      });
    } catch (error) {
      if (error instanceof Problem && error.field) this.errors = { [error.field]: problemText(error) };
      else say(problemText(error), undefined, 'fail');
    } finally {
      this.busy = false;
    }
  }

  #control(setting: Setting): TemplateResult {
    const id = `set-${setting.key}`;
    const draft = this.drafts.get(setting.key);
    const hint = html`${setting.doc} <span class="dim">${t('set.default', { value: valueWords(setting, setting.default) })}.</span>`;
    if (setting.type === 'boolean')
      return html`<div class="setting">${switchRow({ id, label: setting.label, hint: `${setting.doc} ${t('set.default', { value: valueWords(setting, setting.default) })}.`, checked: typeof draft === 'boolean' ? draft : setting.value === true, change: (on) => this.#draft(setting, on) })}</div>`;
    const value = typeof draft === 'string' ? draft : valueText(setting, setting.value);
    const onInput = (event: Event): void => this.#draft(setting, (event.target as HTMLInputElement).value);
    const control =
      setting.type === 'choice'
        ? select({
            id,
            value,
            options: setting.choices.map((choice) => [choice, choiceWords(setting, choice)]),
            change: (choice) => this.#draft(setting, choice),
          })
        : setting.type === 'list'
          ? html`<textarea class="input" id=${id} rows=${Math.max(2, value.split('\n').length)} spellcheck="false" .value=${value} aria-describedby=${described(id)} @input=${onInput}></textarea>`
          : html`<input class="input ${setting.type === 'string' ? '' : 'num short'}" id=${id} autocomplete="off" spellcheck="false" inputmode=${setting.type === 'integer' ? 'numeric' : nothing} .value=${value} aria-describedby=${described(id)} @input=${onInput}>`;
    return html`<div class="setting">${field({ id, label: setting.label, control, hint, error: this.errors[setting.key] })}</div>`;
  }

  protected override render() {
    const all = this.#settings.value;
    if (!all)
      return this.#settings.error
        ? failed(this.#settings.error, () => this.#settings.run(), true)
        : this.#settings.slow
          ? skeletonRows()
          : nothing;
    const groups = [...new Set(all.map((setting) => setting.group))];
    const n = this.drafts.size;
    return html`${groups.map((group, index) => section(`group-${index}`, groupName(group), html`<div class="settings-grid">${all.filter((setting) => setting.group === group).map((setting) => this.#control(setting))}</div>`, nothing, index === 0 ? 'first' : ''))}
      ${
        n > 0
          ? html`<div class="save-bar" role="region" aria-label=${t('set.save', { count: n })}><button class="btn" type="button" @click=${() => {
              this.drafts = new Map();
              this.errors = {};
            }}>${t('set.revert')}</button><button class="btn primary" type="button" @click=${this.#save}>${this.busy ? t('working') : t('set.save', { count: n })}</button></div>`
          : nothing
      }`;
  }
}
