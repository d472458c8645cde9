/* A dialog that asks for one reason before it does something: suspending, holding. */
import { html, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { Dialog } from './dialog.ts';
import { described, field } from './field.ts';

export interface ReasonQuestion {
  readonly title: string;
  readonly text: string;
  readonly label: string;
  readonly yes: string;
  readonly run: (reason: string) => Promise<unknown>;
}

@customElement('ms-ask-reason')
export class AskReason extends Dialog<string> {
  question!: ReasonQuestion;
  @state() private reason = '';

  protected override heading(): string {
    return this.question.title;
  }
  protected override primary(): string {
    return this.question.yes;
  }
  protected override async submit(): Promise<string> {
    await this.question.run(this.reason.trim());
    return this.reason.trim();
  }
  protected override body(): TemplateResult {
    const control = html`<input class="input" id="reason" maxlength="300" autofocus autocomplete="off" .value=${this.reason} aria-describedby=${described('reason')} @input=${(event: Event) => (this.reason = (event.target as HTMLInputElement).value)}>`;
    return html`<p class="mid">${this.question.text}</p>${field({ id: 'reason', label: this.question.label, control, error: this.errors.reason })}`;
  }
}

/** The reason (may be empty) once it was done; undefined when it was left. */
export function askReason(question: ReasonQuestion): Promise<string | undefined> {
  const dialog = new AskReason();
  dialog.question = question;
  return dialog.open();
}
