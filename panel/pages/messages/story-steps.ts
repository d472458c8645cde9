/*
 * Events as the steps of a story. Pure.
 * 1. Events without a recipient belong to everyone; with one chosen, the others' are left out.
 * 2. Mail that came straight into a mailbox is one event and two steps: it arrived, it was put there.
 * 3. What is still to come stands last, hollow.
 */
import type { QueueReason, Story, StoryEvent } from '../../../daemon/http/contract/api.ts';
import type { Step } from '../../elements/line.ts';
import { clock, sentence, span } from '../../text/format.ts';
import { originalSender } from '../../text/original-sender.ts';
import { isTextKey, t } from '../../text/translate.ts';
import { messageState } from './message-state.ts';

/** "mx.example.net [192.0.2.1]:25" → "mx.example.net". */
function hostOf(remote: string): string {
  return remote.split(/[ [:]/)[0] || remote;
}

/** "laptop.lan [192.0.2.7]:50123" → "192.0.2.7". */
function addressOf(remote: string): string {
  return /\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(remote)?.[1] ?? hostOf(remote);
}

/** "Checks: SPF pass, DKIM pass, DMARC none." and how it came. */
function checks(detail: StoryEvent['detail']): string {
  const found = ['spf', 'dkim', 'dmarc', 'arc'].filter((name) => detail[name]).map((name) => `${name.toUpperCase()} ${detail[name]}`);
  const parts = [
    detail.tls ? sentence(`${t('story.encrypted', { tls: detail.tls })}.`) : '',
    found.length > 0 ? t('story.checks', { checks: found.join(', ') }) : '',
    detail.why ? `${sentence(detail.why)}.` : '',
  ];
  return parts.filter(Boolean).join(' ');
}

const known = new Set(['spf', 'dkim', 'dmarc', 'arc', 'tls', 'why', 'folder', 'reason', 'client', 'address']);

/** Facts that no sentence above covers, as they are. */
function others(detail: StoryEvent['detail']): string {
  const rest = Object.entries(detail).filter(([name, value]) => !known.has(name) && value !== '');
  return rest.map(([name, value]) => `${sentence(name)}: ${value}.`).join(' ');
}

function deferredHeading(event: StoryEvent, reason: QueueReason | undefined): { heading: string; text: string } {
  const why = event.detail.reason ?? guess(event.reply) ?? reason ?? 'other';
  const key = `story.deferred.${why}`;
  const note = `story.deferredText.${why}`;
  const recipient = event.recipient;
  return {
    heading: isTextKey(key) ? t(key, { recipient }) : t('story.deferred'),
    text: isTextKey(note) ? t(note) : recipient ? t('story.deferredText', { recipient }) : '',
  };
}

/** The reason that a raw reply speaks of, for events that do not name one. */
function guess(reply: string): string | undefined {
  if (/gr[ea]y ?list/i.test(reply)) return 'greylisted';
  if (/^4\d\d[ -]4\.2\.2/.test(reply)) return 'full';
  if (/^421|4\.3\.[12]|overload|too (busy|many)/i.test(reply)) return 'busy';
  if (/timed? ?out|refused|unreachable|4\.4\.[12]/i.test(reply)) return 'unreachable';
  return undefined;
}

function words(event: StoryEvent, story: Story): { heading: string; text: string } {
  const { recipient, remote } = event;
  const { direction } = story.message;
  const sender = originalSender(story.message.sender);
  switch (event.kind) {
    case 'received':
      return { heading: remote ? t('story.received', { remote: hostOf(remote) }) : t('story.receivedPlain'), text: checks(event.detail) };
    case 'submitted':
      return {
        heading: t('story.submitted', { sender: event.detail.client ? `${event.detail.client}, ${sender}` : sender }),
        text: [remote ? t('story.submittedText', { address: addressOf(remote) }) : '', checks(event.detail)].filter(Boolean).join(' '),
      };
    case 'delivered':
      if (remote === '' || direction !== 'out')
        return {
          heading: t('story.delivered.in', { recipient }),
          text: event.detail.folder && event.detail.folder !== 'INBOX' ? t('story.folder', { folder: event.detail.folder }) : '',
        };
      return {
        heading: t('story.delivered.out', { host: hostOf(remote) }),
        text: [t('story.deliveredText', { recipient }), checks(event.detail)].filter(Boolean).join(' '),
      };
    case 'deferred': {
      const reason = story.queued?.recipients.find((entry) => entry.address === recipient)?.reason;
      const last = story.events.findLast((other) => other.kind === 'deferred' && other.recipient === recipient) === event;
      return deferredHeading(event, last ? reason : undefined);
    }
    case 'bounced':
      return { heading: t('story.bounced', { recipient }), text: t('story.bouncedText', { sender }) };
    case 'failed':
      return { heading: t('story.failed', { recipient }), text: t('story.failedText') };
    case 'refused':
      return { heading: t('story.refused'), text: checks(event.detail) };
    case 'delayed':
      return { heading: t('story.delayed', { sender }), text: '' };
    default:
      return { heading: t(`story.${event.kind}`, { recipient: recipient || (direction === 'out' ? sender : '') }), text: '' };
  }
}

/** Who gave the raw reply: we when we turned it away, nobody but the facts when no other machine was there. */
function saidBy(event: StoryEvent): Step['said'] {
  // That we told ourselves of a delivery here says nothing more.
  if (!event.reply || (event.remote === '' && /^2/.test(event.reply))) return undefined;
  const who =
    event.kind === 'refused' ? 'msgs.weSaid' : event.remote !== '' && /^\d{3}\b/.test(event.reply) ? 'msgs.theySaid' : 'msgs.reason';
  return { who: t(who), reply: event.reply };
}

/** An inbound delivery that no 'received' event precedes tells of the arrival as well. */
function arrival(event: StoryEvent, story: Story): StoryEvent | undefined {
  const direct =
    story.message.direction === 'in' &&
    event.remote !== '' &&
    (event.kind === 'delivered' || event.kind === 'junked' || event.kind === 'forwarded' || event.kind === 'discarded');
  return direct && !story.events.some((other) => other.kind === 'received')
    ? { ...event, kind: 'received', recipient: '', reply: '' }
    : undefined;
}

function step(event: StoryEvent, story: Story): Step {
  const { heading, text } = words(event, story);
  // The address in the detail is where a forwarder leads, when that is not the recipient itself.
  const onTo = event.detail.address && event.detail.address !== event.recipient ? t('story.onTo', { address: event.detail.address }) : '';
  const rest = others(event.detail);
  const kind = event.kind === 'received' || event.kind === 'submitted' || event.kind === 'released' ? 'ok' : messageState(event.kind);
  return {
    state: kind,
    heading,
    text: [text, onTo, rest].filter(Boolean).join(' '),
    said: saidBy(event),
    time: clock(new Date(event.at), true),
    datetime: event.at,
  };
}

/** Mail between two people here is told once for each of them; whoever sees both needs one. */
function isRepeated(event: StoryEvent, before: StoryEvent | undefined): boolean {
  return (
    before !== undefined &&
    event.kind === before.kind &&
    event.recipient === before.recipient &&
    event.at === before.at &&
    event.reply === before.reply
  );
}

/** The steps for one recipient, or for all with ''. */
export function storySteps(story: Story, recipient: string, now: Date): Step[] {
  const events = story.events.filter(
    (event, index, all) => (!recipient || !event.recipient || event.recipient === recipient) && !isRepeated(event, all[index - 1]),
  );
  const steps: Step[] = [];
  for (const [index, event] of events.entries()) {
    const before = index === 0 ? arrival(event, story) : undefined;
    if (before) steps.push(step(before, story));
    steps.push(step(event, story));
  }
  const waiting =
    story.queued?.held === null
      ? story.queued.recipients.filter((entry) => entry.state !== 'held' && (!recipient || entry.address === recipient))
      : [];
  const next = waiting.map((entry) => entry.nextAttemptAt).sort()[0];
  if (next) {
    const wait = Date.parse(next) - now.getTime();
    steps.push({
      state: 'off',
      heading: wait > 1000 ? t('story.next', { span: span(wait) }) : t('story.nextNow'),
      text: t('story.nextText'),
      time: clock(new Date(next)),
      datetime: next,
    });
  }
  return steps;
}
