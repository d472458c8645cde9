/**
 * The tables of queue.db, migrated by `user_version`.
 *
 * 1. `body` rows have the key `seq * BODY_PARTS + part`: a message's parts lie together and need no index of their own.
 * 2. `lane` is the destination domain, '' for our own accounts: claims are fair between lanes.
 * 3. A `seq` never serves twice, even when the queue was empty at a restart: numbers below `reserved.below` may be in use.
 * 4. `unlinked` names bodies without a message (a large one being written, or one whose message is gone): swept at open and when idle.
 */
import type { Migration } from '../database/open.ts';

export const BODY_PARTS = 1024;
export const BODY_PART_BYTES = 256 * 1024;
export const MAX_BODY_BYTES = BODY_PARTS * BODY_PART_BYTES;

export const STATE_WAITING = 0;
export const STATE_HELD = 2;

export const queueMigrations: readonly Migration[] = [
  `
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    account INTEGER,
    customer INTEGER,
    origin TEXT NOT NULL,
    vouched INTEGER NOT NULL,
    smtp_utf8 INTEGER NOT NULL,
    eight_bit INTEGER NOT NULL,
    envid TEXT,
    ret TEXT,
    received_at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    held TEXT
  ) STRICT;
  CREATE INDEX message_customer ON message (customer, seq) WHERE customer IS NOT NULL;
  CREATE INDEX message_account ON message (account, seq) WHERE account IS NOT NULL;
  CREATE TABLE recipient (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    lane TEXT NOT NULL,
    address TEXT NOT NULL,
    original TEXT NOT NULL,
    account INTEGER,
    subaddress TEXT,
    junk INTEGER NOT NULL,
    notify TEXT,
    orcpt TEXT,
    customer INTEGER,
    state INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    last_reply TEXT NOT NULL,
    delay_told INTEGER NOT NULL,
    give_up INTEGER NOT NULL,
    PRIMARY KEY (message, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recipient_due ON recipient (lane, next_at) WHERE state = 0;
  CREATE INDEX recipient_reason ON recipient (reason, message);
  CREATE INDEX recipient_held ON recipient (message) WHERE state = 2;
  CREATE TABLE body (part INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE unlinked (seq INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE reserved (below INTEGER NOT NULL) STRICT;
  INSERT INTO reserved VALUES (1);
  `,
];
