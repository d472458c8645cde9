import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedFolders } from '../../../daemon/access/imap/shared-folders.ts';
import {
  appendUids,
  indexOfUid,
  lowerBound,
  removeUids,
  shareUidView,
  type UidView,
  uidViewOf,
} from '../../../daemon/access/imap/uid-list.ts';
import { type AccountId, brand, type FolderId } from '../../../daemon/wire/ids.ts';

const list = (view: UidView): number[] => [...view.list.values.subarray(0, view.length)];

test('sessions that see the same changes share one array', () => {
  const one = uidViewOf(Uint32Array.of(1, 2, 3));
  const two = shareUidView(Uint32Array.of(1, 2, 3), one);
  assert.equal(one.list, two.list);
  const added = Uint32Array.of(5, 6);
  const [oneLater, twoLater] = [appendUids(one, added), appendUids(two, added)];
  assert.equal(oneLater.list, twoLater.list);
  assert.deepEqual(
    [list(one), list(oneLater)],
    [
      [1, 2, 3],
      [1, 2, 3, 5, 6],
    ],
  );
  const gone = Uint32Array.of(2, 4, 6);
  assert.equal(removeUids(oneLater, gone).list, removeUids(twoLater, Uint32Array.from(gone)).list);
  assert.deepEqual(list(removeUids(oneLater, gone)), [1, 3, 5]);
  assert.deepEqual(list(oneLater), [1, 2, 3, 5, 6]);
});

test('sessions that diverge do not disturb each other', () => {
  const one = uidViewOf(Uint32Array.of(1, 2));
  const two: UidView = { ...one };
  const oneLater = appendUids(one, Uint32Array.of(5));
  const twoLater = appendUids(two, Uint32Array.of(7));
  assert.deepEqual(
    [list(oneLater), list(twoLater)],
    [
      [1, 2, 5],
      [1, 2, 7],
    ],
  );
  assert.deepEqual([indexOfUid(oneLater, 5), indexOfUid(oneLater, 7), lowerBound(twoLater, 3)], [2, -1, 2]);
});

test('a shared folder lives as long as a session holds it', () => {
  const shared = new SharedFolders();
  const snapshot = { id: brand<FolderId>(1), uids: Uint32Array.of(1, 2) } as never;
  const account = brand<AccountId>(1);
  const [one, two] = [shared.acquire(account, snapshot), shared.acquire(account, snapshot)];
  assert.equal(one.view.list, two.view.list);
  one.release();
  one.release();
  assert.equal(shared.size, 1);
  two.release();
  assert.equal(shared.size, 0);
});
