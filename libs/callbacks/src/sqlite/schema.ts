/**
 * One table. `state` says what becomes of a delivery next, `due` when, in ms since 1970:
 *
 * - `ready`: it is attempted as soon as there is room; `due` is its place in the line
 * - `waiting`: it becomes ready when it is due
 * - `leased`: `worker` attempts it; `due` is the end of the lease
 * - `delivered`: only its id is left, and is forgotten when it is due
 * - `failed`: it failed for good when it was due
 *
 * Each row is in one index at most, and each index is in the order in which its rows are taken: what a worker asks for
 * costs the same however many rows there are. What is large stands last: the other columns are read without it.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS callback_deliveries (
    id       TEXT PRIMARY KEY NOT NULL,
    host     TEXT NOT NULL,
    state    TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'waiting', 'leased', 'delivered', 'failed')),
    due      INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker   TEXT,
    error    TEXT,
    delivery TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS callback_deliveries_ready ON callback_deliveries (host, due) WHERE state = 'ready';
  CREATE INDEX IF NOT EXISTS callback_deliveries_waiting ON callback_deliveries (due) WHERE state = 'waiting';
  CREATE INDEX IF NOT EXISTS callback_deliveries_leased ON callback_deliveries (due, worker) WHERE state = 'leased';
  CREATE INDEX IF NOT EXISTS callback_deliveries_delivered ON callback_deliveries (due) WHERE state = 'delivered';
  CREATE INDEX IF NOT EXISTS callback_deliveries_failed ON callback_deliveries (due) WHERE state = 'failed';
`;
