/** The overview: what needs attention, counters over time, queue, counts, disk and addresses. */
import { statfs } from 'node:fs/promises';
import { Type } from 'typebox';
import { isHost } from '../../admin/actor.ts';
import { overviewFacts } from '../../admin/overview-facts.ts';
import type { Counters } from '../../tracking/tracking.ts';
import { actorOf, MANAGERS } from '../access.ts';
import { attentionOf } from '../attention.ts';
import type { HttpContext } from '../context.ts';
import { Overview } from '../contract/api.ts';
import { ledgerScope, queueSummary } from '../ledger-views.ts';
import { ownAddressStates } from '../own-addresses.ts';
import { type Api, answers } from '../route-schema.ts';

const HOUR_S = 3_600;
const RANGES = {
  day: { bucketSeconds: HOUR_S, buckets: 24 },
  week: { bucketSeconds: 6 * HOUR_S, buckets: 28 },
  month: { bucketSeconds: 24 * HOUR_S, buckets: 30 },
} as const;
const Query = Type.Object(
  { range: Type.Optional(Type.Unsafe<keyof typeof RANGES>(Type.String({ enum: ['day', 'week', 'month'] }))) },
  { additionalProperties: false },
);

export function overviewRoutes(api: Api, context: HttpContext): void {
  const { admin, queue, tracking, facts: server, resolver } = context;
  const schema = {
    summary: 'What needs attention, and how much mail passed',
    tags: ['Overview'],
    querystring: Query,
    response: answers(Overview),
  };

  api.get('/overview', { config: { access: MANAGERS }, schema }, async (request) => {
    const actor = actorOf(request);
    const nowMs = context.now();
    const { bucketSeconds, buckets: count } = RANGES[request.query.range ?? 'day'];
    const bucketMs = bucketSeconds * 1_000;
    const lastMs = nowMs - (nowMs % bucketMs);
    const scope = ledgerScope(actor);
    const facts = overviewFacts(admin, actor);
    const forHost = isHost(actor);
    const [counters, summary, disk, addresses, status] = await Promise.all([
      tracking.counters({ fromMs: lastMs - (count - 1) * bucketMs, toMs: lastMs + bucketMs, bucketMs, ...scope }),
      queue.summary(scope.customer),
      forHost ? diskOf(server.dataDir, facts.usageBytes) : null,
      forHost ? ownAddressStates(server.publicAddresses(), resolver) : [],
      forHost ? context.status() : null,
    ]);
    return {
      now: new Date(nowMs).toISOString(),
      attention: attentionOf({ facts, queue: summary, nowMs, ...(status === null || disk === null ? {} : { server: { status, disk } }) }),
      buckets: counters.map(({ startMs, ...counts }) => ({ startAt: new Date(startMs).toISOString(), ...counts })),
      bucketSeconds,
      totals: totalOf(counters),
      queue: queueSummary(summary),
      counts: { domains: facts.domains, mailboxes: facts.mailboxes, forwarders: facts.forwarders },
      usageBytes: facts.usageBytes,
      disk,
      addresses,
    };
  });
}

async function diskOf(folder: string, mailBytes: number): Promise<NonNullable<Overview['disk']>> {
  const { bsize, blocks, bavail } = await statfs(folder);
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, mailBytes };
}

function totalOf(counters: readonly Counters[]): Overview['totals'] {
  const total = { delivered: 0, turnedAway: 0, sent: 0, cameBack: 0 };
  for (const { delivered, turnedAway, sent, cameBack } of counters) {
    total.delivered += delivered;
    total.turnedAway += turnedAway;
    total.sent += sent;
    total.cameBack += cameBack;
  }
  return total;
}
