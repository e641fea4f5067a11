import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { checkQueue } from '../support/check-queue.js';
import { notePrepared } from '../support/note-prepared.js';
import { newDelivery, until, workerOf } from '../support/queue-work.js';
import { beginTransaction } from '../support/queue-transaction.js';
import { startPgBouncer } from '../support/start-pgbouncer.js';
import type { PgBouncer } from '../support/start-pgbouncer.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

let server: PostgresServer;
let bouncer: PgBouncer;
let places = 0;
const newPlace = () => `place_${++places}`;

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startPostgres();
  bouncer = await startPgBouncer(server);
});
afterAll(async () => {
  await bouncer.close();
  await server.close();
});

checkQueue('the queue on Postgres, through PgBouncer in transaction mode', {
  storage() {
    const schema = newPlace();
    return () => postgresQueue({ connection: bouncer.url, schema });
  },
  durable: true,
});

it('prepares no statements, which PgBouncer would leave to the next one that uses the connection', async () => {
  const schema = newPlace();
  const queue = postgresQueue({ connection: bouncer.url, schema });
  try {
    await queue.stats();
    const preparedStatements = await notePrepared(server, schema);
    await queue.add(newDelivery());
    await queue.add(newDelivery());
    expect(await preparedStatements()).toEqual(['', '']);
  } finally {
    await queue.close();
  }
});

it("the app's own transaction, which also goes through it, commits and rolls back", async () => {
  const queue = postgresQueue({ connection: bouncer.url, schema: newPlace() });
  const worker = workerOf();
  const [committed, rolledBack] = [newDelivery(), newDelivery()];
  try {
    await queue.start(worker);
    const refused = await beginTransaction(bouncer.url);
    await queue.add(rolledBack, refused);
    await refused.rollback();
    const paid = await beginTransaction(bouncer.url);
    await queue.add(committed, paid);
    await paid.commit();
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toEqual([committed.id]);
    expect(await queue.delivery(rolledBack.id)).toBeUndefined();
  } finally {
    await queue.stop(0);
    await queue.close();
  }
});
