/* A question whose answer is a verb: "Delete jobs@ and its 1,204 messages?" with Delete mailbox and Keep it. */
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { Dialog } from './dialog.ts';

export interface Question {
  readonly title: string;
  readonly text: string | TemplateResult;
  readonly yes: string;
  readonly no: string;
  readonly danger?: boolean;
  /** Does it; a failure is told in the dialog, which then stays. */
  readonly run?: () => Promise<unknown>;
}

@customElement('ms-confirm')
export class Confirm extends Dialog<true> {
  question!: Question;

  protected override heading(): string {
    return this.question.title;
  }
  protected override primary(): string {
    return this.question.yes;
  }
  protected override get danger(): boolean {
    return this.question.danger ?? false;
  }
  protected override get cancelLabel(): string {
    return this.question.no;
  }
  protected override async submit(): Promise<true> {
    await this.question.run?.();
    return true;
  }
  protected override body(): TemplateResult {
    return html`${this.question.text === '' ? nothing : html`<div class="mid">${this.question.text}</div>`}`;
  }
}

/** Asks; true when it was answered with yes and `run` (if given) has succeeded. */
export async function confirm(question: Question): Promise<boolean> {
  const dialog = new Confirm();
  dialog.question = question;
  return (await dialog.open()) === true;
}
