/** What happened to each message: lists, and one message's story. */
import { Type } from 'typebox';
import type { Actor } from '../../admin/actor.ts';
import { NotFound } from '../../lib/errors.ts';
import type { QueueEntry } from '../../queue/queue.ts';
import type { TrackingEvent } from '../../tracking/tracking.ts';
import { actorOf, MANAGERS } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { MessageState, Story, TrackedPage } from '../contract/api.ts';
import { isFoundByHidden, ledgerScope, maySee, messageOfEvents, ownAddresses, queueMessage, trackedMessage } from '../ledger-views.ts';
import { type Api, answers, IdParams, listQuery } from '../route-schema.ts';

const tags = ['Messages'];
const PAGE_ROWS = 50;
const Query = listQuery({
  state: Type.Optional(MessageState),
  direction: Type.Optional(Type.Unsafe<'in' | 'out' | 'local'>(Type.String({ enum: ['in', 'out', 'local'] }))),
});

export function messageRoutes(api: Api, context: HttpContext): void {
  const { tracking, admin } = context;

  api.get(
    '/messages',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Messages, the newest first', tags, querystring: Query, response: answers(TrackedPage) },
    },
    async (request) => {
      const actor = actorOf(request);
      const { q, after, state, direction, limit = PAGE_ROWS } = request.query;
      const entries = await tracking.list({
        ...ledgerScope(actor),
        ...(q === undefined ? {} : { text: q }),
        ...(state === undefined ? {} : { kinds: [state] }),
        ...(direction === undefined ? {} : { direction }),
        ...(after === undefined ? {} : { before: after }),
        limit: limit + 1,
      });
      const page = entries.slice(0, limit);
      const last = page.at(-1);
      const isOwn = ownAddresses(admin.control.db, actor);
      return {
        items: page.flatMap((entry) => {
          const shown = trackedMessage(entry, isOwn);
          return isFoundByHidden(entry, shown, q ?? '') ? [] : [shown];
        }),
        next: entries.length > limit && last !== undefined ? `${last.firstMs}:${last.message}` : null,
      };
    },
  );

  api.get(
    '/messages/:id',
    { config: { access: MANAGERS }, schema: { summary: "A message's story", tags, params: IdParams, response: answers(Story) } },
    async (request) => {
      const actor = actorOf(request);
      const { id } = request.params;
      const { db } = admin.control;
      const events = (await tracking.story(id, {})).filter((event) => maySee(db, actor, event.customer));
      const [first] = events;
      if (first === undefined) throw new NotFound('There is no such message');
      const queued = await queuedEntry(context, actor, id);
      return {
        message: messageOfEvents(events),
        messageId: first.messageId,
        events: events.map(storyEvent),
        queued: queued === undefined ? null : queueMessage(queued),
      };
    },
  );
}

async function queuedEntry(context: HttpContext, actor: Actor, id: string): Promise<QueueEntry | undefined> {
  try {
    const entry = await context.queue.show(id);
    return maySee(context.admin.control.db, actor, entry.customer) ? entry : undefined;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function storyEvent(event: TrackingEvent) {
  return {
    at: new Date(event.atMs).toISOString(),
    kind: event.kind,
    recipient: event.recipient,
    remote: event.remote,
    reply: event.reply,
    nextAttemptAt: event.nextAttemptMs === undefined ? null : new Date(event.nextAttemptMs).toISOString(),
    detail: event.detail,
  };
}
