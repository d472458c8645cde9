/** The private members of the library that smtp-client.ts builds upon: this fails first when a new version changes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSmtpClient } from '../../../daemon/mta/send/smtp-client.ts';

test('the library has the members that are overridden and read', () => {
  const Client = loadSmtpClient();
  const base = Object.getPrototypeOf(Client.prototype) as Record<string, unknown>;
  for (const name of [
    'connect',
    'send',
    'reset',
    'quit',
    'close',
    '_sendCommand',
    '_getDsnRcptToArgs',
    '_actionRCPT',
    '_createSendStream',
  ]) {
    assert.equal(typeof base[name], 'function', name);
    assert.ok(Object.hasOwn(base, name), name);
  }
  const client = new Client({ host: 'x.test', port: 25, name: 'y.test' } as never) as unknown as Record<string, unknown>;
  for (const name of ['_socket', '_supportedExtensions', '_maxAllowedSize', '_destroyed', 'secure']) assert.ok(name in client, name);
});
