/** Checks of domains: few at a time, one a domain, bounded in number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainChecker } from '../../daemon/admin/domain-checker.ts';
import { listDomainChecks } from '../../daemon/admin/domain-checks.ts';
import { removeDomain } from '../../daemon/admin/remove-domain.ts';
import { insertDomain } from '../../daemon/directory/records/domains.ts';
import type { Resolver } from '../../daemon/dns/resolver.ts';
import { NotFound, Unavailable } from '../../daemon/lib/errors.ts';
import { fakeResolver } from '../support/fake-resolver.ts';
import { type Administration, HOST, settledAdministration } from './administration.ts';

/** A resolver that answers nothing until it is let go, and says which names it was asked for. */
function gatedResolver() {
  const gate = Promise.withResolvers<void>();
  const asked = new Set<string>();
  const inner = fakeResolver({});
  const query: Resolver['query'] = async (name, type, options) => {
    asked.add(name);
    await gate.promise;
    return inner.query(name, type, options);
  };
  return { resolver: { ...inner, query } satisfies Resolver, asked, open: gate.resolve };
}

function addDomains({ context }: Administration, count: number): string[] {
  const names = Array.from({ length: count }, (_, n) => `d${n}.example`);
  context.control.transact(({ db }) => {
    for (const name of names) insertDomain(db, { customerId: 1, name, state: 'proven', proofToken: '', provenAt: 1, createdAt: 1 }, []);
  });
  return names;
}

function checkerOf(admin: Administration, resolver: Resolver): DomainChecker {
  return new DomainChecker({
    admin: admin.context,
    resolver,
    own: () => ({ hostname: 'mail.north.example', addresses: [] }),
    allowPrivate: () => false,
  });
}

test('four checks run at a time, a domain once, two hundred wait', async (t) => {
  const admin = await settledAdministration(t);
  const { resolver, asked, open } = gatedResolver();
  const checker = checkerOf(admin, resolver);
  const names = addDomains(admin, 205);
  const checks = names.slice(0, 204).map((name) => checker.check(name));
  const again = checker.check('d3.example');
  assert.equal(again, checks[3]);
  await assert.rejects(checker.check('d204.example'), Unavailable);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    names.filter((name) => asked.has(name)),
    names.slice(0, 4),
  );
  const heard: string[] = [];
  checker.onChecked((domain) => heard.push(domain));
  open();
  await Promise.all(checks);
  assert.equal(new Set(heard).size, 204);
  assert.equal((await checker.check('d204.example')).domain, 'd204.example');
});

test('a domain that is not here is not checked; one removed meanwhile leaves nothing behind', async (t) => {
  const admin = await settledAdministration(t);
  const { resolver, open } = gatedResolver();
  const checker = checkerOf(admin, resolver);
  await assert.rejects(checker.check('none.example'), NotFound);
  addDomains(admin, 1);
  const check = checker.check('d0.example');
  await new Promise((resolve) => setImmediate(resolve));
  await removeDomain(admin.context, HOST, { domain: 'd0.example' });
  open();
  assert.equal((await check).domain, 'd0.example');
  assert.throws(() => listDomainChecks(admin.context, HOST, { domain: 'd0.example' }), NotFound);
});
