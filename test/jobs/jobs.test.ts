/** The table of periodic work: every schedule is valid, and each job does what its name says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from 'node-cron';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { DomainChecker } from '../../daemon/admin/domain-checker.ts';
import { listDomainChecks } from '../../daemon/admin/domain-checks.ts';
import { showDomain } from '../../daemon/admin/show-domain.ts';
import { openSession } from '../../daemon/admin/web-sessions.ts';
import { JOBS, type Job, type JobContext, runJob, startJobs } from '../../daemon/jobs/jobs.ts';
import type { Log } from '../../daemon/lib/log.ts';
import { type Administration, customerActor, HOST, settledAdministration } from '../admin/administration.ts';
import type { ZoneData } from '../support/dns-records.ts';
import { fakeResolver } from '../support/fake-resolver.ts';

const never = new AbortController().signal;
const job = (name: string): Job => JOBS.find((each) => each.name === name) as Job;

function jobContext(admin: Administration, zone: ZoneData = {}) {
  const resolver = fakeResolver(zone);
  const own = () => ({ hostname: 'mail.north.example', addresses: ['198.51.100.25'] });
  const checker = new DomainChecker({ admin: admin.context, resolver, own, allowPrivate: () => false });
  const lines: { event: string; fields: Record<string, unknown> }[] = [];
  const note = (fields: Record<string, unknown>, event: string): void => void lines.push({ event, fields });
  const renewed: number[] = [];
  const context: JobContext = {
    admin: admin.context,
    checker,
    now: admin.context.now,
    log: { info: note, error: note } as unknown as Log,
    renewTicketKeys: async () => void renewed.push(admin.context.now()),
  };
  return { context, lines, renewed, resolver };
}

test('names are unique and schedules are valid', () => {
  assert.equal(new Set(JOBS.map(({ name }) => name)).size, JOBS.length);
  for (const { name, schedule } of JOBS) assert.ok(validate(schedule), name);
});

test('domains are checked when their last check is old enough, new unproven ones every ten minutes', async (t) => {
  const admin = await settledAdministration(t);
  const { context, lines } = jobContext(admin, {
    'juniper.example': { MX: ['10 mail.north.example.'], NS: ['ns.juniper.example.'] },
    'mail.north.example': { A: ['198.51.100.25'] },
  });
  const { customer } = await createCustomer(admin.context, HOST, { name: 'Walnut' });
  await addDomain(admin.context, HOST, { domain: 'juniper.example' });
  await addDomain(admin.context, customerActor(customer.id), { domain: 'walnut.example' });
  const checks = (domain: string) => listDomainChecks(admin.context, HOST, { domain }).items.length;
  const run = () => runJob(job('check-due-domains'), context, never);
  await run();
  assert.deepEqual([checks('juniper.example'), checks('walnut.example')], [1, 1]);
  admin.pass(60_000);
  await run();
  assert.deepEqual([checks('juniper.example'), checks('walnut.example')], [1, 1]);
  admin.pass(10 * 60_000);
  await run();
  assert.deepEqual([checks('juniper.example'), checks('walnut.example')], [1, 2]);
  admin.pass(6 * 3_600_000);
  await run();
  assert.deepEqual([checks('juniper.example'), checks('walnut.example')], [2, 3]);
  assert.deepEqual(
    lines.map(({ event, fields }) => [event, fields['checked']]),
    [
      ['job_done', 2],
      ['job_done', 1],
      ['job_done', 2],
    ],
  );
});

test('a domain whose MX has come to us is proven by the scheduled check', async (t) => {
  const admin = await settledAdministration(t);
  const zone: ZoneData = {
    'walnut.example': { MX: ['10 mx.far.example.'] },
    'mail.north.example': { A: ['198.51.100.25'] },
    'mx.far.example': { A: ['203.0.113.4'] },
  };
  const { context, resolver } = jobContext(admin, zone);
  const { customer } = await createCustomer(admin.context, HOST, { name: 'Walnut' });
  await addDomain(admin.context, customerActor(customer.id), { domain: 'walnut.example' });
  const state = () => showDomain(admin.context, HOST, { domain: 'walnut.example' }).domain.state;
  await runJob(job('check-due-domains'), context, never);
  assert.equal(state(), 'unproven');
  resolver.change({ ...zone, 'walnut.example': { MX: ['10 mail.north.example.'] } });
  admin.pass(11 * 60_000);
  await runJob(job('check-due-domains'), context, never);
  assert.equal(state(), 'proven');
});

test('old log-ins go, ticket keys are new, a job that throws is logged', async (t) => {
  const admin = await settledAdministration(t);
  const { context, lines, renewed } = jobContext(admin);
  openSession(admin.context, HOST, { owner: { kind: 'panel-user', id: 1 }, login: 'host@north.example', agent: '' });
  await runJob(job('sweep-old-sessions'), context, never);
  admin.pass(15 * 86_400_000);
  await runJob(job('sweep-old-sessions'), context, never);
  await runJob(job('renew-ticket-keys'), context, never);
  assert.equal(renewed.length, 1);
  await runJob({ name: 'bad', schedule: '', spreadMs: 0, run: () => Promise.reject(new Error('broken')) }, context, never);
  assert.deepEqual(
    lines.map(({ event, fields }) => [event, fields['job'], fields['dropped']]),
    [
      ['job_done', 'sweep-old-sessions', 1],
      ['job_done', 'renew-ticket-keys', undefined],
      ['job_failed', 'bad', undefined],
    ],
  );
});

test('the audit log is swept in slices', async (t) => {
  const admin = await settledAdministration(t);
  const { context, lines } = jobContext(admin);
  const insert = admin.context.control.connection.statement(
    "INSERT INTO audit(at, actor_kind, actor_name, action, object) VALUES(?, 'system', 'x', 'test', 'x')",
  );
  admin.context.control.record(() => {
    for (let at = 0; at < 1_200; at++) insert.run(1_000 + at);
  });
  await runJob(job('sweep-old-audit'), context, never);
  assert.equal(lines[0]?.fields['dropped'], 1_200);
});

test('jobs run by the clock and end with the daemon', { timeout: 10_000 }, async (t) => {
  const admin = await settledAdministration(t);
  const { context } = jobContext(admin);
  const started = Promise.withResolvers<void>();
  const ended: string[] = [];
  const slow: Job = {
    name: 'slow',
    schedule: '* * * * * *',
    spreadMs: 0,
    run: async (_context, signal) => {
      started.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      ended.push('slow');
      return undefined;
    },
  };
  const jobs = startJobs(context, [slow]);
  const alive = setInterval(() => {}, 1_000);
  await started.promise;
  await jobs.stop();
  clearInterval(alive);
  assert.deepEqual(ended, ['slow']);
});
