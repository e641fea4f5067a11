import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

const SCALE = Number(process.env['LIVENESS_SCALE'] ?? 1);
const HANGING = 50;
const BACKLOG = 20 * SCALE;
const HEALTHY = 20;

let redis: RedisServer;
let postgres: PostgresServer;
beforeAll(async () => {
  redis = await startRedis();
  postgres = await startPostgres();
});
afterAll(async () => {
  await redis.close();
  await postgres.close();
});
// Before it closes, the queue in memory attempts all that it holds.
afterEach(closeAll, 120_000);

describe.each<[string, () => Promise<CallbackQueue>]>([
  ['in memory', async () => memoryQueue({ capacity: 1_000_000 })],
  ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
  ['on Postgres', async () => postgresQueue({ connection: postgres.url })],
  ['on Redis', async () => bullmqQueue({ connection: redis.url, name: `hanging-${Date.now()}` })],
])('with the queue %s', (_, queueOf) => {
  it('a new receiver is served while fifty others hang with a long backlog', async () => {
    // Every address of 127.0.0.0/8 is this machine, so each is a separate host that never answers.
    let waiting = 0;
    const hanging = createServer((request) => {
      waiting++;
      request.socket.on('close', () => waiting--).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => hanging.listen(0, '0.0.0.0', resolve));
    const { port } = hanging.address() as AddressInfo;
    const receiver = await receiving(ok);
    try {
      const egress = { allow: ['127.0.0.0/8'], ports: [port, receiver.port], http: true };
      // Longer than the test: no slot comes free because an attempt times out.
      const { callbacks } = await start(receiver.port, { queue: await queueOf(), egress, timeout: 120_000 });
      const enqueue = (url: string) =>
        callbacks.enqueue(InvoiceCallbacks, { invoiceNotification: url }).invoiceNotification(event);
      for (let round = 0; round < BACKLOG; round++) {
        await Promise.all(
          Array.from({ length: HANGING }, (_one, host) => enqueue(`http://127.0.1.${host + 1}:${port}/x`)),
        );
      }
      for (let index = 0; index < HEALTHY; index++) await enqueue(`${receiver.url}/invoices/${index}`);
      await eventually(() => expect(receiver.requests).toHaveLength(HEALTHY));
      // They still hang, so no slot has become free.
      expect((await callbacks.stats()).delivered).toBeLessThanOrEqual(HEALTHY);
      expect(waiting).toBeGreaterThan(0);
      // No more than three quarters of the slots are anybody's who does not answer.
      expect(waiting).toBeLessThanOrEqual(75);
    } finally {
      hanging.closeAllConnections();
      await new Promise((resolve) => hanging.close(resolve));
    }
  }, 120_000);
});
