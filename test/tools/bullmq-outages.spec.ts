import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import { newDelivery, ScriptedWorker, until } from '../../libs/callbacks/src/testing/queue/queue-test.js';
import { startSilentProxy } from '../support/start-silent-proxy.js';
import { startBullmqProcess } from '../support/start-bullmq-process.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let queue: CallbackQueue;

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await queue.stop(0);
  await queue.close();
  await redis.close();
});

const isDelivered = (count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);

it('refuses deliveries while Redis is away, and holds them again once it is back, with nothing lost', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  const [before, meanwhile, after] = [newDelivery(), newDelivery(), newDelivery()];
  await queue.add(before);
  await redis.end();
  const where = `127.0.0.1:${redis.port}`;
  const refused = `connect ECONNREFUSED ${where}. Fix: `;
  // The queue may not have seen yet that its connection is closed.
  const undone = `did not store the delivery ${meanwhile.id}`;
  await expect(queue.add(meanwhile)).rejects.toMatchObject({
    code: 'CALLBACK_QUEUE',
    message: expect.stringMatching(new RegExp(`^Redis at ${where} (does not answer|${undone}): ${refused}`)),
    cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
  });
  await expect(queue.add(meanwhile)).rejects.toMatchObject({
    message: expect.stringContaining(`Redis at ${where} does not answer: ${refused}`),
  });
  await redis.restart();
  await queue.add(after);
  const worker = new ScriptedWorker();
  await queue.start(worker);
  await isDelivered(2);
  expect(worker.ids).toEqual([before.id, after.id]);
});

it('says of a delivery whose connection is lost what happened to it', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  await queue.add(newDelivery());
  redis.process.kill('SIGSTOP');
  const adding = queue.add(newDelivery());
  const [outcome] = await Promise.allSettled([adding, redis.end('SIGKILL')]);
  expect(outcome).toMatchObject({
    reason: {
      message: expect.stringMatching(/ did not store the delivery \S+: connect ECONNREFUSED /),
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    },
  });
});

it('delivers all that it holds when Redis is killed and comes back, without a new start', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  const all = Array.from({ length: 100 }, () => newDelivery());
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { status: 'delivered' } as const;
  };
  const worker = new ScriptedWorker(slow, 10);
  await queue.start(worker);
  await Promise.all(all.map((one) => queue.add(one)));
  await until('some were attempted', () => worker.asked.length > 20);
  await redis.end('SIGKILL');
  await redis.restart();
  await isDelivered(100);
  expect(new Set(worker.ids)).toEqual(new Set(all.map(({ id }) => id)));
});

it('starts though Redis closes the connections of its worker, and comes back', async () => {
  redis = await startRedis();
  let connections = 0;
  // The first is the one that adds and asks.
  const proxy = createServer((client) => {
    connections += 1;
    if (connections === 2 || connections === 4) return void client.resetAndDestroy();
    const server = connect(redis.port, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => (client.destroy(), server.destroy()));
    }
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  queue = bullmqQueue({ connection: { host: '127.0.0.1', port: (proxy.address() as AddressInfo).port } });
  const worker = new ScriptedWorker();
  const delivery = newDelivery();
  try {
    await queue.start(worker);
    await queue.add(delivery);
    await isDelivered(1);
    expect(worker.ids).toEqual([delivery.id]);
    expect(connections).toBeGreaterThan(3);
  } finally {
    await queue.stop(0);
    await queue.close();
    proxy.close();
  }
});

it('does not start where the password is wrong, and does not tell it', async () => {
  redis = await startRedis(['--requirepass', 'the right one']);
  const password = 'top-secret';
  queue = bullmqQueue({ connection: { host: '127.0.0.1', port: redis.port, password } });
  const error = await queue.start(new ScriptedWorker()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'CALLBACK_QUEUE', message: expect.stringContaining('correct the password') });
  expect(inspect(error, { depth: null })).not.toContain(password);

  queue = bullmqQueue({ connection: `redis://:the%20right%20one@127.0.0.1:${redis.port}` });
  await queue.start(new ScriptedWorker());
});

it('lets a process end that cannot start', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  await redis.end();
  const output = await startBullmqProcess('fail', redis.url, 'callbacks').ends();
  expect(output).toContain(`Redis at 127.0.0.1:${redis.port} does not answer`);
});

it('says what to do where Redis refuses', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  await queue.start(new ScriptedWorker());
  await queue.add(newDelivery());
  const admin = new Redis(redis.port);
  await admin.config('SET', 'maxmemory', '1mb');
  await expect(queue.add(newDelivery())).rejects.toThrow(/OOM .* Fix: give Redis more memory/);
  await admin.config('SET', 'maxmemory', '0');
  await admin.replicaof('127.0.0.1', '1');
  await expect(queue.add(newDelivery())).rejects.toThrow(/READONLY .* Fix: connect to the primary/);
  await admin.replicaof('NO', 'ONE');
  await queue.add(newDelivery());
  await isDelivered(2);
  admin.disconnect();
});

it('gives up on a Redis that does not answer, and comes back with it', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  await queue.add(newDelivery());
  redis.process.kill('SIGSTOP');
  await expect(queue.add(newDelivery())).rejects.toMatchObject({ code: 'CALLBACK_QUEUE' });
  redis.process.kill('SIGCONT');
  await until('it takes one again', () =>
    queue.add(newDelivery()).then(
      () => true,
      () => false,
    ),
  );
});

