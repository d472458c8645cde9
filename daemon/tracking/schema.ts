/**
 * The tables of tracking.db, migrated by `user_version`.
 *
 * 1. `message.seq` grows with time; events of a message lie together under it.
 * 2. `word` is a contentless full-text index; its rowid is `seq * WORD_ROWS + n`: a message that gains recipients later gains rows.
 * 3. `scope` says who may see a message: `owner` is 2 * customer, or 2 * account + 1.
 */
import type { Migration } from '../database/open.ts';
import type { TrackingEventKind } from './tracking.ts';

export const WORD_ROWS = 256;

/** A kind's number is its place: only append. */
export const KINDS: readonly TrackingEventKind[] = [
  'received',
  'submitted',
  'refused',
  'delivered',
  'junked',
  'forwarded',
  'deferred',
  'bounced',
  'failed',
  'delayed',
  'discarded',
  'held',
  'released',
  'dropped',
];

export const DIRECTIONS: readonly ('in' | 'out' | 'local')[] = ['in', 'out', 'local'];

export const BUCKET_MS = 300_000;

/** Most messages end as `delivered` (3); the others are found through an index of their own. */
export const trackingMigrations: readonly Migration[] = [
  `
  CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    state INTEGER NOT NULL,
    events INTEGER NOT NULL,
    word_rows INTEGER NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX message_state ON message (state, seq) WHERE state <> 3;
  CREATE TABLE event (
    message INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    account INTEGER,
    customer INTEGER,
    remote TEXT NOT NULL,
    reply TEXT NOT NULL,
    detail TEXT NOT NULL,
    next_at INTEGER,
    PRIMARY KEY (message, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE scope (owner INTEGER NOT NULL, message INTEGER NOT NULL, PRIMARY KEY (owner, message)) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE word USING fts5(text, content='', contentless_delete=1, detail=none, tokenize="unicode61 remove_diacritics 2 tokenchars '@.-_+='");
  CREATE TABLE bucket (
    customer INTEGER NOT NULL,
    start INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    turned_away INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    came_back INTEGER NOT NULL,
    PRIMARY KEY (customer, start)
  ) STRICT, WITHOUT ROWID;
  `,
];
