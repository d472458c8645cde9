import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor } from '../../daemon/admin/actor.ts';
import { addAddress } from '../../daemon/admin/add-address.ts';
import { addDomain } from '../../daemon/admin/add-domain.ts';
import type { AdminContext } from '../../daemon/admin/admin-context.ts';
import { createToken } from '../../daemon/admin/api-tokens.ts';
import { createAppPassword } from '../../daemon/admin/app-passwords.ts';
import { createAccount } from '../../daemon/admin/create-account.ts';
import { createCustomer } from '../../daemon/admin/customers.ts';
import { signIn } from '../../daemon/admin/sign-in.ts';
import { useCases } from '../../daemon/admin/use-cases.ts';
import { isKnownError } from '../../daemon/lib/errors.ts';
import { customerActor, HOST, mailboxActor, settledAdministration } from './administration.ts';

const PASSWORD = 'lantern-orchard';
const TABLES = [
  'domain',
  'dkim_key',
  'account',
  'credential',
  'app_password',
  'sender_grant',
  'address',
  'address_target',
  'panel_user',
  'web_session',
  'setting',
  'removal',
];

/** Everything that a stranger may not change. */
function state(context: AdminContext): string {
  const { sql } = context.control.connection;
  const tables = TABLES.map((table) => sql.prepare(`SELECT * FROM ${table}`).all());
  return JSON.stringify([
    ...tables,
    sql.prepare("SELECT * FROM api_token WHERE label = 'victim token'").all(),
    sql.prepare("SELECT * FROM customer WHERE name = 'Victim'").all(),
  ]);
}

test("no use case shows or changes what is another's, whoever asks", async (t) => {
  const { context } = await settledAdministration(t);
  const victim = (await createCustomer(context, HOST, { name: 'Victim', email: 'owner@victim.test', password: PASSWORD })).customer;
  const stranger = (await createCustomer(context, HOST, { name: 'Stranger' })).customer;
  const reseller = (await createCustomer(context, HOST, { name: 'Strange reseller', kind: 'reseller' })).customer;
  await addDomain(context, HOST, { domain: 'victim.example', customer: victim.id });
  await addDomain(context, HOST, { domain: 'stranger.example', customer: stranger.id });
  const { mailbox } = await createAccount(context, HOST, { address: 'marta@victim.example', password: PASSWORD });
  const own = (await createAccount(context, HOST, { address: 'user@stranger.example', password: PASSWORD })).mailbox;
  const forwarder = addAddress(context, HOST, { address: 'sales@victim.example', targets: [mailbox.address] });
  createAppPassword(context, HOST, { account: mailbox.id, label: 'victim phone' });
  createToken(context, customerActor(victim.id), { label: 'victim token' });
  await signIn(
    context,
    { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: '192.0.2.9' },
    { login: 'owner@victim.test', password: PASSWORD },
  );

  const aimed = {
    domain: 'victim.example',
    account: mailbox.id,
    forwarder: forwarder.id,
    address: 'new@victim.example',
    customer: victim.id,
    id: '1',
    session: '1',
    email: 'owner@victim.test',
    name: 'x',
    label: 'x',
    targets: ['x@elsewhere.test'],
    kind: 'forward',
    keepCopy: false,
    password: 'harbour-velvet',
    current: PASSWORD,
    next: 'harbour-velvet',
    quota: '1G',
    reason: 'x',
    by: 'host',
    force: true,
    hostname: 'mail.stranger.example',
    values: { 'server.brand': 'x' },
    secret: 'x',
  };
  const strangers: Actor[] = [
    customerActor(stranger.id),
    customerActor(reseller.id, 'reseller'),
    mailboxActor(own.id, own.address),
    { kind: 'visitor', id: null, name: '', customer: null, remoteAddress: '192.0.2.10' },
  ];
  const before = state(context);
  for (const [name, call] of Object.entries(useCases) as [string, (context: AdminContext, actor: Actor, args: never) => unknown][]) {
    for (const actor of strangers) {
      for (const args of [
        aimed,
        { ...aimed, account: mailbox.address, forwarder: forwarder.address, customer: 'Victim', address: 'marta@victim.example' },
      ]) {
        try {
          const answer = JSON.stringify(await call(context, actor, (name.startsWith('list') ? {} : args) as never));
          assert.doesNotMatch(answer, /victim/i, `${name} as ${actor.kind}`);
        } catch (error) {
          if (!isKnownError(error)) throw error;
        }
        assert.equal(state(context), before, `${name} as ${actor.kind}`);
      }
    }
  }
});
