import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import { withinLimit } from '../delivery/deadline.js';
import { PATIENCE_MS } from './postgres-queue.options.js';
import type { PostgresConnection } from './postgres-queue.options.js';
import { sqlStateOf, isAway, isNotPrepared, isRefusedForNow } from './postgres-error.js';

/** Runs statements. */
export interface Queryable {
  /** @returns the rows. The caller knows their columns. */
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** How long to wait before a statement is tried again, in ms. */
const RETRY_MS = 100;

/** How long a transaction of a silent connection may stay open, in ms. */
const ABANDONED_MS = 10_000;

/** The types in results of the queue's statements. An app may have changed how `pg` parses them. */
const PARSERS: Readonly<Record<number, (value: string) => unknown>> = {
  /* bool */ 16: (value) => value === 't',
  /* bytea, as hex or, depending on the server, escaped */ 17: pg.types.getTypeParser(17),
  /* bigint */ 20: Number,
  /* integer */ 23: Number,
};
const types = { getTypeParser: (type: number) => PARSERS[type] ?? String } as NonNullable<PoolConfig['types']>;

/**
 * The queue's own connections. Each statement is its own transaction, and does not rely on settings of others, since
 * PgBouncer may run each one on another connection.
 */
export class PostgresDatabase implements Queryable {
  /** The address of Postgres, without a password. */
  readonly address: string;
  readonly #pool: pg.Pool;
  readonly #clients = new Set<PoolClient>();
  readonly #busy = new Set<PoolClient>();
  readonly #direct = new WeakMap<PoolClient, boolean>();

  constructor(connection: PostgresConnection) {
    // All of them are options of `pg`, which checks them. PARSERS read text, whatever the app's pool asks for.
    const given = { ...connection, binary: false } as PoolConfig;
    this.#pool = new pg.Pool({
      max: 4,
      ...given,
      // A connection can go silent without closing. A server-side timeout would not help, and PgBouncer rejects it.
      query_timeout: given.query_timeout ?? PATIENCE_MS,
      connectionTimeoutMillis: given.connectionTimeoutMillis ?? PATIENCE_MS,
      keepAlive: given.keepAlive ?? true,
      // The loop of the queue keeps a sending process alive.
      allowExitOnIdle: true,
    });
    this.#pool.on('connect', (client) => {
      this.#clients.add(client);
      // The failed statement reports the error. Without a listener, the event would end the process.
      client.on('error', () => undefined);
    });
    this.#pool.on('remove', (client) => this.#clients.delete(client));
    // An idle connection was lost. A new one is opened when needed.
    this.#pool.on('error', () => undefined);
    const { host, port, database } = new pg.Client(given);
    this.address = `${host.startsWith('/') ? host : `${host}:${port}`}/${database ?? ''}`;
  }

  /** Runs a statement once Postgres is reachable. */
  query<Row>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.#use((client) => queryOn<Row>(client, sql, values));
  }

  /**
   * Runs a statement that each connection prepares only once, if it is a direct one. The plan is kept too, so it must not
   * depend on the number of rows in the tables.
   *
   * @param name - the same for the same statement only.
   */
  queryPrepared<Row>(name: string, sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
    return this.#use(async (client) => {
      if (await this.#isDirect(client)) {
        try {
          return await queryOn<Row>(client, sql, values, name);
        } catch (error) {
          if (!isNotPrepared(error)) throw error;
          // The statement did not run. Something shares the connection after all.
          this.#direct.set(client, false);
        }
      }
      return queryOn<Row>(client, sql, values);
    });
  }

  /** Runs statements in a transaction. */
  transact<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    return this.#use(async (client) => {
      // After a lock, it must see what others have committed. SET LOCAL, since the connection may belong to PgBouncer.
      await client.query(
        `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = ${ABANDONED_MS}`,
      );
      try {
        const result = await work({ query: (sql, values = []) => queryOn(client, sql, values) });
        await client.query('COMMIT');
        return result;
      } catch (error) {
        if (!isAway(error)) await client.query('ROLLBACK');
        throw error;
      }
    });
  }

  /** Closes all connections. Connections that do not answer are destroyed. */
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
        if (isBroken && sqlStateOf(error) === undefined) this.#cutIdle();
        // It was rolled back, so it can be repeated.
        if (!isRefusedForNow(error) || performance.now() > giveUpAt) throw error;
      } finally {
        this.#busy.delete(client);
        client.release(isBroken);
      }
      await sleep(RETRY_MS * Math.random());
    }
  }

  /** Returns a connection for exclusive use. It waits if Postgres is restarting. */
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

  /**
   * Whether nothing that shares connections, such as PgBouncer, is between this connection and Postgres. PgBouncer tells
   * its clients a process id that it made up.
   */
  async #isDirect(client: PoolClient): Promise<boolean> {
    const known = this.#direct.get(client);
    if (known !== undefined) return known;
    const [backend] = await queryOn<{ pid: number }>(client, 'SELECT pg_backend_pid() AS pid', []);
    // The types of `pg` do not declare it. It is absent if the server did not tell any.
    const { processID } = client as { readonly processID?: number | null };
    const isDirect = backend?.pid === processID;
    this.#direct.set(client, isDirect);
    return isDirect;
  }

  /** Whatever broke one connection has most likely broken the idle ones too. */
  #cutIdle(): void {
    for (const client of this.#clients) if (!this.#busy.has(client)) client.connection.stream.destroy();
  }
}

async function queryOn<Row>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
  name?: string,
): Promise<readonly Row[]> {
  const { rows } = await client.query({ name, text, values: [...values], types });
  // The caller wrote the statement and knows its columns.
  return rows as Row[];
}
