import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { CallbackDelivery, CallbackQueue } from 'nestjs-callbacks';
import { bullmqQueue } from 'nestjs-callbacks/bullmq';
import {
  fails,
  hasState,
  isDelivered,
  newDelivery,
  ScriptedWorker,
  until,
} from '../../libs/callbacks/src/testing/queue/queue-test.js';
import { randomOf } from '../support/random-of.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let admin: Redis;
let queue: CallbackQueue;
let places = 0;
let name: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  redis = await startRedis();
  admin = new Redis(redis.port);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});
afterEach(async () => {
  await queue.stop(0);
  await queue.close();
});

function open(options: Partial<Parameters<typeof bullmqQueue>[0]> = {}): CallbackQueue {
  name = `jobs-${++places}`;
  queue = bullmqQueue({ connection: redis.url, name, ...options });
  return queue;
}

const keyOf = (id: string) => `bull:${name}:${id}`;
const dataOf = async (id: string) => JSON.parse((await admin.hget(keyOf(id), 'data'))!) as { request: unknown };

type Poison = (one: CallbackDelivery) => unknown;

it.each<[what: string, poison: Poison]>([
  ['another body than it was enqueued with', (one) => ({ ...one, request: { ...one.request, body: '{"amount":1}' } })],
  ['another URL', (one) => ({ ...one, request: { ...one.request, url: 'https://elsewhere.org/' } })],
  ['another method', (one) => ({ ...one, request: { ...one.request, method: 'DELETE' } })],
  ['a header that is no string', (one) => ({ ...one, request: { ...one.request, headers: { a: 1 } } })],
  ['a NUL in its id', (one) => ({ ...one, id: `${one.id}\u0000` })],
  ['a NUL in its host', (one) => ({ ...one, request: { ...one.request, url: 'https://a\u0000b.org/' } })],
  ['a receiver that is none', (one) => ({ ...one, receiver: 'nowhere' })],
  ['a context that is not JSON', (one) => ({ ...one, context: '{' })],
  ['a schedule that is none', (one) => ({ ...one, retry: 'daily' })],
  ['data of another shape', () => [1, 2]],
  ['data that is not JSON', () => Buffer.from('{"status":"prep')],
  ['data that is not UTF-8', () => Buffer.from([0x7b, 0xff, 0x00, 0x7d])],
])('a job with %s is a failed delivery that says why, and stops no other', async (_, poison) => {
  const [damaged, good] = [newDelivery(), newDelivery()];
  open();
  for (const one of [damaged, good]) await queue.add(one);
  const data = poison(damaged);
  await admin.hset(keyOf(damaged.id), { data: data instanceof Buffer ? data : JSON.stringify(data) });
  const worker = new ScriptedWorker();
  await queue.start(worker);
  await hasState(queue, damaged.id, 'failed');
  await isDelivered(queue, 1);
  expect(worker.ids).toEqual([good.id]);
  const { deliveries } = await queue.deliveries({ state: 'failed' }, { limit: 10 });
  expect(deliveries).toMatchObject([
    { id: damaged.id, attempts: 1, error: expect.stringMatching(/It is damaged, or not a delivery: .* Fix: /) },
  ]);
});

it('leaves a delivery of a newer version alone, and says so once', async () => {
  const lines: string[] = [];
  const [one, other, good] = [newDelivery(), newDelivery(), newDelivery()];
  open();
  for (const each of [one, other, good]) await queue.add(each);
  for (const { id } of [one, other]) {
    await admin.hset(keyOf(id), { data: JSON.stringify({ version: 2, id, todo: 'unknown' }) });
  }
  const worker = new ScriptedWorker();
  Logger.overrideLogger({
    log: () => undefined,
    error: () => undefined,
    warn: (line: string) => void lines.push(line),
  });
  await queue.start(worker);
  await isDelivered(queue, 1);
  await until('both are put off', async () => (await admin.zcard(`bull:${name}:delayed`)) === 2);
  Logger.overrideLogger(false);
  expect(worker.ids).toEqual([good.id]);
  expect(lines).toEqual([expect.stringContaining('format 2')]);
  expect(await queue.stats()).toMatchObject({ queued: 2, failed: 0 });
  expect(await dataOf(one.id)).toEqual({ version: 2, id: one.id, todo: 'unknown' });
});

it('drops the body of what is delivered at once, and keeps that of what failed', async () => {
  const [good, bad] = [newDelivery(), newDelivery()];
  open();
  await queue.start(new ScriptedWorker(({ delivery: { id } }) => (id === bad.id ? fails() : { status: 'delivered' })));
  for (const one of [good, bad]) await queue.add(one);
  await hasState(queue, good.id, 'delivered');
  await hasState(queue, bad.id, 'failed');
  const { body: _, ...request } = good.request;
  expect(await dataOf(good.id)).toEqual({ ...good, request });
  expect(await dataOf(bad.id)).toEqual(bad);
});

