/** A stop in order: prompt when nobody is in the middle of something, whatever sessions there were; what is under way is finished. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { PASSWORD } from '../support/daemon.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { LineClient } from '../support/line-client.ts';
import { openImapLines, readFolder } from '../support/mail-clients.ts';

/** `stopSeconds` is 10: whoever waits for nothing takes that long. */
const PROMPT_MS = 8_000;

let lab: Lab;
before(async () => {
  lab = await openLab({ accounts: ['ann'] });
});
after(() => lab[Symbol.asyncDispose]());

async function assertStopsPromptly(): Promise<void> {
  const startedMs = performance.now();
  await lab.daemon.stop();
  const tookMs = performance.now() - startedMs;
  await lab.daemon.start();
  assert.ok(tookMs < PROMPT_MS, `the stop took ${Math.round(tookMs)} ms`);
}

test('a STARTTLS session that has ended does not hold up the stop', async () => {
  const { daemon, network } = lab;
  using plain = await LineClient.open({ host: network.own, port: daemon.port('submission') });
  await plain.reply();
  await plain.say('EHLO client.own.test');
  assert.match(await plain.say('STARTTLS'), /^220 /);
  plain.socket.removeAllListeners('data');
  const secure = connectTls({ socket: plain.socket, rejectUnauthorized: false });
  await once(secure, 'secureConnect');
  secure.end('EHLO client.own.test\r\nQUIT\r\n');
  secure.resume();
  await once(secure, 'close');
  await daemon.logged('submission.disconnected');
  await assertStopsPromptly();
});

test('idle sessions are told and ended, RFC 9051 §7.1.5, RFC 5321 §3.8', async () => {
  const { daemon, network } = lab;
  using imap = await openImapLines(daemon, 'ann@own.test');
  await imap.imap('SELECT INBOX');
  imap.write('i IDLE\r\n');
  await imap.line();
  using smtp = await LineClient.open({ host: network.own, port: daemon.port('smtp') });
  await smtp.reply();
  const said = [imap.until(/^\* BYE/), smtp.until(/^421 /)];
  await assertStopsPromptly();
  await Promise.all(said);
});

test('what was accepted before the stop is there after it', async () => {
  const { daemon, network } = lab;
  using smtp = await LineClient.open({ host: network.own, port: daemon.port('smtp'), from: network.foreign });
  await smtp.reply();
  await smtp.say('EHLO mx.far.test');
  await smtp.say('MAIL FROM:<zoe@far.test>');
  await smtp.say('RCPT TO:<ann@own.test>');
  await smtp.say('DATA');
  assert.match(await smtp.say('From: zoe@far.test\r\nSubject: last\r\n\r\nHello\r\n.'), /^250 /);
  await daemon.restart();
  const [kept] = await readFolder(daemon, 'ann@own.test');
  assert.match(String(kept), /Subject: last/);
  using imap = await LineClient.open({ host: network.own, port: daemon.port('imaps'), tls: true });
  await imap.line();
  assert.match((await imap.imap(`LOGIN ann@own.test ${PASSWORD}`)).at(-1) ?? '', /OK/);
});
