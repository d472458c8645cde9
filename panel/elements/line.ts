/*
 * The line that mail travels: across for a domain's health, downwards for a message's story, nine dots in a list.
 * It breaks (dashed, red) exactly where mail stops. Nothing else in the panel looks like this.
 */
import { html, nothing, type TemplateResult } from 'lit';
import { mark, type State } from './state.ts';

export interface Station {
  readonly state: State;
  readonly name: string;
  readonly word: string;
  readonly tech: string;
  readonly href: string;
}

/** The health line with its leg captions: [caption, how many stations] from the left. */
export function healthLine(label: string, stations: readonly Station[], legs: readonly (readonly [string, number])[]): TemplateResult {
  return html`<section class="health" aria-label=${label}>
    <div class="legs" aria-hidden="true" .style=${`grid-template-columns:${legs.map(([, n]) => `${n}fr`).join(' ')}`}>${legs.map(([caption]) => html`<span>${caption}</span>`)}</div>
    <ol class="route">${stations.map((station) => html`<li data-state=${station.state}><span class="dot">${mark(station.state)}</span><a href=${station.href}><span class="name">${station.name}</span><span class="word">${station.word}</span><span class="tech">${station.tech}</span></a></li>`)}</ol>
  </section>`;
}

/** The small line of a list; `meaning` is what it says to readers. */
export function miniLine(states: readonly State[], meaning: string): TemplateResult {
  return html`<span class="route-mini" aria-hidden="true">${states.map((state) => html`<i data-state=${state}></i>`)}</span><span class="vh">${meaning}</span>`;
}

export interface Step {
  readonly state: State;
  readonly heading: string;
  readonly text: string;
  /** A raw reply, and who gave it: "They said:". */
  readonly said?: { readonly who: string; readonly reply: string } | undefined;
  /** What to show as time and its machine form. */
  readonly time: string;
  readonly datetime: string;
}

/** A message's story; after a step that waits the line is dotted. */
export function story(label: string, steps: readonly Step[]): TemplateResult {
  return html`<ol class="story" aria-label=${label}>${steps.map((step, index) => {
    const next = steps[index + 1];
    const gap = step.state === 'wait' || next?.state === 'off';
    return html`<li data-state=${step.state} class=${gap ? 'gap' : nothing}><span class="dot">${mark(step.state)}</span><div class="txt"><h2>${step.heading}</h2>${step.text ? html`<p>${step.text}</p>` : nothing}${
      step.said ? html`<p class="said">${step.said.who} <b>${step.said.reply}</b></p>` : nothing
    }</div><time class="num" datetime=${step.datetime}>${step.time}</time></li>`;
  })}</ol>`;
}
