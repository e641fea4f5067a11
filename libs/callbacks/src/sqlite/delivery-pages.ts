import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { DeliveryFilter, DeliveryPage, DeliveryPageRequest, DeliveryState } from '../delivery/queue/deliveries.js';
import { IS_NEWER, IS_READY } from './schema.js';
import type { RowState } from './schema.js';
import { rowsOf } from './sqlite-database.js';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
import { STATE_OF, SUMMARY, summaryIn } from './stored-row.js';
import type { SummaryRow } from './stored-row.js';

/** Up to how many rows of a state are sorted, instead of looking through all rows. */
const FEW = 5_000;
/** How many rows are looked through before the event loop goes on: as many as take about `target` ms. */
const WINDOW = { first: 1_000, most: 10_000, target: 10 };

/** How the rows of a state are found by their index. */
const ROWS_OF: Readonly<Record<RowState, string>> = {
  ready: `SELECT sequence FROM callback_deliveries WHERE ${IS_READY}
    UNION ALL SELECT sequence FROM callback_deliveries WHERE ${IS_NEWER} AND state = 'ready'`,
  waiting: `SELECT sequence FROM callback_deliveries WHERE state = 'waiting'`,
  leased: `SELECT sequence FROM callback_deliveries WHERE state = 'leased'`,
  delivered: `SELECT sequence FROM callback_deliveries WHERE state = 'delivered'`,
  failed: `SELECT sequence FROM callback_deliveries WHERE state = 'failed'`,
  cancelled: `SELECT sequence FROM callback_deliveries WHERE state = 'cancelled'`,
};

/** Conditions of a statement, with their values. */
interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** Finds the deliveries that match a filter, the latest first. */
export class DeliveryPages {
  readonly #statements = new Map<string, SqliteStatement>();

  /** @param count - counts the rows of each state. */
  constructor(
    private readonly database: SqliteDatabase,
    private readonly count: () => Readonly<Record<RowState, number>>,
  ) {}

  async find(filter: DeliveryFilter, { limit, cursor }: DeliveryPageRequest): Promise<DeliveryPage> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
    // One more says whether there is another page.
    const rows = this.#isFew(filter)
      ? this.#ofFew(filter, before, limit + 1)
      : await this.#lookThrough(filter, before, limit + 1);
    const page = rows.slice(0, limit);
    return {
      deliveries: page.map(summaryIn),
      ...(rows.length > limit && { next: String(page.at(-1)!.sequence) }),
    };
  }

  #isFew({ state, key }: DeliveryFilter): boolean {
    if (state === undefined || key !== undefined) return false;
    const counts = this.count();
    return statesOf(state).reduce((sum, one) => sum + counts[one], 0) <= FEW;
  }

  /** By the index of the state, and sorted. */
  #ofFew(filter: DeliveryFilter, before: number, most: number): readonly SummaryRow[] {
    const sequences = statesOf(filter.state!).map((state) => ROWS_OF[state]);
    const { sql, values } = conditionOf(filter);
    return this.#rows<SummaryRow>(
      `SELECT ${SUMMARY} FROM callback_deliveries WHERE sequence IN (${sequences.join(' UNION ALL ')})
         AND sequence < ? AND ${sql} ORDER BY sequence DESC LIMIT ?`,
      before,
      ...values,
      most,
    );
  }

  /** In the order of the list, by the index of the key or the host if one is given. */
  async #lookThrough(filter: DeliveryFilter, before: number, most: number): Promise<readonly SummaryRow[]> {
    const way = wayOf(filter);
    const all = conditionOf(filter);
    const found: SummaryRow[] = [];
    let size = WINDOW.first;
    for (let top = before; ; await endOfTurn()) {
      const begin = performance.now();
      const [last] = this.#rows<{ sequence: number }>(
        `SELECT sequence FROM callback_deliveries WHERE ${way.sql} AND sequence < ?
         ORDER BY sequence DESC LIMIT 1 OFFSET ?`,
        ...way.values,
        top,
        size - 1,
      );
      const rows = this.#rows<SummaryRow>(
        `SELECT ${SUMMARY} FROM callback_deliveries WHERE ${way.sql} AND sequence < ? AND sequence >= ? AND ${all.sql}
         ORDER BY sequence DESC LIMIT ?`,
        ...way.values,
        top,
        last?.sequence ?? Number.MIN_SAFE_INTEGER,
        ...all.values,
        most - found.length,
      );
      found.push(...rows);
      if (!last || found.length === most) return found;
      top = last.sequence;
      const took = Math.max(0.1, performance.now() - begin);
      size = Math.ceil(Math.min(WINDOW.most, size * Math.min(2, WINDOW.target / took)));
    }
  }

  #rows<Row>(sql: string, ...values: readonly SqliteValue[]): readonly Row[] {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.database.prepare(sql)));
    return rowsOf<Row>(statement, ...values);
  }
}

function statesOf(state: DeliveryState): readonly RowState[] {
  // The keys are those of the record.
  return (Object.keys(STATE_OF) as RowState[]).filter((one) => STATE_OF[one] === state);
}

function wayOf({ key, host }: DeliveryFilter): Condition {
  if (key !== undefined) return { sql: 'key = ?', values: [key] };
  return host === undefined ? { sql: 'TRUE', values: [] } : { sql: 'host = ?', values: [host] };
}

/** All that the filter says. The index is chosen by `wayOf()`, or by the state: a `+` keeps SQLite from another one. */
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
    `+state IN (${statesOf(state)
      .map((one) => `'${one}'`)
      .join(', ')})`;
  return {
    sql: [states ?? 'TRUE', ...given.map(([sql]) => sql)].join(' AND '),
    values: given.map(([, value]) => value),
  };
}
