/* What can be done with a mailbox, from the list, its page and the palette alike: dialog, then toast with the way back. */
import type { Mailbox } from '../../../daemon/http/contract/api.ts';
import { changeMailbox, removeMailbox } from '../../api/mailboxes.ts';
import { confirm } from '../../elements/confirm.ts';
import { say } from '../../state/toasts.ts';
import { bytes, count } from '../../text/format.ts';
import { t } from '../../text/translate.ts';
import { MailboxName, MailboxPassword, MailboxQuota, MailboxSuspend } from './dialogs.ts';

type Done = () => void;

export async function newPassword(box: Mailbox): Promise<void> {
  const dialog = Object.assign(new MailboxPassword(), { box });
  if (await dialog.open()) say(t('password.done', { address: box.address }));
}

export async function changeQuota(box: Mailbox, done: Done): Promise<void> {
  const changed = await Object.assign(new MailboxQuota(), { box }).open();
  if (!changed) return;
  done();
  const text =
    changed.quotaBytes === null
      ? t('quota.savedNone', { address: box.address })
      : t('quota.saved', { address: box.address, quota: bytes(changed.quotaBytes) });
  say(text, {
    label: t('undo'),
    run: async () => {
      await changeMailbox(box.id, { quotaBytes: box.quotaBytes });
      done();
    },
  });
}

export async function rename(box: Mailbox, done: Done): Promise<void> {
  const changed = await Object.assign(new MailboxName(), { box }).open();
  if (!changed) return;
  done();
  const text = changed.name
    ? t('rename.saved', { address: box.address, name: changed.name })
    : t('rename.savedNone', { address: box.address });
  say(text, {
    label: t('undo'),
    run: async () => {
      await changeMailbox(box.id, { name: box.name });
      done();
    },
  });
}

export async function suspend(boxes: readonly Mailbox[], done: Done): Promise<void> {
  const changed = await Object.assign(new MailboxSuspend(), { boxes }).open();
  if (!changed) return;
  done();
  const back = async (): Promise<void> => {
    for (const { id, suspendedLogin, suspendedIn, suspendedOut, suspendedReason } of boxes)
      await changeMailbox(id, { suspendedLogin, suspendedIn, suspendedOut, suspendedReason });
    done();
  };
  say(t('suspend.saved', { count: boxes.length, address: boxes[0]?.address ?? '' }), { label: t('undo'), run: back });
}

export async function resume(box: Mailbox, done: Done): Promise<void> {
  await changeMailbox(box.id, { suspendedLogin: false, suspendedIn: false, suspendedOut: false, suspendedReason: null });
  done();
  say(t('box.resumed', { address: box.address }));
}

/** Deletes after asking; true when it was done. */
export async function deleteMailboxes(boxes: readonly Mailbox[]): Promise<boolean> {
  const [first] = boxes;
  if (!first) return false;
  const title =
    boxes.length > 1
      ? t('box.delete.many', { count: boxes.length })
      : first.messages === 0
        ? t('box.delete.titleEmpty', { address: first.address })
        : t('box.delete.title', { count: first.messages, address: first.address, number: count(first.messages) });
  const sure = await confirm({
    title,
    text: t('box.delete.text'),
    yes: t('box.deleteYes'),
    no: t('box.keep'),
    danger: true,
    run: async () => {
      for (const box of boxes) await removeMailbox(box.id);
    },
  });
  if (sure) say(t('box.deleted', { count: boxes.length, address: first.address }));
  return sure;
}
