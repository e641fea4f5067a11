/**
 * Measures the queues: deliveries enqueued and delivered per second, as ratios of raw BullMQ and of raw libsql inserts
 * with the same settings in the same run, and the change from 1,000 to 100,000 queued deliveries.
 */
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import Database from 'libsql';
import { Agent, request } from 'undici';
// The build of this checkout.
import { bullmqQueue } from '../libs/callbacks/dist/bullmq/index.js';
import { sqliteQueue } from '../libs/callbacks/dist/sqlite/index.js';
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

const LOCKS = { lockDuration: 10_000, stalledInterval: 2_500 };

/** Hand-written code: the same jobs, sent with undici. */
async function rawBullmq(connection, url, atOnce) {
  const name = 'raw';
  const redis = new Redis(connection, { maxRetriesPerRequest: null, replyMapping: 'legacy' });
  const queue = new Queue(name, { connection: redis });
  const options = { attempts: 8, backoff: { type: 'custom' }, removeOnComplete: { age: 86_400, limit: 1_000 } };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const add = () => {
    const id = `msg_${randomUUID()}`;
    const delivery = { id, callback: 'InvoiceCallbacks.paid', url, headers, body: JSON.stringify(EVENT) };
    return queue.add('InvoiceCallbacks.paid', delivery, { ...options, jobId: id });
  };
  await rateOf(WARM_UP, atOnce, add);
  const enqueued = await rateOf(COUNT, atOnce, add);
  const delivered = new Delivered();
  const dispatcher = new Agent();
  const settings = { backoffStrategy: () => 5_000 };
  const send = async ({ data }) => {
    const reply = await request(data.url, { method: 'POST', headers: data.headers, body: data.body, dispatcher });
    await reply.body.text();
    if (reply.statusCode >= 300) throw new Error(`replied ${reply.statusCode}`);
    delivered.note();
  };
  const worker = new Worker(name, send, { connection: redis, concurrency: CONCURRENCY, settings, ...LOCKS });
  const rate = await delivered.perSecond(COUNT + WARM_UP);
  await worker.close();
  await queue.close();
  await dispatcher.close();
  redis.disconnect();
  return { enqueued, delivered: rate };
}

/** Hand-written code: a table with the same index, and a synced commit for each row. */
async function rawLibsql(file) {
  const database = new Database(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, host TEXT, state TEXT, due INTEGER, delivery TEXT);
    CREATE INDEX IF NOT EXISTS by_due ON deliveries (host, due) WHERE state = 'ready'`);
  const insert = database.prepare("INSERT INTO deliveries VALUES (?, ?, 'ready', ?, ?)");
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const add = async () => {
    const id = `msg_${randomUUID()}`;
    const delivery = { id, url: 'http://127.0.0.1:3001/invoices', headers, body: JSON.stringify(EVENT) };
    insert.run(id, '127.0.0.1:3001', Date.now(), JSON.stringify(delivery));
  };
  await rateOf(WARM_UP, 1, add);
  const enqueued = await rateOf(COUNT, 1, add);
  database.close();
  return { enqueued };
}

async function startRedis(folder) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const flags = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const server = spawn('redis-server', flags.map(String), { stdio: 'ignore' });
  const redis = new Redis({ port, retryStrategy: () => 50 });
  redis.on('error', () => undefined);
  await redis.ping();
  return { connection: { host: '127.0.0.1', port }, redis, stop: () => (redis.disconnect(), server.kill()) };
}

console.log(`medians of ${ROUNDS} rounds of ${COUNT} deliveries, ${CONCURRENCY} in flight, Node ${process.version}`);
const folder = await mkdtemp(join(tmpdir(), 'bench-queue-'));
const receiver = fork(new URL('receiver.js', import.meta.url));
const redis = await startRedis(folder);
try {
  const [port] = await once(receiver, 'message');
  const url = `http://127.0.0.1:${port}/invoices`;
  const openBullmq = () => bullmqQueue({ connection: redis.connection });
  let files = 0;
  const newFile = () => join(folder, `queue-${++files}.db`);
  const sqlite = (options) => () => ours(openFile(), url, options);
  const openFile = () => {
    const file = newFile();
    return () => sqliteQueue({ file });
  };

  for (const atOnce of [1, AT_ONCE]) {
    await part(`bullmq-${atOnce}`, `BullMQ, ${atOnce} at once; the ratio to raw BullMQ`, {
      'raw BullMQ, sent by undici': () => rawBullmq(redis.connection, url, atOnce),
      'bullmqQueue()': () => ours(openBullmq, url, { atOnce }),
    });
  }
  await part('sqlite', 'SQLite; the ratio to raw libsql inserts, each synced', {
    'raw libsql inserts': () => rawLibsql(newFile()),
    'sqliteQueue(), one at a time': sqlite({ atOnce: 1 }),
    [`sqliteQueue(), ${AT_ONCE} at once`]: sqlite(),
  });
  const openEmptyRedis = async () => {
    await redis.redis.flushall();
    return openBullmq;
  };
  await part('sqlite-growth', 'the ratio to the least queued', growth('SQLite', url, openFile), 1);
  await part('bullmq-growth', 'the ratio to the least queued', growth('BullMQ', url, openEmptyRedis), 1);
} finally {
  receiver.disconnect();
  redis.stop();
  await rm(folder, { recursive: true, force: true });
}
