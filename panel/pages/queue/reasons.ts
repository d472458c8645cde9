/* Why something waits, in words and as a state: waiting is not a warning. */
import type { QueueMessage, QueueReason } from '../../../daemon/http/contract/api.ts';
import type { State } from '../../elements/state.ts';
import { t } from '../../text/translate.ts';

export function reasonText(reason: QueueReason): string {
  return t(`reason.${reason}`);
}

/** A note under the reason where one calms or explains. */
export function reasonNote(reason: QueueReason): string {
  return reason === 'greylisted' ? t('reason.note.greylisted') : reason === 'held' ? t('reason.note.held') : '';
}

export function reasonState(reason: QueueReason): State {
  return reason === 'held'
    ? 'info'
    : reason === 'unreachable' || reason === 'dns' || reason === 'tls' || reason === 'full' || reason === 'other'
      ? 'warn'
      : 'wait';
}

/** The reason that most of a message's recipients share; held wins. */
export function mainReason(message: QueueMessage): QueueReason {
  if (message.held !== null) return 'held';
  const first = message.recipients.find((recipient) => recipient.state !== 'sending') ?? message.recipients[0];
  return first?.reason ?? 'new';
}

/** The earliest next try of all recipients. */
export function nextTry(message: QueueMessage): string | undefined {
  if (message.held !== null) return undefined;
  return message.recipients.map((recipient) => recipient.nextAttemptAt).sort()[0];
}
