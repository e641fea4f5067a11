import { FORMAT_VERSION } from '../delivery/callback-delivery.js';
import { ROW_STATES } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';

/**
 * The version of the tables. It is stored in the comment of the first table, since `user_version` belongs to the app.
 */
export const LAYOUT = 1;

/** The rows that a worker may take. Rows of a newer format are left to processes that know it. */
export const IS_READY = `state = 'ready' AND version = ${FORMAT_VERSION}`;
/** The rows that a process of this version must not change. */
export const IS_NEWER = `version > ${FORMAT_VERSION}`;

const valuesOf = (write: (state: RowState) => string) => ROW_STATES.map(write).join(', ');

/**
 * `state` is the state of a row, and `due` the time of its next change, in ms since 1970:
 *
 * - `ready`: it is attempted as soon as there is a slot; `due` is its position in the line
 * - `waiting`: it becomes ready when it is due
 * - `leased`: `worker` attempts it until `due`, the end of the lease
 * - `delivered`, `failed`, `cancelled`: it ended at `due`
 *
 * Each row is in exactly one of the indexes of states, in the order in which rows are taken, so the queries of a worker
 * take the same time with any number of rows. Triggers maintain the counts, so that rows are never counted. Large
 * columns are last, so that the others can be read without them.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS callback_deliveries ( -- layout ${LAYOUT}
    sequence     INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL DEFAULT 'ready' CHECK (state IN (${valuesOf((state) => `'${state}'`)})),
    due          INTEGER NOT NULL,
    enqueued_at  INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    is_cancelled INTEGER NOT NULL DEFAULT 0,
    is_body_dropped INTEGER NOT NULL DEFAULT 0,
    worker       TEXT,
    callback     TEXT NOT NULL,
    host         TEXT NOT NULL,
    receiver     TEXT NOT NULL,
    key          TEXT,
    digest       TEXT NOT NULL,
    error        TEXT,
    history      TEXT,
    delivery     TEXT NOT NULL,
    body         TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS callback_deliveries_ready ON callback_deliveries (receiver, due) WHERE ${IS_READY};
  CREATE INDEX IF NOT EXISTS callback_deliveries_newer ON callback_deliveries (state) WHERE ${IS_NEWER};
  CREATE INDEX IF NOT EXISTS callback_deliveries_waiting ON callback_deliveries (due) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS callback_deliveries_leased ON callback_deliveries (due, worker) WHERE state = 'leased';
  CREATE INDEX IF NOT EXISTS callback_deliveries_delivered ON callback_deliveries (due) WHERE state = 'delivered';
  CREATE INDEX IF NOT EXISTS callback_deliveries_failed ON callback_deliveries (due) WHERE state = 'failed';
  CREATE INDEX IF NOT EXISTS callback_deliveries_cancelled ON callback_deliveries (due) WHERE state = 'cancelled';
  CREATE INDEX IF NOT EXISTS callback_deliveries_host ON callback_deliveries (host);
  CREATE INDEX IF NOT EXISTS callback_deliveries_key ON callback_deliveries (key) WHERE key IS NOT NULL;

  CREATE TABLE IF NOT EXISTS callback_deliveries_counts (
    number INTEGER PRIMARY KEY,
    ${valuesOf((state) => `${state} INTEGER NOT NULL DEFAULT 0`)}
  ) STRICT;
  INSERT OR IGNORE INTO callback_deliveries_counts (number) VALUES (1);
  CREATE TRIGGER IF NOT EXISTS callback_deliveries_added AFTER INSERT ON callback_deliveries BEGIN
    UPDATE callback_deliveries_counts SET ${valuesOf((state) => `${state} = ${state} + (new.state = '${state}')`)}
    WHERE number = 1;
  END;
  CREATE TRIGGER IF NOT EXISTS callback_deliveries_changed AFTER UPDATE OF state ON callback_deliveries
  WHEN old.state <> new.state BEGIN
    UPDATE callback_deliveries_counts
    SET ${valuesOf((state) => `${state} = ${state} + (new.state = '${state}') - (old.state = '${state}')`)}
    WHERE number = 1;
  END;
  CREATE TRIGGER IF NOT EXISTS callback_deliveries_removed AFTER DELETE ON callback_deliveries BEGIN
    UPDATE callback_deliveries_counts SET ${valuesOf((state) => `${state} = ${state} - (old.state = '${state}')`)}
    WHERE number = 1;
  END;

  CREATE TABLE IF NOT EXISTS callback_deliveries_untold (
    number   INTEGER PRIMARY KEY,
    delivery TEXT NOT NULL,
    event    TEXT NOT NULL,
    due      INTEGER NOT NULL,
    worker   TEXT NOT NULL
  ) STRICT;
`;
