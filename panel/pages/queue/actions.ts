/* What can be done with what waits: try now, hold, release, stop. From the list and from a message's story alike. */
import { html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { problemText } from '../../api/problem.ts';
import { dropQueued, holdQueued, releaseQueued, retryQueued } from '../../api/queue.ts';
import { askReason } from '../../elements/ask-reason.ts';
import { Dialog } from '../../elements/dialog.ts';
import { switchRow } from '../../elements/field.ts';
import { say } from '../../state/toasts.ts';
import { t } from '../../text/translate.ts';

type Done = () => void;

async function told(work: Promise<unknown>, text: string, done: Done, undo?: () => Promise<void>): Promise<void> {
  try {
    await work;
    done();
    say(text, undo ? { label: t('undo'), run: undo } : undefined);
  } catch (error) {
    say(problemText(error), undefined, 'fail');
  }
}

export function retry(ids: readonly string[], done: Done): Promise<void> {
  return told(retryQueued(ids), t('queue.retried', { count: ids.length }), done);
}

export function release(ids: readonly string[], done: Done): Promise<void> {
  return told(releaseQueued(ids), t('queue.released', { count: ids.length }), done);
}

export async function hold(ids: readonly string[], done: Done): Promise<void> {
  const reason = await askReason({
    title: t('queue.hold.title', { count: ids.length }),
    text: t('queue.hold.text'),
    label: t('queue.hold.reason'),
    yes: t('queue.hold.yes'),
    run: (text) => holdQueued(ids, text),
  });
  if (reason === undefined) return;
  done();
  say(t('queue.heldDone', { count: ids.length }), { label: t('undo'), run: () => release(ids, done) });
}

/** Asks whether the senders are told. */
@customElement('ms-drop-queued')
export class DropQueued extends Dialog<true> {
  ids: readonly string[] = [];
  @state() private tell = true;

  protected override heading(): string {
    return t('queue.drop.title', { count: this.ids.length });
  }
  protected override primary(): string {
    return t('queue.drop.yes');
  }
  protected override get danger(): boolean {
    return true;
  }
  protected override get cancelLabel(): string {
    return t('queue.drop.no');
  }
  protected override async submit(): Promise<true> {
    await dropQueued(this.ids, this.tell);
    return true;
  }
  protected override body(): TemplateResult {
    return html`<p class="mid">${t('queue.drop.text')}</p>${switchRow({ id: 'drop-tell', label: t('queue.drop.tell'), hint: t('queue.drop.tellHint'), checked: this.tell, change: (on) => (this.tell = on) })}`;
  }
}

export async function drop(ids: readonly string[], done: Done): Promise<void> {
  if (!(await Object.assign(new DropQueued(), { ids }).open())) return;
  done();
  say(t('queue.dropped', { count: ids.length }));
}
