/**
 * How many recipients wait for which reason, for each customer and the host: kept with every commit, so that the queue
 * page costs nothing at a million messages. Rebuilt by one scan when the ledger starts.
 */
import type { Connection } from '../database/connection.ts';
import type { CustomerId } from '../wire/ids.ts';
import { QUEUE_REASONS, type QueueReason, type QueueSummary } from './queue.ts';
import { reasonOf } from './queue-store.ts';
import { STATE_HELD } from './schema.ts';

interface Sum {
  messages: number;
  readonly byReason: Map<QueueReason, number>;
}

const HOST = 0;

export class Tally {
  readonly #connection: Connection;
  readonly #sums = new Map<number, Sum>();

  constructor(connection: Connection) {
    this.#connection = connection;
    for (const row of connection
      .statement<{ customer: number | null; n: number }>('SELECT customer, count(*) AS n FROM message GROUP BY customer')
      .all()) {
      this.messages(row.customer, row.n);
    }
    const recipients = 'SELECT customer, reason, state, count(*) AS n FROM recipient GROUP BY customer, reason, state';
    for (const row of connection.statement<{ customer: number | null; reason: number; state: number; n: number }>(recipients).all()) {
      this.recipients(row.customer, reasonOf(row.reason, row.state), row.n);
    }
  }

  messages(customer: number | null, change: number): void {
    this.#of(HOST).messages += change;
    if (customer !== null) this.#of(customer).messages += change;
  }

  recipients(customer: number | null, reason: QueueReason, change: number): void {
    add(this.#of(HOST).byReason, reason, change);
    if (customer !== null) add(this.#of(customer).byReason, reason, change);
  }

  messageCount(customer: CustomerId | undefined): number {
    return this.#sums.get(customer ?? HOST)?.messages ?? 0;
  }

  summary(customer: CustomerId | undefined): QueueSummary {
    const sum = this.#sums.get(customer ?? HOST);
    if (sum === undefined) return { messages: 0, recipients: 0, held: 0, oldestMs: null, byReason: [] };
    const byReason = [...sum.byReason]
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => ({ reason, count, oldestMs: this.#oldest(reason, customer) }))
      .sort((a, b) => b.count - a.count);
    return {
      messages: sum.messages,
      recipients: byReason.reduce((total, { count }) => total + count, 0),
      held: sum.byReason.get('held') ?? 0,
      oldestMs: byReason.length === 0 ? null : Math.min(...byReason.map(({ oldestMs }) => oldestMs)),
      byReason,
    };
  }

  #oldest(reason: QueueReason, customer: CustomerId | undefined): number {
    const wanted = reason === 'held' ? `state = ${STATE_HELD}` : `reason = ${QUEUE_REASONS.indexOf(reason)} AND state <> ${STATE_HELD}`;
    const order = reason === 'held' ? 'recipient_held' : 'recipient_reason';
    const own = customer === undefined ? '' : ` AND customer = ${Number(customer)}`;
    const text = `SELECT (SELECT received_at FROM message WHERE seq = message) AS at FROM recipient INDEXED BY ${order} WHERE ${wanted}${own} ORDER BY message LIMIT 1`;
    return (this.#connection.sql.prepare(text).get() as { at: number } | undefined)?.at ?? 0;
  }

  #of(customer: number): Sum {
    let sum = this.#sums.get(customer);
    if (sum === undefined) {
      sum = { messages: 0, byReason: new Map() };
      this.#sums.set(customer, sum);
    }
    return sum;
  }
}

function add(counts: Map<QueueReason, number>, reason: QueueReason, change: number): void {
  const count = (counts.get(reason) ?? 0) + change;
  if (count === 0) counts.delete(reason);
  else counts.set(reason, count);
}
