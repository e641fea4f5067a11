import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import { withinLimit } from '../delivery/worker/within-limit.js';
import { PATIENCE_MS } from './postgres-queue.options.js';
import type { PostgresConnection } from './postgres-queue.options.js';
import { codeOf, isAway, isRefusedForNow } from './postgres-error.js';

/** Runs statements. */
export interface Queryable {
  /** @returns the rows, which the caller knows the columns of. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** How long to leave Postgres alone before it is asked again, in ms. */
const RETRY_MS = 100;

/** How long a transaction of the queue may be left open by a connection that has gone silent, in ms. */
const ABANDONED_MS = 10_000;

/** The types that statements of the queue give. An app may have changed how `pg` reads them. */
const PARSERS: Readonly<Record<number, (value: string) => unknown>> = {
  /* bool */ 16: (value) => value === 't',
  /* bytea, as hex or, if the server is told so, escaped */ 17: pg.types.getTypeParser(17),
  /* bigint */ 20: Number,
  /* integer */ 23: Number,
};
const types = { getTypeParser: (type: number) => PARSERS[type] ?? String } as NonNullable<PoolConfig['types']>;

/**
 * The queue's own connections. Each statement is a transaction by itself, and none relies on what another one has set or
 * prepared: PgBouncer may run each on another connection.
 */
export class PostgresDatabase implements Queryable {
  /** Where Postgres is, without a password. */
  readonly address: string;
  readonly #pool: pg.Pool;
  readonly #clients = new Set<PoolClient>();
  readonly #busy = new Set<PoolClient>();

  constructor(connection: PostgresConnection) {
    // All of them are options of `pg`; it says which ones are wrong.
    const given = connection as PoolConfig;
    this.#pool = new pg.Pool({
      max: 4,
      ...given,
      // A connection can go silent without closing. A timeout of the server's would not end that, and PgBouncer refuses it.
      query_timeout: given.query_timeout ?? PATIENCE_MS,
      connectionTimeoutMillis: given.connectionTimeoutMillis ?? PATIENCE_MS,
      keepAlive: given.keepAlive ?? true,
      // The loop of the queue keeps a process alive that sends.
      allowExitOnIdle: true,
    });
    this.#pool.on('connect', (client) => {
      this.#clients.add(client);
      // Whoever uses it is told by the statement that fails. Without a listener the event would end the process.
      client.on('error', () => undefined);
    });
    this.#pool.on('remove', (client) => this.#clients.delete(client));
    // A connection that nobody used was lost: the next one who needs it opens another.
    this.#pool.on('error', () => undefined);
    const { host, port, database } = new pg.Client(given);
    this.address = `${host.startsWith('/') ? host : `${host}:${port}`}/${database ?? ''}`;
  }

  /** Runs a statement once Postgres can be reached. */
  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#use((client) => runOn<Row>(client, sql, values));
  }

  /** Runs statements in a transaction. */
  transact<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    return this.#use(async (client) => {
      // For this transaction only: the connection may be one of PgBouncer's.
      await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${ABANDONED_MS}`);
      try {
        const result = await work({ query: (sql, values = []) => runOn(client, sql, values) });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        if (!isAway(error)) await client.query('ROLLBACK');
        throw error;
      }
    });
  }

  /** Closes all connections. Those that do not answer are cut. */
  async close(): Promise<void> {
    await withinLimit(this.#pool.end(), RETRY_MS, () => undefined);
    for (const client of this.#clients) client.connection.stream.destroy();
  }

  async #use<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const client = await this.#connect(giveUpAt);
      let isBroken = false;
      try {
        return await work(client);
      } catch (error) {
        isBroken = isAway(error);
        if (isBroken && codeOf(error) === undefined) this.#cutIdle();
        // Nothing of it was done.
        if (!isRefusedForNow(error) || performance.now() > giveUpAt) throw error;
      } finally {
        this.#busy.delete(client);
        client.release(isBroken);
      }
      await sleep(RETRY_MS * Math.random());
    }
  }

  /** A connection that nobody else uses. Postgres may be restarting meanwhile. */
  async #connect(giveUpAt: number): Promise<PoolClient> {
    for (;;) {
      try {
        const client = await this.#pool.connect();
        this.#busy.add(client);
        return client;
      } catch (error) {
        if (!isAway(error) || performance.now() > giveUpAt) throw error;
      }
      await sleep(RETRY_MS);
    }
  }

  /** What has silenced or cut one connection has most likely done so to those that nobody uses. */
  #cutIdle(): void {
    for (const client of this.#clients) if (!this.#busy.has(client)) client.connection.stream.destroy();
  }
}

async function runOn<Row>(client: PoolClient, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
  const { rows } = await client.query({ text, values: [...values], types });
  // The caller wrote the statement, and knows its columns.
  return rows as Row[];
}
