import type { QueueTransaction } from 'nestjs-callbacks';
import pg from 'pg';

/** A transaction that an app holds open on Postgres, and what a queue is given of it. */
export interface OpenTransaction extends QueueTransaction {
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** @param level - as `SERIALIZABLE`. */
export async function beginTransaction(url: string, level = 'READ COMMITTED'): Promise<OpenTransaction> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`BEGIN ISOLATION LEVEL ${level}`);
  const end = async (how: string) => {
    await client.query(how);
    await client.end();
  };
  return {
    query: async (sql, values) => (await client.query<Record<string, unknown>>(sql, [...values])).rows,
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  };
}
