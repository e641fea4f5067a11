import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BullModule, getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { Controller, Module, Post } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { CallbackController, Callbacks, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { forever, newDelivery, ScriptedWorker, until } from '../../libs/callbacks/src/testing/queue/queue-test.js';
import { checkQueue } from '../support/check-queue.js';
import { startBullmqProcess } from '../support/start-bullmq-process.js';
import { startReceiver } from '../support/start-receiver.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let places = 0;
const newPlace = () => `place-${++places}`;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

checkQueue('the queue on Redis', {
  storage() {
    const name = newPlace();
    return () => bullmqQueue({ connection: redis.url, name });
  },
  durable: true,
});

describe('receivers', () => {
  it('an attempt that a receiver had no slot for is not counted', async () => {
    const queue = bullmqQueue({ connection: redis.url, name: newPlace() });
    const reply = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { status: 'delivered' } as const;
    };
    const worker = new ScriptedWorker(reply, 50, 1);
    for (let index = 0; index < 20; index++) await queue.add(newDelivery());
    await queue.start(worker);
    await until('all are delivered', async () => (await queue.stats()).delivered === 20);
    await queue.stop(0);
    await queue.close();
    expect(worker.most.receiver).toBe(1);
    expect(worker.asked.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 20 }, () => 1));
  });

  it('1,000 deliveries to a receiver that hangs do not hold up those to another one', async () => {
    const queue = bullmqQueue({ connection: redis.url, name: newPlace() });
    const worker = new ScriptedWorker(
      ({ delivery: { request } }) => (request.url.includes('dead') ? forever() : { status: 'delivered' }),
      20,
      5,
    );
    await Promise.all(Array.from({ length: 1_000 }, () => queue.add(newDelivery({ host: 'dead.external.org' }))));
    await Promise.all(Array.from({ length: 50 }, () => queue.add(newDelivery({ host: 'alive.external.org' }))));
    await queue.start(worker);
    await until('all to the other one are delivered', async () => (await queue.stats()).delivered === 50);
    await until('the rest waits', async () => (await queue.stats()).queued === 995);
    expect(worker.asked).toHaveLength(55);
    await queue.stop(0);
    await queue.close();
  });
});

describe('other processes', () => {
  it('what killed ones had in flight is taken up, as the same attempt, however many were killed', async () => {
    const name = newPlace();
    const queue = bullmqQueue({ connection: redis.url, name });
    const lost = newDelivery();
    await queue.add(lost);
    for (let killed = 0; killed < 2; killed++) {
      const process = startBullmqProcess('hang', redis.url, name);
      await process.says(`attempt 1 of ${lost.id}`);
      await process.kill();
    }
    const heir = new ScriptedWorker();
    await queue.start(heir);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(heir.asked.map(({ delivery, attempt }) => [delivery, attempt])).toEqual([[lost, 1]]);
    await queue.stop(0);
    await queue.close();
  }, 90_000);

  it.each([
    ['it has delivered', 'deliver', 'delivered 1\n'],
    ['it was closed in the midst of an attempt', 'abandon', 'closed\n'],
  ] as const)('one ends by itself once %s', async (_, task, output) => {
    expect(await startBullmqProcess(task, redis.url, newPlace()).ends()).toBe(output);
  });
});

describe('a job that is no delivery', () => {
  it.each([
    ['of another program', { to: 'Mr. Richie Rich' }],
    ['that was damaged', { ...newDelivery(), request: { method: 'POST', url: 'nowhere', headers: {} } }],
    ['without data', undefined],
  ])('holds up no other, and is listed: one %s', async (_, data) => {
    const name = newPlace();
    const { hostname: host, port } = new URL(redis.url);
    const strangers = new Queue(name, { connection: { host, port: Number(port) } });
    await strangers.add('mail', data, { jobId: 'msg_stranger' });
    const queue = bullmqQueue({ connection: redis.url, name });
    const worker = new ScriptedWorker();
    await queue.start(worker);
    const good = newDelivery();
    await queue.add(good);
    try {
      await until('both are done', async () => {
        const { delivered, failed } = await queue.stats();
        return delivered === 1 && failed === 1;
      });
      expect(worker.ids).toEqual([good.id]);
      const { error, ...known } = (await queue.deliveries({ state: 'failed' }, { limit: 10 })).deliveries[0]!;
      expect(known).toMatchObject({ id: 'msg_stranger', state: 'failed', attempts: 1 });
      expect(error).toMatch(/not a delivery.* Fix: /);
      expect(await queue.retry(['msg_stranger'])).toEqual(['msg_stranger']);
      await until('it has failed again', async () => (await queue.stats()).failed === 1);
    } finally {
      await queue.stop(0);
      await queue.close();
      await strangers.close();
    }
  });
});

