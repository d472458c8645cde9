/** GET /events: server-sent events of what changes, for everybody who is signed in. */
import { actorOf, SIGNED_IN } from '../access.ts';
import type { HttpContext } from '../context.ts';
import { HttpRefusal } from '../error-answer.ts';
import type { LiveFeed } from '../live-feed.ts';
import { LiveStream } from '../live-stream.ts';
import type { Api } from '../route-schema.ts';

const RETRY_MS = 3_000;

export function eventRoutes(api: Api, context: HttpContext, feed: LiveFeed): void {
  const schema = { summary: 'What changes, as server-sent events (text/event-stream)', tags: ['Events'] };

  api.get('/events', { config: { access: SIGNED_IN }, exposeHeadRoute: false, schema }, async (request, reply) => {
    const response = reply.raw;
    const stream = new LiveStream(response, { actor: actorOf(request), session: request.identity?.session?.id, openedMs: context.now() });
    if (!feed.add(stream)) throw new HttpRefusal(429, 'throttled', 'Too many pages are open with this log-in', 60);
    reply.hijack();
    const headers = reply.getHeaders();
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' } as Record<
      string,
      string
    >);
    response.write(`retry: ${RETRY_MS}\n\n`);
  });
}
