import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import pg from 'pg';
import { beginAttempt, delivered, newDelivery, until, workerOf } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import { startRedis } from '../support/start-redis.js';
import { startSilentProxy } from '../support/start-silent-proxy.js';

const CLEANUPS: (() => unknown)[] = [];
const onEnd = (cleanup: () => unknown) => void CLEANUPS.push(cleanup);

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  for (const cleanup of CLEANUPS.splice(0).toReversed()) await cleanup();
});

function use(queue: CallbackQueue): CallbackQueue {
  onEnd(() => queue.close());
  onEnd(() => queue.stop(0));
  return queue;
}

/** Adds a delivery until the queue takes it, since a failover takes a moment. */
async function addsAgain(queue: CallbackQueue): Promise<void> {
  await until('it takes a delivery', () =>
    queue.add(newDelivery()).then(
      () => true,
      () => false,
    ),
  );
}

const isDelivered = (queue: CallbackQueue, count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);

describe('a primary that becomes read-only, and keeps its connections open', () => {
  it('of Redis: the queue finds the new one, and stores the outcome of an attempt there', async () => {
    const [old, other] = [await startRedis(), await startRedis()];
    onEnd(() => Promise.all([old.close(), other.close()]));
    const [admin, second] = [new Redis(old.port), new Redis(other.port)];
    onEnd(() => [admin.disconnect(), second.disconnect()]);
    const proxy = await startSilentProxy(old.port);
    onEnd(() => proxy.close());
    const queue = use(bullmqQueue({ connection: { host: '127.0.0.1', port: proxy.port } }));
    const { worker, end } = await beginAttempt(queue, delivered);
    await second.replicaof('127.0.0.1', old.port);
    await until('the other one has its data', async () =>
      (await second.info('replication')).includes('link_status:up'),
    );
    await second.replicaof('NO', 'ONE');
    await admin.replicaof('127.0.0.1', other.port);
    proxy.redirect(other.port);
    end();
    await isDelivered(queue, 1);
    await addsAgain(queue);
    await until('it is attempted', () => worker.ids.length === 2);
    end();
    await isDelivered(queue, 2);
    expect(new Set(worker.ids).size).toBe(2);
  });

  it('of Postgres: the queue opens new connections', async () => {
    const server = await startPostgres();
    onEnd(() => server.close());
    // With one connection, there is no other one that works.
    const queue = use(postgresQueue({ connection: { connectionString: server.url, max: 1 } }));
    const worker = workerOf();
    await queue.start(worker);
    await server.query('ALTER DATABASE postgres SET default_transaction_read_only = on');
    await server.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    // Its last connection may end a moment later.
    let taken = 0;
    await until('it is told so', () =>
      queue.add(newDelivery()).then(
        () => (taken++, false),
        (error: Error) => error.message.includes('Fix: connect to the primary'),
      ),
    );
    const client = new pg.Client({ connectionString: server.url, options: '-c default_transaction_read_only=off' });
    await client.connect();
    await client.query('ALTER DATABASE postgres RESET default_transaction_read_only');
    await client.end();
    await addsAgain(queue);
    await isDelivered(queue, taken + 1);
    expect(worker.ids).toHaveLength(taken + 1);
  });
});

it('what was delivered while Postgres could not store it is not sent again', async () => {
  const server = await startPostgres();
  onEnd(() => server.close());
  const queue = use(postgresQueue({ connection: server.url }));
  const { worker, end } = await beginAttempt(queue, delivered);
  // As a full disk does.
  await server.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE disk_full; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON callbacks.deliveries EXECUTE FUNCTION refuse()`,
  );
  end();
  // It is tried more than once.
  await sleep(1_500);
  await server.query('DROP TRIGGER refuse ON callbacks.deliveries');
  await isDelivered(queue, 1);
  expect(worker.ids).toHaveLength(1);
});
