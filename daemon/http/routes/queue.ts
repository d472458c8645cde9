/** The queue of outgoing mail: what waits and why, and what can be done with it. */
import { Type } from 'typebox';
import { type Actor, isHost } from '../../admin/actor.ts';
import { commitChange } from '../../admin/commit-change.ts';
import { NotFound } from '../../lib/errors.ts';
import type { QueueEntry, QueueReason as Reason } from '../../queue/queue.ts';
import { actorOf, MANAGERS } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { QueueAction, QueueActionResult, QueueMessage, QueuePage, QueueReason, QueueSummary } from '../contract/api.ts';
import { ledgerScope, maySee, queueMessage, queueSummary } from '../ledger-views.ts';
import { type Api, answers, closed, IdParams, listQuery } from '../route-schema.ts';

const tags = ['Queue'];
const PAGE_ROWS = 50;
const Query = listQuery({ reason: Type.Optional(QueueReason) });

export function queueRoutes(api: Api, context: HttpContext): void {
  const { queue } = context;

  api.get(
    '/queue',
    {
      config: { access: MANAGERS },
      schema: { summary: 'Waiting messages, the newest first', tags, querystring: Query, response: answers(QueuePage) },
    },
    async (request) => {
      const { q, after, reason, limit = PAGE_ROWS } = request.query;
      const { entries, total } = await queue.list({
        ...ledgerScope(actorOf(request)),
        ...(q === undefined ? {} : { text: q }),
        ...(reason === undefined ? {} : { reason: reason as Reason }),
        ...(after === undefined ? {} : { before: after }),
        limit: limit + 1,
      });
      const shown = entries.slice(0, limit);
      return { items: shown.map(queueMessage), next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null, total };
    },
  );

  api.get(
    '/queue/summary',
    { config: { access: MANAGERS }, schema: { summary: 'How much waits and why', tags, response: answers(QueueSummary) } },
    async (request) => queueSummary(await queue.summary(ledgerScope(actorOf(request)).customer)),
  );

  api.get(
    '/queue/:id',
    { config: { access: MANAGERS }, schema: { summary: 'A waiting message', tags, params: IdParams, response: answers(QueueMessage) } },
    async (request) => queueMessage(await visibleEntry(context, actorOf(request), request.params.id)),
  );

  queueActionRoutes(api, context);
}

function queueActionRoutes(api: Api, context: HttpContext): void {
  const { queue, admin } = context;
  const actions = {
    retry: { summary: 'Try now', act: (ids: readonly string[]) => queue.retry(ids) },
    hold: { summary: 'Keep back', act: (ids: readonly string[], { reason }: Options) => queue.hold(ids, reason ?? 'Held by a person') },
    release: { summary: 'Let go', act: (ids: readonly string[]) => queue.release(ids) },
    drop: {
      summary: 'Throw away, with `bounce` back to the sender',
      act: (ids: readonly string[], { bounce }: Options) => queue.drop(ids, { bounce: bounce ?? false }),
    },
  };
  for (const [name, { summary, act }] of Object.entries(actions)) {
    api.post(
      `/queue/${name}`,
      { config: { access: MANAGERS }, schema: { summary, tags, body: closed(QueueAction), response: answers(QueueActionResult) } },
      async (request) => {
        const actor = actorOf(request);
        const { ids, ...options } = request.body;
        const allowed = isHost(actor) ? ids : await visibleIds(context, actor, ids);
        const touched = allowed.length === 0 ? 0 : await act(allowed, options);
        const detail = { messages: allowed.length, recipients: touched, ...options };
        if (touched > 0)
          commitChange(admin, actor, (tx) =>
            tx.note({ action: `queue.${name}`, object: allowed.slice(0, 20).join(' '), customer: actor.customer, detail }),
          );
        return { touched };
      },
    );
  }
}

interface Options {
  readonly reason?: string;
  readonly bounce?: boolean;
}

/** The message, if the actor may see it. NotFound. */
async function visibleEntry(context: HttpContext, actor: Actor, id: string): Promise<QueueEntry> {
  const entry = await context.queue.show(id);
  if (!maySee(context.admin.control.db, actor, entry.customer)) throw new NotFound('There is no such message in the queue');
  return entry;
}

/** Those of the ids that are the actor's; the others are left out, as ids that are not in the queue are. */
async function visibleIds(context: HttpContext, actor: Actor, ids: readonly string[]): Promise<string[]> {
  const visible: string[] = [];
  for (const id of ids) {
    try {
      visible.push((await visibleEntry(context, actor, id)).id);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
  }
  return visible;
}
