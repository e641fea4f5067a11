import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { AttemptOutcome, CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { defineScripts, runScript } from '../../libs/callbacks/src/bullmq/redis-scripts.js';
import { beginAttempt, delivered, failed, newDelivery, retryIn, until } from '../support/queue-work.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';
import { startSilentProxy } from '../support/start-silent-proxy.js';
import type { SilentProxy } from '../support/start-silent-proxy.js';

let redis: RedisServer;
let admin: Redis;
let proxy: SilentProxy;
let queue: CallbackQueue;
/** What the tests use of BullMQ. */
const BULL: (Queue | Worker)[] = [];

beforeEach(async () => {
  Logger.overrideLogger(false);
  redis = await startRedis();
  admin = new Redis(redis.port);
  proxy = await startSilentProxy(redis.port);
});
afterEach(async () => {
  for (const each of BULL.splice(0)) await each.close();
  await queue.stop(0);
  await queue.close();
  proxy.close();
  admin.disconnect();
  await redis.close();
});

const keyOf = (id: string) => `bull:callbacks:${id}`;

describe('an outcome whose reply is lost with its connection', () => {
  async function loseReply(outcome: AttemptOutcome, options = {}) {
    // A silent connection is opened anew after this time.
    const connection = { host: '127.0.0.1', port: proxy.port, socketTimeout: 1_000, ...options };
    queue = bullmqQueue({ connection });
    const { worker, one, end } = await beginAttempt(queue, () => outcome);
    proxy.dropReplies();
    end();
    await until('the outcome is stored', async () => (await admin.hget(keyOf(one.id), 'cb:attempts')) === '1');
    await until('BullMQ has applied it', async () => (await admin.llen('bull:callbacks:active')) === 0);
    expect(worker.ids).toHaveLength(1);
    return (await queue.delivery(one.id))!;
  }

  it('is counted once', async () => {
    const details = await loseReply(retryIn(3_600_000));
    expect(details).toMatchObject({ state: 'queued', attempts: 1, history: { length: 1 } });
  });

  it('is applied, whatever ioredis does with the commands of the app', async () => {
    const details = await loseReply(delivered(), { autoResendUnfulfilledCommands: false });
    expect(details).toMatchObject({ state: 'delivered', attempts: 1, history: { length: 1 } });
  });
});

it('an outcome that Redis refuses for longer than a lock is stored later, and the attempt is not repeated', async () => {
  queue = bullmqQueue({ connection: redis.url });
  const { worker, end } = await beginAttempt(queue, delivered);
  // As if its last replica were lost.
  await admin.config('SET', 'min-replicas-to-write', 1);
  end();
  await sleep(12_000);
  await admin.config('SET', 'min-replicas-to-write', 0);
  await until('it is delivered', async () => (await queue.stats()).delivered === 1);
  expect(worker.ids).toHaveLength(1);
});

it('a delivery is cancelled though BullMQ has yet to delay it for its next attempt', async () => {
  queue = bullmqQueue({ connection: redis.url });
  const [one, inTime] = [newDelivery(), newDelivery()];
  await queue.add(one);
  // What a worker does, step by step.
  const worker = new Worker('callbacks', null, { connection: { port: redis.port } });
  BULL.push(worker);
  const job = (await worker.getNextJob('token'))!;
  defineScripts(admin);
  const later = Date.now() + 3_600_000;
  await runScript(admin, 'cbSettle', 'bull:callbacks:', one.id, 'retry', '{}', later, '');
  const cancelling = queue.cancel([one.id]);
  // It is asked for after that.
  await queue.add(inTime);
  await job.moveToDelayed(later, 'token');
  expect(await cancelling).toEqual({ cancelled: [one.id], inFlight: [] });
  expect(await queue.delivery(one.id)).toMatchObject({ state: 'cancelled' });
  expect(await queue.stats()).toMatchObject({ queued: 1, inFlight: 0, cancelled: 1 });
});

it('no error of a closed connection tells of an option of ioredis', async () => {
  queue = bullmqQueue({ connection: redis.url });
  await queue.stats();
  const errors: string[] = [];
  const over = new AbortController();
  const adding = Array.from({ length: 20 }, async () => {
    while (!over.signal.aborted) {
      await queue.add(newDelivery()).catch((error: Error) => errors.push(error.message));
      await sleep(1);
    }
  });
  for (let kills = 0; kills < 100; kills++) {
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await sleep(20);
  }
  over.abort();
  await Promise.all(adding);
  expect(errors.filter((message) => /enableOfflineQueue|maxRetriesPerRequest/.test(message))).toEqual([]);
});

describe('a delivery whose worker has lost its lock, so that it is in the line again', () => {
  /** Lets an attempt end that has lost its lock, and then goes on. */
  async function endLate(outcome: AttemptOutcome, meanwhile: (id: string) => Promise<unknown> = async () => undefined) {
    queue = bullmqQueue({ connection: redis.url, keepBodies: true });
    const { worker, one, end } = await beginAttempt(queue, () => outcome);
    const bull = new Queue('callbacks', { connection: { port: redis.port } });
    BULL.push(bull);
    await bull.pause();
    await meanwhile(one.id);
    await until('BullMQ has returned it to the line', async () => {
      await admin.del(`${keyOf(one.id)}:lock`);
      return (await admin.llen('bull:callbacks:active')) === 0;
    });
    end();
    await until('the outcome is stored', async () => (await admin.hget(keyOf(one.id), 'cb:ended')) !== null);
    await bull.resume();
    await until('it has ended', async () => {
      const { queued, inFlight } = await queue.stats();
      return queued + inFlight === 0 && (await bull.getWaitingCount()) + (await bull.getActiveCount()) === 0;
    });
    // It is not attempted a second time, so nobody has to end that.
    expect(worker.ids).toEqual([one.id]);
    return { bull, worker, one };
  }

  it.each<[state: string, outcome: AttemptOutcome]>([
    ['failed', failed()],
    ['delivered', delivered()],
  ])('%s: is not attempted again', async (state, outcome) => {
    const { one } = await endLate(outcome);
    expect(await queue.delivery(one.id)).toMatchObject({ state, attempts: 1 });
  });

  it('is cancelled if that was asked for', async () => {
    const { one } = await endLate(failed(), (id) => queue.cancel([id]));
    expect(await queue.delivery(one.id)).toMatchObject({ state: 'cancelled' });
    expect(await queue.stats()).toMatchObject({ queued: 0, failed: 0, cancelled: 1 });
  });

  it('starts again if another tool of BullMQ retries it afterwards', async () => {
    const { bull, worker, one } = await endLate(failed());
    await (await bull.getJob(one.id))!.retry();
    await until('it is attempted again', () => worker.ids.length === 2);
    expect(await queue.delivery(one.id)).toMatchObject({ state: 'inFlight' });
  });
});