it('keeps bodies if it is told to, and sends them again', async () => {
  open({ keepBodies: true });
  const [worker, one] = [new ScriptedWorker(), newDelivery()];
  await queue.start(worker);
  await queue.add(one);
  await hasState(queue, one.id, 'delivered');
  expect(await queue.retry([one.id])).toEqual([one.id]);
  await until('it is attempted again', () => worker.asked.length === 2);
  expect(worker.asked[1]).toMatchObject({ delivery: one, attempt: 1 });
});

it('forgets what was delivered once its time is over, and then takes its id again', async () => {
  open({ remember: 300 });
  const one = newDelivery({ key: 'invoice-1' });
  await queue.start(new ScriptedWorker());
  await queue.add(one);
  await hasState(queue, one.id, 'delivered');
  await until('it is forgotten', async () => (await queue.delivery(one.id)) === undefined);
  expect(await admin.keys(`${keyOf(one.id)}*`)).toEqual([]);
  expect(await admin.keys(keyOf('cb:key:*'))).toEqual([]);
  expect(await queue.add(one)).toEqual({ status: 'queued' });
});

it('does not attempt again what had ended when its process was killed', async () => {
  const [done, due] = [newDelivery(), newDelivery()];
  open();
  for (const one of [done, due]) await queue.add(one);
  // What is there if a process is killed after it has noted the outcome, and another finds that it has stalled.
  await admin.hset(keyOf(done.id), { ats: 1, stc: 1, 'cb:ended': 'delivered', 'cb:stalled': 0, 'cb:attempts': 1 });
  const worker = new ScriptedWorker();
  await queue.start(worker);
  await isDelivered(queue, 2);
  expect(worker.ids).toEqual([due.id]);
});

it('begins anew what another tool of BullMQ has retried', async () => {
  open();
  let isFailing = true;
  const one = newDelivery();
  const worker = new ScriptedWorker(() => (isFailing ? fails() : { status: 'delivered' }));
  await queue.start(worker);
  await queue.add(one);
  await hasState(queue, one.id, 'failed');
  isFailing = false;
  const tool = new Queue(name, { connection: { host: '127.0.0.1', port: redis.port } });
  await (await tool.getJob(one.id))!.retry();
  await isDelivered(queue, 1);
  await tool.close();
  expect(worker.asked.map(({ attempt }) => attempt)).toEqual([1, 1]);
});

it('knows a delivery that another program has added', async () => {
  open();
  const one = newDelivery();
  const jobs = new Queue(name, { connection: { port: redis.port } });
  await jobs.add(one.callback, one, { jobId: one.id });
  await jobs.close();
  await queue.start(new ScriptedWorker());
  await hasState(queue, one.id, 'delivered');
  expect(await queue.add(one)).toMatchObject({ status: 'duplicate', state: 'delivered' });
  expect(await queue.stats()).toMatchObject({ queued: 0, delivered: 1 });
  expect((await queue.deliveries({}, { limit: 10 })).deliveries).toHaveLength(1);
});

it('shares round trips among what is enqueued at once', async () => {
  open();
  await queue.add(newDelivery());
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))![1]);
  const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await admin.info('stats'))![1]);
  const before = { commands: await commands(), reads: await reads() };
  await Promise.all(Array.from({ length: 100 }, () => queue.add(newDelivery())));
  expect((await reads()) - before.reads).toBeLessThan(20);
  expect((await commands()) - before.commands).toBeGreaterThan(200);
});

it('refuses one of many that are enqueued at once, and holds the others', async () => {
  open();
  const all = Array.from({ length: 40 }, () => newDelivery());
  const [first, refused] = [all[0]!, all[20]!];
  await queue.add(first);
  await admin.set(keyOf(refused.id), 'the value of another program');
  const added = await Promise.allSettled(all.map((one) => queue.add(one)));
  const rejected = added.flatMap(({ status }, index) => (status === 'rejected' ? [all[index]] : []));
  expect(rejected).toEqual([refused]);
  expect(added[20]).toMatchObject({
    reason: {
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(`did not store the delivery ${refused.id}: WRONGTYPE`),
    },
  });
  expect(added[0]).toMatchObject({ value: { status: 'duplicate', state: 'queued' } });
  expect(await queue.stats()).toMatchObject({ queued: 39 });
});

