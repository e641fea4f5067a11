import { setImmediate as endOfTurn } from 'node:timers/promises';
import { ENDED_STATES, MAX_SORTED } from '../delivery/queue/deliveries.js';
import type { DeliveryFilter, DeliveryPage } from '../delivery/queue/deliveries.js';
import { IS_NEWER, IS_READY } from './schema.js';
import { rowStatesOf } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { SUMMARY, readSummary } from './blob-row.js';
import type { SqliteSummaryRow } from './blob-row.js';

/** The number of rows that are scanned at once is adapted, so that it takes about `target` ms. */
const SCAN_SIZE = { first: 200, most: 2_000, target: 5 };

/** The conditions of the indexes of states. */
const INDEX_CONDITIONS: Readonly<Record<RowState, readonly string[]>> = {
  ready: [IS_READY, `${IS_NEWER} AND state = 'ready'`],
  waiting: [`state = 'waiting'`],
  leased: [`state = 'leased'`],
  delivered: [`state = 'delivered'`],
  failed: [`state = 'failed'`],
  cancelled: [`state = 'cancelled'`],
};

/** The conditions of a statement, with their values. */
interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** Finds the deliveries that match a filter, latest first. */
export class DeliveryPages {
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(private readonly database: SqliteDatabase) {}

  /** @param before - the number that their `sequence` is below. */
  async find(filter: DeliveryFilter, limit: number, before: number): Promise<DeliveryPage> {
    const few = this.#sequencesOfState(filter, before);
    // One more row shows whether there is another page.
    const rows = few ? await this.#findAmong(filter, few, limit + 1) : await this.#scan(filter, before, limit + 1);
    const page = rows.slice(0, limit);
    return {
      deliveries: page.map(readSummary),
      ...(rows.length > limit && { next: String(page.at(-1)!.sequence) }),
    };
  }

  /** Returns the rows in the index of the state, in the order of the list, if there are only a few. */
  #sequencesOfState(filter: DeliveryFilter, before: number): readonly number[] | undefined {
    const index = stateQueryOf(filter);
    if (!index) return undefined;
    const more = this.#rows(`SELECT 1 FROM (${index.sql}) LIMIT 1 OFFSET ${MAX_SORTED}`, ...index.values);
    if (more.length > 0) return undefined;
    // The `+` keeps SQLite from scanning the whole table, which has this order.
    const rows = this.#rows<{ sequence: number }>(
      `SELECT sequence FROM (${index.sql}) WHERE +sequence < ? ORDER BY +sequence DESC`,
      ...index.values,
      before,
    );
    return rows.map(({ sequence }) => sequence);
  }

  async #findAmong(
    filter: DeliveryFilter,
    sequences: readonly number[],
    most: number,
  ): Promise<readonly SqliteSummaryRow[]> {
    const all = conditionOf(filter);
    const found: SqliteSummaryRow[] = [];
    const window = new Window();
    for (let first = 0; first < sequences.length && found.length < most; await endOfTurn()) {
      const some = sequences.slice(first, first + window.size);
      first += some.length;
      window.measure(() =>
        found.push(
          ...this.#rows<SqliteSummaryRow>(
            `SELECT ${SUMMARY} FROM callback_deliveries WHERE sequence IN (SELECT value FROM json_each(?)) AND ${all.sql}
             ORDER BY sequence DESC LIMIT ?`,
            JSON.stringify(some),
            ...all.values,
            most - found.length,
          ),
        ),
      );
    }
    return found;
  }

  /** Scans rows in the order of the list, by the index of the key or the host if one is given. */
  async #scan(filter: DeliveryFilter, before: number, most: number): Promise<readonly SqliteSummaryRow[]> {
    const index = indexConditionOf(filter);
    const all = conditionOf(filter);
    const found: SqliteSummaryRow[] = [];
    const window = new Window();
    for (let top: number | undefined = before; top !== undefined && found.length < most; await endOfTurn()) {
      const below: number = top;
      top = window.measure(() => {
        const [last] = this.#rows<{ sequence: number }>(
          `SELECT sequence FROM callback_deliveries WHERE ${index.sql} AND sequence < ?
           ORDER BY sequence DESC LIMIT 1 OFFSET ?`,
          ...index.values,
          below,
          window.size - 1,
        );
        const rows = this.#rows<SqliteSummaryRow>(
          `SELECT ${SUMMARY} FROM callback_deliveries WHERE ${index.sql} AND sequence < ? AND sequence >= ? AND ${all.sql}
           ORDER BY sequence DESC LIMIT ?`,
          ...index.values,
          below,
          last?.sequence ?? Number.MIN_SAFE_INTEGER,
          ...all.values,
          most - found.length,
        );
        found.push(...rows);
        return last?.sequence;
      });
    }
    return found;
  }

  #rows<Row>(sql: string, ...values: readonly SqliteValue[]): readonly Row[] {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.database.prepare(sql)));
    return rowsOf<Row>(statement, ...values);
  }
}

/** The adapted number of rows that are read at once. */
class Window {
  size = SCAN_SIZE.first;

  /** Reads this many rows, and adapts the number to the time that it took. */
  measure<Result>(read: () => Result): Result {
    const begin = performance.now();
    const result = read();
    const took = Math.max(0.1, performance.now() - begin);
    this.size = Math.ceil(Math.min(SCAN_SIZE.most, this.size * Math.min(2, SCAN_SIZE.target / took)));
    return result;
  }
}

/** Finds the rows of a state by its index, also by the time when they ended, which is their last change. */
function stateQueryOf({ state, key, since, until }: DeliveryFilter): Condition | undefined {
  if (state === undefined || key !== undefined) return undefined;
  const times: [sql: string, time: Date | undefined][] = ENDED_STATES.has(state)
    ? [
        ['AND due >= ?', since],
        ['AND due < ?', until],
      ]
    : [];
  const given = times.filter((time): time is [string, Date] => time[1] !== undefined);
  const values = given.map(([, time]) => time.getTime());
  const queries = rowStatesOf(state)
    .flatMap((one) => INDEX_CONDITIONS[one])
    .map((is) => `SELECT sequence FROM callback_deliveries WHERE ${[is, ...given.map(([sql]) => sql)].join(' ')}`);
  return { sql: queries.join(' UNION ALL '), values };
}

function indexConditionOf({ key, host }: DeliveryFilter): Condition {
  if (key !== undefined) return { sql: 'key = ?', values: [key] };
  return host === undefined ? { sql: 'TRUE', values: [] } : { sql: 'host = ?', values: [host] };
}

/**
 * Returns all conditions of a filter. `indexConditionOf()` or the state chooses the index; a `+` keeps SQLite from using another
 * one.
 */
function conditionOf({ state, callback, host, key, since, until }: DeliveryFilter): Condition {
  const conditions: [sql: string, value: SqliteValue | undefined][] = [
    ['callback = ?', callback],
    ['+host = ?', host],
    ['+key = ?', key],
    ['updated_at >= ?', since?.getTime()],
    ['updated_at < ?', until?.getTime()],
  ];
  const given = conditions.filter((condition): condition is [string, SqliteValue] => condition[1] !== undefined);
  const states =
    state &&
    `+state IN (${rowStatesOf(state)
      .map((one) => `'${one}'`)
      .join(', ')})`;
  return {
    sql: [states ?? 'TRUE', ...given.map(([sql]) => sql)].join(' AND '),
    values: given.map(([, value]) => value),
  };
}
