import { AppLogger, LogLine } from '../delivery/app-logger.js';
import { hostOf } from '../delivery/callback-delivery.js';
import type { CallbackDelivery } from '../delivery/callback-delivery.js';
import type { AddedDelivery, QueueTransaction } from '../delivery/queue/callback-queue.js';
import { STATE_OF } from '../delivery/queue/stored-row.js';
import type { RowState } from '../delivery/queue/stored-row.js';
import type { PostgresDatabase } from './postgres-database.js';
import { NOW } from './schema.js';
import type { Tables } from './schema.js';
import { laneOf, storable } from './stored-row.js';

/** The most rows that are moved from `incoming` at once. */
const MAX_BATCH_SIZE = 500;

const COLUMNS = 'id, version, enqueued_at, callback, host, receiver, key, digest, delivery, body';

/** A delivery, as inserted. */
export interface NewRow {
  readonly id: string;
  readonly digest: string;
  readonly version: number;
  readonly callback: string;
  readonly host: string;
  readonly receiver: string;
  readonly key: string | null;
  /** The delivery without its body, as JSON. */
  readonly delivery: string;
  readonly body: string | null;
}

interface KnownRow {
  readonly id: string;
  readonly state: RowState;
  readonly digest: string;
}

/** A row that was moved from `incoming`. */
interface TakenRow extends Pick<KnownRow, 'id' | 'digest'> {
  readonly is_new: boolean;
}

export function rowOf(delivery: CallbackDelivery): NewRow {
  const { id, version, callback, receiver, key, digest } = delivery;
  const { body, ...request } = delivery.request;
  return {
    id,
    version,
    callback,
    digest,
    host: hostOf(delivery),
    receiver: laneOf(receiver),
    key: key === undefined ? null : storable(key),
    delivery: JSON.stringify({ ...delivery, request }),
    body: body ?? null,
  };
}

/** The values of the columns, without the time. */
function valuesOf({ id, version, callback, host, receiver, key, digest, delivery, body }: NewRow): readonly unknown[] {
  return [id, version, callback, host, receiver, key, digest, delivery, body && Buffer.from(body)];
}

/** The statements that add deliveries. */
export class IntakeTable {
  readonly #logger = new AppLogger('PostgresQueue');
  readonly #sql: Readonly<
    Record<'insert' | 'insertOne' | 'known' | 'insertIncoming' | 'isAny' | 'admit' | 'mismatches', string>
  >;

