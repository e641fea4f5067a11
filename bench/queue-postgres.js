/**
 * Measures the queue on Postgres: deliveries enqueued and delivered per second, as ratios of raw BullMQ on the same
 * Postgres and of raw inserts in the same run, and the change from 1,000 to 100,000 queued deliveries.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createPostgresBackend, withBackend } from 'bullmq';
import pg from 'pg';
import { Agent, request } from 'undici';
// The build of this checkout.
import { postgresQueue } from '../libs/callbacks/dist/postgres/index.js';
import {
  AT_ONCE,
  CONCURRENCY,
  COUNT,
  Delivered,
  EVENT,
  growth,
  ours,
  part,
  rateOf,
  ROUNDS,
  WARM_UP,
} from './queue-rates.js';
import { startPostgres } from './start-postgres.js';

/** The number of connections of the others. BullMQ uses more. */
const CONNECTIONS = 20;
const headers = { accept: 'application/json', 'content-type': 'application/json' };
const { Queue, Worker } = withBackend(createPostgresBackend);

let stores = 0;

/** Hand-written code: a table with the same kind of index, and a statement for each row. */
async function rawInserts(server, atOnce) {
  const table = `raw_${++stores}`;
  const pool = new pg.Pool({ connectionString: server.url, max: Math.min(atOnce, CONNECTIONS) });
  await pool.query(
    `CREATE TABLE ${table} (id text PRIMARY KEY, host text, state text, due timestamptz, delivery text);
     CREATE INDEX ON ${table} (host, due) WHERE state = 'ready'`,
  );
  const add = () => {
    const id = `msg_${randomUUID()}`;
    const delivery = { id, url: 'http://127.0.0.1:3001/invoices', headers, body: JSON.stringify(EVENT) };
    const sql = `INSERT INTO ${table} VALUES ($1, $2, 'ready', now(), $3)`;
    return pool.query(sql, [id, '127.0.0.1:3001', JSON.stringify(delivery)]);
  };
  await rateOf(WARM_UP, atOnce, add);
  const enqueued = await rateOf(COUNT, atOnce, add);
  await pool.end();
  return { enqueued };
}

/** The same jobs on BullMQ's own Postgres backend, sent with undici. */
async function rawBullmq(server, url, atOnce, isSent) {
  const connection = { connectionString: server.url, migrate: true, max: Math.min(atOnce, CONNECTIONS) };
  const name = `raw-${++stores}`;
  const queue = new Queue(name, { connection });
  const add = () => {
    const id = `msg_${randomUUID()}`;
    const delivery = { id, callback: 'InvoiceCallbacks.paid', url, headers, body: JSON.stringify(EVENT) };
    return queue.add('InvoiceCallbacks.paid', delivery, { attempts: 8, jobId: id, removeOnComplete: true });
  };
  await rateOf(WARM_UP, atOnce, add);
  const enqueued = await rateOf(COUNT, atOnce, add);
  if (!isSent) {
    await queue.close();
    return { enqueued };
  }
  const delivered = new Delivered();
  const dispatcher = new Agent();
  const send = async ({ data }) => {
    const reply = await request(data.url, { method: 'POST', headers: data.headers, body: data.body, dispatcher });
    await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`replied ${reply.statusCode}`);
    delivered.note();
  };
  const worker = new Worker(name, send, { connection, concurrency: CONCURRENCY });
  const rate = await delivered.perSecond(COUNT + WARM_UP);
  await worker.close();
  await queue.close();
  await dispatcher.close();
  return { enqueued, delivered: rate };
}

console.log(`medians of ${ROUNDS} rounds of ${COUNT} deliveries, ${CONCURRENCY} in flight, Node ${process.version}`);
const receiver = fork(new URL('receiver.js', import.meta.url));
const server = await startPostgres();
try {
  const [port] = await once(receiver, 'message');
  const url = `http://127.0.0.1:${port}/invoices`;
  const openStore = () => {
    const schema = `callbacks_${++stores}`;
    return () => postgresQueue({ connection: server.url, schema });
  };
  const enqueuedAlone = async (atOnce) => ({ enqueued: (await ours(openStore(), url, { atOnce })).enqueued });

  for (const atOnce of [1, AT_ONCE]) {
    await part(`postgres-${atOnce}`, `Postgres, ${atOnce} at once; the ratio to raw inserts`, {
      'raw inserts': () => rawInserts(server, atOnce),
      'BullMQ on Postgres': () => rawBullmq(server, url, atOnce, false),
      'postgresQueue()': () => enqueuedAlone(atOnce),
    });
  }
  await part('postgres-delivered', `Postgres, ${AT_ONCE} at once; the ratio to BullMQ on Postgres`, {
    'BullMQ on Postgres, sent by undici': () => rawBullmq(server, url, AT_ONCE, true),
    'postgresQueue()': () => ours(openStore(), url),
  });
  await part('postgres-growth', 'the ratio to the least queued', growth('Postgres', url, openStore), 1);
} finally {
  receiver.disconnect();
  await server.stop();
}
