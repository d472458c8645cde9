/* <ms-story>: the story of one message, with what can still be done about it. */
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Story } from '../../../daemon/http/contract/api.ts';
import { onLive } from '../../api/live.ts';
import { readStory } from '../../api/messages.ts';
import { select } from '../../elements/field.ts';
import { icon } from '../../elements/icon.ts';
import { story as storyLine } from '../../elements/line.ts';
import { failed, pageHead, skeletonPage } from '../../elements/page.ts';
import { segmented } from '../../elements/segmented.ts';
import { Loader } from '../../state/loader.ts';
import { bytes, sentence } from '../../text/format.ts';
import { originalSender } from '../../text/original-sender.ts';
import { t } from '../../text/translate.ts';
import { drop, hold, release, retry } from '../queue/actions.ts';
import { storyContext, storySentences, subjectOf } from './message-state.ts';
import { storySteps } from './story-steps.ts';
import '../../elements/copy-button.ts';

@customElement('ms-story')
export class StoryView extends LitElement {
  @property() messageId = '';
  @property({ attribute: false }) back: TemplateResult | typeof nothing = nothing;
  @state() private recipient = '';
  #shown = '';
  #story = new Loader<Story>(this, (signal) => readStory(this.messageId, signal));
  #stop: (() => void) | undefined;

  protected override createRenderRoot(): this {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#shown = this.messageId;
    this.#stop = onLive('message', (event) => event.message.id === this.messageId && void this.#story.run());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  protected override willUpdate(): void {
    if (!this.#shown || this.#shown === this.messageId) return;
    this.#shown = this.messageId;
    this.recipient = '';
    void this.#story.restart();
  }

  protected override updated(): void {
    const message = this.#story.value?.message;
    if (message) this.dispatchEvent(new CustomEvent('told', { detail: subjectOf(message) }));
  }

  #done = (): void => void this.#story.run();

  #acts(story: Story): TemplateResult {
    const id = [story.message.id];
    const { queued } = story;
    const act = (label: string, name: string, run: () => unknown): TemplateResult =>
      html`<button class="btn" type="button" @click=${run}>${icon(name)}${label}</button>`;
    return html`<div class="story-acts">${queued ? html`${queued.held === null ? html`${act(t('msgs.retry'), 'again', () => retry(id, this.#done))}${act(t('queue.hold'), 'lock', () => hold(id, this.#done))}` : act(t('queue.release'), 'right', () => release(id, this.#done))}${act(t('msgs.stop'), 'undo', () => drop(id, this.#done))}` : nothing}
      <ms-copy class="no-phone" look="btn ${queued ? 'quiet' : ''}" .text=${location.href} .face=${t('msgs.copyLink')}></ms-copy></div>`;
  }

  #recipients(story: Story): TemplateResult | typeof nothing {
    const all = story.message.recipients;
    if (all.length < 2) return nothing;
    const choose = (value: string): void => void (this.recipient = value);
    if (all.length === 2)
      return html`<div class="story-who">${segmented(t('msgs.recipient'), [{ value: '', label: t('msgs.everyone') }, ...all.map((address) => ({ value: address, label: address }))], { value: this.recipient, classes: 'scroll' }, choose)}</div>`;
    return html`<div class="story-who">${select({ id: 'story-recipient', label: t('msgs.recipient'), value: this.recipient, options: [['', t('msgs.everyone')], ...all.map((address) => [address, address] as const)], change: choose })}</div>`;
  }

  #facts(story: Story): TemplateResult {
    const { message, messageId } = story;
    const fact = (name: string, value: unknown, classes = ''): TemplateResult =>
      html`<div><dt>${name}</dt><dd class=${classes}>${value}</dd></div>`;
    return html`<dl class="facts">${fact(t('msgs.subject'), subjectOf(message))}${fact(t('msgs.from'), originalSender(message.sender) || sentence(t('msgs.bounce')))}
      ${fact(
        t('msgs.to'),
        message.recipients.slice(0, 8).map((address, index) => html`${index > 0 ? html`<br>` : nothing}${address}`),
      )}${fact(t('msgs.size'), bytes(message.sizeBytes), 'num')}
      ${messageId ? fact(t('msgs.messageId'), messageId.replace(/^<|>$/g, '')) : nothing}${fact(t('msgs.number'), message.id, 'num')}</dl>`;
  }

  protected override render() {
    const story = this.#story.value;
    if (!story) return this.#story.error ? failed(this.#story.error, () => this.#story.run()) : this.#story.slow ? skeletonPage() : nothing;
    const now = new Date();
    const steps = storySteps(story, this.recipient, now);
    return html`${this.back}${pageHead({ heading: storySentences(story, now), sub: storyContext(story.message) })}${this.#acts(story)}${this.#recipients(story)}
      <div class="story-grid">${storyLine(t('msgs.happened'), steps)}${this.#facts(story)}</div>`;
  }
}
