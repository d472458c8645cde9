/* A message's latest state: mark, word, and the sentences over its story. */
import type { MessageState, Story, TrackedMessage } from '../../../daemon/http/contract/api.ts';
import type { State } from '../../elements/state.ts';
import { bytes, list, moment, sentence } from '../../text/format.ts';
import { originalSender } from '../../text/original-sender.ts';
import { t } from '../../text/translate.ts';

const states: Readonly<Record<MessageState, State>> = {
  received: 'wait',
  submitted: 'wait',
  refused: 'warn',
  delivered: 'ok',
  junked: 'warn',
  forwarded: 'ok',
  deferred: 'wait',
  delayed: 'warn',
  bounced: 'fail',
  failed: 'fail',
  discarded: 'info',
  held: 'info',
  released: 'wait',
  dropped: 'fail',
};

export type Filter = '' | 'waiting' | 'failed';

const filters: Readonly<Record<Exclude<Filter, ''>, readonly MessageState[]>> = {
  waiting: ['received', 'submitted', 'deferred', 'delayed', 'held', 'released'],
  failed: ['bounced', 'failed', 'dropped'],
};

export function messageState(state: MessageState): State {
  return states[state];
}

export function fitsFilter(message: TrackedMessage, filter: Filter): boolean {
  return filter === '' || filters[filter].includes(message.state);
}

export function stateText(message: Pick<TrackedMessage, 'state' | 'direction'>): string {
  if (message.state === 'delivered') return t(message.direction === 'out' ? 'state.delivered.out' : 'state.delivered.in');
  return t(`state.${message.state}`);
}

/** A message that was turned away before its content came has a subject that nobody here knows. */
export const subjectOf = (message: Pick<TrackedMessage, 'subject' | 'state'>): string =>
  message.subject || t(message.state === 'refused' ? 'msgs.unseenSubject' : 'msgs.noSubject');

/** "Waiting. anna@a.example to tom@b.example, 1 more". */
export function messageLine(message: TrackedMessage): string {
  const [to = t('msgs.nobody'), ...more] = message.recipients;
  return t('msgs.line', {
    state: stateText(message),
    from: originalSender(message.sender) || sentence(t('msgs.bounce')),
    to: more.length > 0 ? t('msgs.toMore', { to, count: more.length }) : to,
  });
}

/** The h1 of a story, as one or two sentences. */
export function storySentences(story: Story, now: Date): string[] {
  const { message, queued } = story;
  const who = list(message.recipients.slice(0, 2));
  switch (message.state) {
    case 'delivered':
      return [t(message.direction === 'out' ? 'head.delivered.out' : 'head.delivered.in', { who })];
    case 'junked':
    case 'forwarded':
      return [t(`head.${message.state}`, { who })];
    case 'deferred':
    case 'delayed': {
      const next =
        queued?.recipients.map((recipient) => recipient.nextAttemptAt).sort()[0] ??
        story.events.findLast((event) => event.nextAttemptAt)?.nextAttemptAt ??
        undefined;
      const domain = (queued?.recipients[0]?.address ?? message.recipients[0] ?? '').split('@')[1] ?? '';
      const again = !next || Date.parse(next) <= now.getTime() ? t('head.deferredNow') : t('head.deferred2', { time: moment(next, now) });
      return [t('head.deferred', { domain }), again];
    }
    case 'bounced':
      return [t('head.bounced'), t('head.bounced2', { who: originalSender(message.sender) })];
    case 'received':
    case 'submitted':
    case 'refused':
    case 'failed':
    case 'discarded':
    case 'held':
      return [t(`head.${message.state}`), t(`head.${message.state}2`)];
    default:
      return [t(`head.${message.state}`)];
  }
}

export function storyContext(message: TrackedMessage): string {
  if (message.state === 'deferred' || message.state === 'delayed')
    return t('sub.deferred', { who: originalSender(message.sender) || t('msgs.bounce') });
  return message.sender
    ? t('sub.done', { from: originalSender(message.sender), size: bytes(message.sizeBytes) })
    : t('sub.notice', { size: bytes(message.sizeBytes) });
}
