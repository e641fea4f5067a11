import { ENDED_STATES, MAX_SORTED } from '../delivery/queue/deliveries.js';
import type { DeliveryFilter, DeliveryPage } from '../delivery/queue/deliveries.js';
import { ROW_STATES, rowStatesOf, STATE_OF, summaryIn } from '../delivery/queue/stored-row.js';
import type { SummaryRow } from '../delivery/queue/stored-row.js';
import type { Queryable } from './postgres-database.js';
import { INDEXED, indexed } from './schema.js';
import type { Tables } from './schema.js';
import { storable, SUMMARY } from './stored-row.js';

/** The number of rows that one statement scans, at first and at most, so that it ends long before its timeout. */
const SCAN_SIZE = { first: 20_000, growth: 4, most: 200_000 };

/** The most that `due` and `updated_at` of an ended delivery differ, in ms: one statement reads the clock for each. */
const APART_MS = 1_000;

/** Finds the deliveries that match a filter, latest first. */
export class DeliveryPages {
  readonly #deliveries: string;

  constructor(
    private readonly database: Queryable,
    { deliveries }: Tables,
  ) {
    this.#deliveries = deliveries;
  }

  /** @param before - the number that the `sequence` of all deliveries of the page is below. */
  async find(filter: DeliveryFilter, limit: number, before: number): Promise<DeliveryPage> {
    // One more row shows whether there is another page.
    const rows = (await this.#few(filter, before, limit + 1)) ?? (await this.#lookThrough(filter, before, limit + 1));
    const page = rows.slice(0, limit);
    return {
      deliveries: page.map(summaryIn),
      ...(rows.length > limit && { next: String(page.at(-1)!.sequence) }),
    };
  }

  /**
   * Returns the rows of a time by the index of states, if there are only a few: those that ended in this time, and all
   * that have not ended, whose `due` is another time.
   */
  async #few(filter: DeliveryFilter, before: number, most: number): Promise<readonly SummaryRow[] | undefined> {
    const { state, key, since, until } = filter;
    const canEnd = state === undefined || ENDED_STATES.has(state);
    if (!canEnd || key !== undefined || !(since ?? until)) return undefined;
    const values: unknown[] = [];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const isWithin = [
      ...(since ? [`due >= ${bind(since.getTime() - APART_MS)}`] : []),
      ...(until ? [`due < ${bind(until.getTime() + APART_MS)}`] : []),
    ];
    const parts = (state === undefined ? ROW_STATES : rowStatesOf(state)).map((one) => {
      const conditions = [`state = '${one}'`, ...(ENDED_STATES.has(STATE_OF[one]) ? isWithin : [])];
      return `SELECT * FROM ${this.#deliveries} WHERE ${conditions.join(' AND ')}`;
    });
    const few = parts.join(' UNION ALL ');
    const [more] = await this.database.query(`SELECT 1 FROM (${few}) AS few LIMIT 1 OFFSET ${MAX_SORTED}`, values);
    if (more !== undefined) return undefined;
    const matches = [`sequence < ${bind(before)}`, ...conditionsOf(filter, bind)].join(' AND ');
    // `OFFSET 0` keeps Postgres from scanning the whole table, which has the order of the list.
    return this.database.query<SummaryRow>(
      `SELECT ${SUMMARY} FROM (SELECT * FROM (${few}) AS few OFFSET 0) AS few WHERE ${matches} ORDER BY sequence DESC LIMIT ${most}`,
      values,
    );
  }

  async #lookThrough(filter: DeliveryFilter, before: number, most: number): Promise<readonly SummaryRow[]> {
    const found: SummaryRow[] = [];
    let size = SCAN_SIZE.first;
    for (let top = await this.#latest(before); top !== undefined;) {
      const bottom = top - size;
      found.push(...(await this.#window(filter, top, bottom, most - found.length)));
      if (found.length === most) break;
      // Forgotten deliveries leave gaps.
      top = await this.#latest(bottom + 1);
      size = Math.min(SCAN_SIZE.most, size * SCAN_SIZE.growth);
    }
    return found;
  }

  /** Returns the latest sequence before another one. */
  async #latest(before: number): Promise<number | undefined> {
    const [row] = await this.database.query<{ sequence: number }>(
      `SELECT sequence FROM ${this.#deliveries} WHERE sequence < $1 ORDER BY sequence DESC LIMIT 1`,
      [before],
    );
    return row?.sequence;
  }

  /** Scans a range of sequences, separately for each row state, because an index has them in this order. */
  #window(filter: DeliveryFilter, top: number, bottom: number, most: number): Promise<readonly SummaryRow[]> {
    const values: unknown[] = [top, bottom, most];
    const conditions = conditionsOf(filter, (value) => `$${values.push(value)}`);
    const part = (more: readonly string[]) => `
      (SELECT ${SUMMARY} FROM ${this.#deliveries}
       WHERE ${['sequence <= $1', 'sequence > $2', ...conditions, ...more].join(' AND ')} ORDER BY sequence DESC LIMIT $3)`;
    const parts =
      filter.state === undefined ? [part([])] : rowStatesOf(filter.state).map((state) => part([`state = '${state}'`]));
    return this.database.query<SummaryRow>(
      `SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ORDER BY sequence DESC LIMIT $3`,
      values,
    );
  }
}

/** @param bind - adds a value and returns its placeholder. */
function conditionsOf(
  { callback, host, key, since, until }: DeliveryFilter,
  bind: (value: unknown) => string,
): readonly string[] {
  const conditions: string[] = [];
  if (callback !== undefined) conditions.push(`callback = ${bind(storable(callback))}`);
  for (const [column, value] of Object.entries({ host, key })) {
    if (value === undefined) continue;
    const bound = `${bind(storable(value))}::text`;
    conditions.push(`${indexed(column)} = ${indexed(bound)}`);
    // A value that is shorter than the indexed prefix is compared as a whole. A second condition would mislead the
    // planner.
    if (value.length >= INDEXED) conditions.push(`${column} = ${bound}`);
  }
  if (since) conditions.push(`updated_at >= ${bind(since.getTime())}`);
  if (until) conditions.push(`updated_at < ${bind(until.getTime())}`);
  return conditions;
}
