/**
 * Sequence numbers under fire: several sessions on one folder do random things; a model of what each client must believe is kept from the
 * server's answers alone and compared with every number that comes back. Seeded; a failure prints the dialogue of the session.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, startServer } from './dialogue.ts';

const SEED = 4711;
const SESSIONS = 6;
const ROUNDS = 400;

class Believer {
  readonly client: Client;
  readonly dialogue: string[] = [];
  /** UID of each message as far as it was told. */
  uids: (number | null)[] = [];

  constructor(client: Client) {
    this.client = client;
  }

  async run(command: string, mayExpunge: boolean): Promise<void> {
    this.dialogue.push(`C: ${command}`);
    for (const line of await this.client.run(command)) {
      this.dialogue.push(`S: ${line}`);
      const [star, number, kind] = line.split(' ');
      assert.ok(!line.startsWith('BAD'), this.story());
      if (star !== '*') continue;
      const at = Number(number);
      if (kind === 'EXISTS') {
        assert.ok(at >= this.uids.length, this.story());
        while (this.uids.length < at) this.uids.push(null);
      } else if (kind === 'EXPUNGE') {
        assert.ok(mayExpunge && at >= 1 && at <= this.uids.length, this.story());
        this.uids.splice(at - 1, 1);
      } else if (kind === 'FETCH') this.#fetched(line, at);
    }
  }

  #fetched(line: string, at: number): void {
    assert.ok(at >= 1 && at <= this.uids.length, this.story());
    const uid = /UID (\d+)/.exec(line)?.[1];
    if (uid === undefined) return;
    assert.ok(this.uids[at - 1] === null || this.uids[at - 1] === Number(uid), this.story());
    this.uids[at - 1] = Number(uid);
  }

  story(): string {
    return this.dialogue.slice(-40).join('\n');
  }
}

for (const threads of [false, true])
  test(`RFC 9051 §7.5.1: no session ever sees a wrong number (${threads ? 'store threads' : 'in memory'})`, async () => {
    let state = SEED;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 4294967296) * below);
    };
    const imap = await startServer({ threads });
    try {
      const sessions: Believer[] = [];
      for (let index = 0; index < SESSIONS; index++) {
        const session = new Believer(await imap.loggedIn());
        await session.run('SELECT INBOX', false);
        sessions.push(session);
      }
      for (let round = 0; round < ROUNDS; round++) {
        // Two act at the same time.
        await Promise.all([
          act(sessions[random(SESSIONS / 2)] as Believer),
          act(sessions[SESSIONS / 2 + random(SESSIONS / 2)] as Believer),
        ]);
      }
      for (const session of sessions) {
        await session.run('NOOP', true);
        await session.run('UID FETCH 1:* UID', true);
        assert.deepEqual(session.uids, sessions[0]?.uids, session.story());
      }
      assert.deepEqual(imap.errors, []);
    } finally {
      await imap.stop();
    }

    async function act(session: Believer): Promise<void> {
      const count = session.uids.length;
      const number = 1 + random(Math.max(1, count));
      switch (random(count === 0 ? 3 : 11)) {
        case 0:
        case 1:
          return session.run('APPEND INBOX {3+}\r\nabc', true);
        case 2:
          return session.run('NOOP', true);
        case 3:
          return session.run(`STORE ${number} +FLAGS (\\Deleted)`, false);
        case 4:
          return session.run('EXPUNGE', true);
        case 5:
          return session.run(`FETCH ${number}:* (UID FLAGS)`, false);
        case 6:
          return session.run(`UID FETCH ${number}:${number + 5} FLAGS`, true);
        case 7:
          return session.run('SEARCH DELETED', false);
        case 8:
          return session.run(`FETCH ${number} BODY[TEXT]`, false);
        case 9:
          return session.run(`COPY ${number} INBOX`, true);
        default:
          return session.run(`MOVE ${number} Trash`, true);
      }
    }
  });
