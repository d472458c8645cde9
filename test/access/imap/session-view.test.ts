import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessagesChange, SessionView } from '../../../daemon/access/imap/session-view.ts';
import type { FolderSnapshot } from '../../../daemon/mailstore/mailstore.ts';
import { ResponseWriter } from '../../../daemon/wire/imap/response-writer.ts';

const snapshot = (uids: number[], modseq: number, uidNext = (uids.at(-1) ?? 0) + 1): FolderSnapshot =>
  ({
    id: 1,
    uids: Uint32Array.from(uids),
    flags: new Uint8Array(uids.length),
    modseqs: Float64Array.from(uids, () => modseq),
    keywordNames: [],
    firstRecentUid: 0,
    uidNext,
    highestModSeq: modseq,
  }) as never;

const change = (modseq: number, what: { added?: number[]; expunged?: number[]; changed?: number[]; origin?: string }): MessagesChange =>
  ({
    kind: 'messages',
    account: 1,
    folder: 1,
    modseq,
    added: Uint32Array.from(what.added ?? []),
    addedFlags: new Uint8Array(what.added?.length ?? 0),
    changed: Uint32Array.from(what.changed ?? []),
    changedFlags: new Uint8Array(what.changed?.length ?? 0).fill(1),
    expunged: Uint32Array.from(what.expunged ?? []),
    ...(what.origin === undefined ? {} : { origin: what.origin }),
  }) as never;

function told(view: SessionView, mayExpunge = true): string[] {
  const writer = new ResponseWriter();
  view.announce(writer, { mayExpunge, origin: 'me', withModSeq: false, withUid: false });
  return Buffer.concat(writer.take())
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '' && !line.endsWith('RECENT'));
}

test('RFC 9051 §7.5.1: what came and went unseen is not told; what was held back is told with the numbers of then', () => {
  const view = new SessionView(snapshot([1, 2, 3], 5));
  view.receive(change(6, { added: [4, 5] }));
  view.receive(change(7, { expunged: [1, 4] }));
  assert.deepEqual(told(view, false), ['* 5 EXISTS']);
  view.receive(change(8, { expunged: [3] }));
  assert.deepEqual(told(view), ['* 1 EXPUNGE', '* 2 EXPUNGE', '* 2 EXPUNGE']);
  assert.equal(view.count, 2);
  view.receive(change(9, { added: [6] }));
  view.receive(change(10, { expunged: [6] }));
  assert.deepEqual(told(view), []);
  assert.deepEqual([view.sequenceOf(2), view.sequenceOf(5), view.sequenceOf(6)], [1, 2, 0]);
});

test('own changes are told by their command only, unless an older foreign one came between', () => {
  const view = new SessionView(snapshot([1], 5));
  view.toldOwn(Float64Array.of(7));
  view.receive(change(7, { changed: [1], origin: 'me' }));
  assert.deepEqual(told(view), []);
  view.toldOwn(Float64Array.of(9));
  view.receive(change(8, { changed: [1], origin: 'other' }));
  view.receive(change(9, { changed: [1], origin: 'me' }));
  assert.deepEqual(told(view), ['* 1 FETCH (FLAGS (\\Seen))', '* 1 FETCH (FLAGS (\\Seen))']);
});

test('an arrival that was not heard of makes the view read again', () => {
  const view = new SessionView(snapshot([1, 2], 5));
  view.receive(change(7, { added: [4] }));
  assert.ok(view.needsResync);
  view.resync(snapshot([2, 3, 4], 7));
  assert.deepEqual(told(view), ['* 1 EXPUNGE', '* 3 EXISTS', '* 1 FETCH (FLAGS ())']);
  view.receive(change(8, { added: [5] }));
  assert.ok(!view.needsResync);
});