it('stops and closes while Redis is away', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  const worker = new ScriptedWorker();
  await queue.start(worker);
  await queue.add(newDelivery());
  await isDelivered(1);
  await redis.end('SIGKILL');
  await queue.stop(10_000);
  await expect(queue.close()).resolves.toBeUndefined();
});

it('logs an outage once, and its end', async () => {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  Logger.overrideLogger({ log: note, error: note, warn: note });
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  await queue.start(new ScriptedWorker());
  await redis.end('SIGKILL');
  await expect(queue.add(newDelivery())).rejects.toMatchObject({ code: 'CALLBACK_QUEUE' });
  await until('the log tells of it', () => lines.some((line) => line.includes('is unreachable')));
  await redis.restart();
  await queue.add(newDelivery());
  await isDelivered(1);
  await until('the log tells of its end', () => lines.some((line) => line.includes('is back')));
  Logger.overrideLogger(false);
  expect(lines).toEqual([
    expect.stringMatching(
      /^Redis at 127\.0\.0\.1:\d+ is unreachable, and callbacks cannot be queued until it is back: /,
    ),
    expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ is back\.$/),
  ]);
});

it('warns once of a Redis that writes nothing to the disk', async () => {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  Logger.overrideLogger({ log: note, error: note, warn: note });
  redis = await startRedis(['--appendonly', 'no']);
  queue = bullmqQueue({ connection: redis.url });
  await queue.start(new ScriptedWorker());
  await until('it warns', () => lines.some((line) => line.includes('appendonly')));
  Logger.overrideLogger(false);
  expect(lines.filter((line) => line.includes('appendonly'))).toEqual([
    `Redis at 127.0.0.1:${redis.port} has \`appendonly no\`: deliveries are lost if it crashes. Fix: set appendonly yes`,
  ]);
});

it('goes on within seconds when its connections go silent without closing', async () => {
  redis = await startRedis();
  const proxy = await startSilentProxy(redis.port);
  queue = bullmqQueue({ connection: { host: '127.0.0.1', port: proxy.port } });
  const worker = new ScriptedWorker();
  const [before, after] = [newDelivery(), newDelivery()];
  try {
    await queue.start(worker);
    await queue.add(before);
    await isDelivered(1);
    proxy.silence();
    await until('one is taken again', () =>
      queue.add(after).then(
        () => true,
        () => false,
      ),
    );
    await until('it is attempted', () => worker.ids.includes(after.id));
    expect(worker.ids).toEqual([before.id, after.id]);
  } finally {
    await queue.stop(0);
    await queue.close();
    proxy.close();
  }
});

it('drains a full Redis by itself, and takes deliveries again', async () => {
  redis = await startRedis();
  queue = bullmqQueue({ connection: redis.url });
  const admin = new Redis(redis.port);
  const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
  await admin.config('SET', 'maxmemory', String(used + 4_000_000));
  const body = JSON.stringify('x'.repeat(50_000));
  let held = 0;
  const addUntilFull = async () => {
    while (held < 1_000) {
      await queue.add(newDelivery({ body }));
      held++;
    }
  };
  await expect(addUntilFull()).rejects.toThrow(/OOM .* Fix: give Redis more memory/);
  await queue.start(new ScriptedWorker());
  await isDelivered(held);
  await queue.add(newDelivery({ body }));
  await isDelivered(held + 1);
  admin.disconnect();
});

it('a Redis of 12 MB that is full refuses deliveries, sends all that it has accepted, and takes them again', async () => {
  redis = await startRedis(['--maxmemory', '12mb', '--maxmemory-policy', 'noeviction']);
  queue = bullmqQueue({ connection: redis.url, remember: 2_000 });
  const worker = new ScriptedWorker();
  const accepted = new Set<string>();
  const add = async (body: string) => {
    const one = newDelivery({ body });
    await queue.add(one);
    accepted.add(one.id);
  };
  const addUntilFull = async (body: string) => {
    for (let count = 0; count < 20_000; count++) await add(body);
  };
  const isSent = () => new Set(worker.ids).size === accepted.size;
  const isTaken = () =>
    add('{}').then(
      () => true,
      () => false,
    );
  const found: Record<string, number> = {};
  const refusal = /^Redis at .* did not store the delivery .*: OOM .*\. Fix: give Redis more memory/;
  await expect(addUntilFull(JSON.stringify('x'.repeat(2_000)))).rejects.toThrow(refusal);
  found['of2kB'] = accepted.size;
  await queue.start(worker);
  await until('all that was accepted is sent', isSent);
  await until('it takes deliveries again', isTaken);
  await queue.stop(10_000);
  // Ended jobs do not free memory, only forgotten ones do.
  await expect(addUntilFull('{}')).rejects.toThrow(refusal);
  found['small'] = accepted.size - found['of2kB'];
  const begin = performance.now();
  await queue.start(worker);
  await until('all that was accepted is sent', isSent);
  await until('it takes deliveries again', isTaken);
  await until('all of it is sent', isSent);
  found['secondsUntilTakenAgain'] = Math.round((performance.now() - begin) / 1_000);
  found['sentTwice'] = worker.ids.length - new Set(worker.ids).size;
  process.stdout.write(`redis of 12 MB: ${JSON.stringify(found)}\n`);
}, 400_000);

it('is warned by BullMQ of a Redis that throws keys away', async () => {
  redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
  queue = bullmqQueue({ connection: redis.url });
  const output = await startBullmqProcess('deliver', redis.url, 'callbacks').ends();
  expect(output).toContain('Eviction policy is allkeys-lru. It should be "noeviction"');
});