it('keeps the password to itself where it is printed', () => {
  const queue = bullmqQueue({ connection: { password: 'top-secret' } });
  expect(inspect(queue, { depth: 10 })).not.toContain('top-secret');
});

describe('the connection of the app', () => {
  it('is left as it is', async () => {
    const connection = new Redis(redis.url, { maxRetriesPerRequest: 3 });
    const queue = bullmqQueue({ connection, name: newPlace() });
    await queue.start(new ScriptedWorker());
    await queue.add(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    await queue.stop(10_000);
    await queue.close();
    expect(await connection.ping()).toBe('PONG');
    expect(connection.options.maxRetriesPerRequest).toBe(3);
    connection.disconnect();
  });

  it('can be shared with @nestjs/bullmq', async () => {
    @CallbackController('{$url}')
    class InvoiceCallbacks {
      @Post()
      paid(): void {
        return receiverReplies();
      }
    }
    const processed: unknown[] = [];
    @Processor('mails')
    class Mails extends WorkerHost {
      async process({ data }: { data: unknown }): Promise<void> {
        processed.push(data);
      }
    }
    @Controller()
    class InvoicesController {}
    const receiver = await startReceiver();
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    @Module({
      imports: [
        BullModule.forRoot({ connection }),
        BullModule.registerQueue({ name: 'mails' }),
        CallbacksModule.forRoot({
          queue: bullmqQueue({ connection, name: newPlace() }),
          egress: { allow: ['127.0.0.1'], http: true, ports: [receiver.port] },
        }),
      ],
      controllers: [InvoicesController],
      providers: [Mails],
    })
    class AppModule {}

    const app = await (await Test.createTestingModule({ imports: [AppModule] }).compile()).init();
    try {
      await app.get<Queue>(getQueueToken('mails')).add('mail', { to: 'Mr. Richie Rich' });
      await app
        .get(Callbacks)
        .enqueue(InvoiceCallbacks, { paid: `${receiver.url}/paid` })
        .paid();
      await until('both are done', () => processed.length === 1 && receiver.requests.length === 1);
      expect(processed).toEqual([{ to: 'Mr. Richie Rich' }]);
      expect(receiver.requests.map(({ url }) => url)).toEqual(['/paid']);
    } finally {
      await app.close();
      connection.disconnect();
      await receiver.close();
    }
  });
});

it.each([
  ['connection', {}, 'must be a URL, options of ioredis, or an ioredis instance'],
  ['connection', { connection: '127.0.0.1:6379' }, 'must be a URL such as redis://127.0.0.1:6379'],
  ['connection', { connection: { keyPrefix: 'app:' } }, 'must not have a `keyPrefix`'],
  ['connection', { connection: [{ host: '127.0.0.1', port: 6379 }] }, 'must be a single Redis server'],
  ['connection', { connection: { nodes: [{ host: '127.0.0.1' }] } }, 'must be a single Redis server'],
  ['name', { connection: {}, name: 'a:b' }, 'must be a string without a colon'],
  ['prefix', { connection: {}, prefix: '' }, 'must be a string that is not empty'],
  ['remember', { connection: {}, remember: 0.5 }, 'must be a whole number of milliseconds'],
])('a wrong `%s` is refused: %j', (option, options, hasToBe) => {
  // What JavaScript may pass.
  const wrong = options as Parameters<typeof bullmqQueue>[0];
  expect(() => bullmqQueue(wrong)).toThrow(`The \`${option}\` of bullmqQueue() ${hasToBe}`);
});