it('goes on with a Redis whose scripts were flushed', async () => {
  open();
  const [before, after] = [newDelivery(), newDelivery({ key: 'invoice-1' })];
  await queue.add(before);
  await admin.script('FLUSH');
  expect(await queue.add(after)).toEqual({ status: 'queued' });
  expect(await queue.add(after)).toMatchObject({ status: 'duplicate', state: 'queued' });
  expect(await queue.stats()).toMatchObject({ queued: 2, due: 2 });
  const worker = new ScriptedWorker();
  await queue.start(worker);
  await isDelivered(queue, 2);
  expect(worker.ids).toEqual([before.id, after.id]);
});

it('finds deliveries by their key without a look at the others', async () => {
  open();
  const [one, other] = [newDelivery({ key: 'invoice-1' }), newDelivery({ key: 'invoice-1', callback: 'Other.notify' })];
  await Promise.all(Array.from({ length: 500 }, (_, index) => queue.add(newDelivery({ key: `invoice-${index + 2}` }))));
  for (const each of [one, other]) await queue.add(each);
  await Promise.all(Array.from({ length: 500 }, () => queue.add(newDelivery())));
  const reads = async () => Number(/cmdstat_hmget:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
  const before = await reads();
  const { deliveries } = await queue.deliveries({ key: 'invoice-1' }, { limit: 10 });
  expect(deliveries.map(({ id }) => id)).toEqual([other.id, one.id]);
  expect(await queue.deliveries({ key: 'invoice-1', callback: 'Other.notify' }, { limit: 10 })).toMatchObject({
    deliveries: [{ id: other.id }],
  });
  expect((await reads()) - before).toBe(4);
});

it('puts off the deliveries of all receivers without a slot at once', async () => {
  open();
  const receivers = Array.from({ length: 50 }, (_, index) => `dead-${index}.external.org`);
  for (let round = 0; round < 20; round++) {
    await Promise.all(receivers.map((host) => queue.add(newDelivery({ host }))));
  }
  const looks = async () => Number(/cmdstat_lrange:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
  await queue.start(new ScriptedWorker(undefined, 100, 0));
  const before = await looks();
  await until('most are put off', async () => (await admin.zcard(`bull:${name}:delayed`)) >= 800);
  // With one look for each receiver it would be forty.
  expect((await looks()) - before).toBeLessThan(30);
});

it.each([
  [
    'a due time far in the future',
    { 'cb:updated': '33000000000000', timestamp: '33000000000000', delay: '33000000000000' },
  ],
  ['times that are none', { 'cb:updated': 'soon', timestamp: '1e999' }],
  ['a count of attempts that is none', { 'cb:attempts': 'many', ats: '1' }],
])('a job with %s is attempted, and listed', async (_, fields) => {
  open();
  const one = newDelivery();
  await queue.add(one);
  await admin.hset(keyOf(one.id), fields);
  await queue.start(new ScriptedWorker());
  await isDelivered(queue, 1);
  const { deliveries } = await queue.deliveries({}, { limit: 10 });
  expect(() => JSON.stringify(deliveries)).not.toThrow();
  expect(deliveries[0]!.enqueuedAt.getTime()).not.toBeNaN();
  expect(deliveries[0]!.updatedAt.getTime()).not.toBeNaN();
});

it('bytes that flip, anywhere in the jobs, stop nobody', async () => {
  const random = randomOf(20_261_126);
  for (let round = 0; round < 4; round++) {
    open();
    const all = Array.from({ length: 60 }, (_, index) =>
      newDelivery({ host: `host-${index % 5}.org`, key: `k${index}` }),
    );
    await Promise.all(all.map((one) => queue.add(one)));
    const flipped = all.filter((_, index) => index % 3 === 0);
    for (const { id } of flipped) {
      const fields = ['data', 'data', 'opts', 'opts', 'name', 'cb:receiver', 'cb:key', 'timestamp'];
      const field = fields[random(fields.length)]!;
      const bytes = (await admin.hgetBuffer(keyOf(id), field))!;
      const position = random(bytes.length);
      bytes[position] = bytes[position]! ^ (1 << random(8));
      await admin.hset(keyOf(id), field, bytes);
    }
    const worker = new ScriptedWorker();
    await queue.start(worker);
    await until('all have ended, or are of a newer version', async () => {
      const { delivered, failed, queued, inFlight } = await queue.stats();
      const delayed = await admin.zcard(keyOf('delayed'));
      return inFlight === 0 && queued === delayed && delivered + failed + queued === 60;
    });
    const sound = all.filter((one) => !flipped.includes(one)).map(({ id }) => id);
    expect(worker.ids).toEqual(expect.arrayContaining(sound));
    const { deliveries } = await queue.deliveries({}, { limit: 100 });
    expect(deliveries).toHaveLength(60);
    expect(() => JSON.stringify(deliveries)).not.toThrow();
    for (const { id } of all) await queue.delivery(id);
    await queue.stop(0);
    await queue.close();
  }
}, 120_000);