  constructor(
    private readonly database: PostgresDatabase,
    { deliveries, incoming }: Tables,
  ) {
    const added = `INSERT INTO ${deliveries} (${COLUMNS}, due, updated_at)`;
    const ifNew = 'ON CONFLICT (id) DO NOTHING RETURNING id';
    this.#sql = {
      // Without arrays, it takes Postgres a fifth less.
      insertOne: `${added} VALUES ($1, $2, ${NOW}, $3, $4, $5, $6, $7, $8, $9, ${NOW}, ${NOW}) ${ifNew}`,
      // Ordered by id, so that two processes that add the same ids do not deadlock.
      insert: `${added}
        SELECT id, version, ${NOW}, callback, host, receiver, key, digest, delivery, body, ${NOW}, ${NOW}
        FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
          $9::bytea[]) AS added (id, version, callback, host, receiver, key, digest, delivery, body)
        ORDER BY id ${ifNew}`,
      known: `SELECT id, state, digest FROM ${deliveries} WHERE id = ANY($1::text[])`,
      // This statement cannot fail or wait because of another transaction. It does not read the table in serializable
      // ones, since Postgres would abort one of two that read and write the same table.
      insertIncoming: `
        WITH known AS (
          SELECT state, digest FROM ${deliveries} WHERE id = $1::text
          UNION ALL SELECT 'ready', digest FROM ${incoming}
          WHERE id = $1::text AND current_setting('transaction_isolation') <> 'serializable' LIMIT 1
        ), added AS (
          INSERT INTO ${incoming} (${COLUMNS})
          SELECT $1::text, $2::text::integer, ${NOW}, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,
            decode($9::text, 'base64')
          WHERE NOT EXISTS (SELECT 1 FROM known)
        )
        SELECT state, digest FROM known`,
      isAny: `SELECT EXISTS (SELECT 1 FROM ${incoming}) AS is_any`,
      admit: `
        WITH taken AS (
          DELETE FROM ${incoming} WHERE number = ANY(ARRAY(
            SELECT number FROM ${incoming} ORDER BY number LIMIT ${MAX_BATCH_SIZE} FOR UPDATE SKIP LOCKED
          )) RETURNING *
        ), held AS (
          INSERT INTO ${deliveries} (${COLUMNS}, due, updated_at)
          SELECT ${COLUMNS}, enqueued_at, enqueued_at FROM taken ORDER BY id, number
          ON CONFLICT (id) DO NOTHING RETURNING id, digest
        )
        SELECT id, digest, EXISTS (SELECT 1 FROM held WHERE held.id = taken.id AND held.digest = taken.digest) AS is_new FROM taken`,
      mismatches: `
        SELECT held.id FROM unnest($1::text[], $2::text[]) AS given (id, digest)
        JOIN ${deliveries} AS held ON held.id = given.id AND held.digest <> given.digest`,
    };
  }

  /** Adds all rows or none. @returns the results in the same order. */
  async add(rows: readonly NewRow[]): Promise<readonly AddedDelivery[]> {
    // Only one row per id, since duplicates within one statement are an error.
    const first = new Map(rows.toReversed().map((row) => [row.id, row]));
    const distinct = [...first.values()];
    const isNew = new Set((await this.#insert(distinct.map(valuesOf))).map(({ id }) => id));
    if (isNew.size === rows.length) return rows.map(() => ({ status: 'queued' }));
    return this.#tellDuplicates(rows, first, isNew);
  }

  #insert(rows: readonly (readonly unknown[])[]): Promise<readonly { readonly id: string }[]> {
    const [first = [], ...others] = rows;
    if (others.length === 0) return this.database.queryPrepared('callbacks_insert_one', this.#sql.insertOne, first);
    const columns = first.map((_, index) => rows.map((row) => row[index]));
    return this.database.queryPrepared('callbacks_insert', this.#sql.insert, columns);
  }

  /** Adds a row in a transaction of the app. All values are strings, which every driver can pass. */
  async addIn(transaction: QueueTransaction, row: NewRow): Promise<AddedDelivery> {
    const { id, version, callback, host, receiver, key, digest, delivery, body } = row;
    const encoded = body && Buffer.from(body).toString('base64');
    const values = [id, String(version), callback, host, receiver, key, digest, delivery, encoded];
    const [known] = await transaction.query(this.#sql.insertIncoming, values);
    // The statement returns these columns.
    return known ? duplicateOf(known as unknown as KnownRow) : { status: 'queued' };
  }

  /** Moves the rows of committed transactions from `incoming` to `deliveries`. */
  async admit(): Promise<void> {
    for (;;) {
      const [incoming] = await this.database.query<{ is_any: boolean }>(this.#sql.isAny);
      if (!incoming?.is_any) return;
      const taken = await this.database.query<TakenRow>(this.#sql.admit);
      const known = taken.filter(({ is_new }) => !is_new);
      if (known.length > 0) await this.#reportMismatches(known);
      // Another process is moving the rest.
      if (taken.length < MAX_BATCH_SIZE) return;
    }
  }

  /** Logs deliveries that will not be sent, although `enqueue()` reported them as queued. */
  async #reportMismatches(known: readonly TakenRow[]): Promise<void> {
    const mismatches = await this.database.query<{ id: string }>(this.#sql.mismatches, [
      known.map(({ id }) => id),
      known.map(({ digest }) => digest),
    ]);
    for (const { id } of mismatches) {
      this.#logger.error(
        new LogLine(
          'A delivery was added in a transaction, but another one with the same key and another body was added first. This one is not sent. Fix: give each callback its own key, and the same body whenever you enqueue it again.',
          { id },
        ),
      );
    }
  }

  async #tellDuplicates(
    rows: readonly NewRow[],
    first: ReadonlyMap<string, NewRow>,
    isNew: ReadonlySet<string>,
  ): Promise<readonly AddedDelivery[]> {
    const ids = [...first.keys()].filter((id) => !isNew.has(id));
    const known = await this.database.query<KnownRow>(this.#sql.known, [ids]);
    const outcomes = new Map<string, AddedDelivery>(known.map((row) => [row.id, duplicateOf(row)]));
    for (const id of isNew) outcomes.set(id, { status: 'queued' });
    // They were forgotten in the meantime, so add them again.
    const left = ids.filter((id) => !outcomes.has(id)).map((id) => first.get(id)!);
    for (const [index, outcome] of (left.length > 0 ? await this.add(left) : []).entries()) {
      outcomes.set(left[index]!.id, outcome);
    }
    return rows.map((row) => {
      const [one, outcome] = [first.get(row.id)!, outcomes.get(row.id)!];
      return one === row || outcome.status === 'duplicate'
        ? outcome
        : duplicateOf({ state: 'ready', digest: one.digest });
    });
  }
}

function duplicateOf({ state, digest }: Pick<KnownRow, 'state' | 'digest'>): AddedDelivery {
  return { status: 'duplicate', state: STATE_OF[state], digest };
}
