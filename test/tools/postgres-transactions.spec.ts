import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CallbackDelivery, CallbackQueue } from 'nestjs-callbacks';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { digestOf } from '../../libs/callbacks/src/delivery/callback-delivery.js';
import { newDelivery, until, workerOf } from '../support/queue-work.js';
import { beginTransaction } from '../support/queue-transaction.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

let server: PostgresServer;
let places = 0;
const OPEN: CallbackQueue[] = [];
const LINES: string[] = [];

function open(schema = `place_${++places}`, options = {}): CallbackQueue {
  const queue = postgresQueue({ connection: server.url, schema, ...options });
  OPEN.push(queue);
  return queue;
}

beforeAll(async () => {
  const note = (line: unknown) => void LINES.push(typeof line === 'string' ? line : inspect(line));
  Logger.overrideLogger({ log: note, warn: note, error: note });
  server = await startPostgres();
});
afterEach(async () => {
  LINES.length = 0;
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
});
afterAll(() => server.close());

const isDelivered = (queue: CallbackQueue, count: number) =>
  until(`${count} are delivered`, async () => (await queue.stats()).delivered === count);

describe.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])('in a transaction that is %s', (level) => {
  it('a delivery is sent once that commits, and never if it rolls back', async () => {
    const queue = open();
    const worker = workerOf();
    await queue.start(worker);
    const [kept, dropped] = [newDelivery(), newDelivery()];
    const [good, bad] = [await beginTransaction(server.url, level), await beginTransaction(server.url, level)];
    expect(await queue.add(kept, good)).toEqual({ status: 'queued' });
    expect(await queue.add(dropped, bad)).toEqual({ status: 'queued' });
    expect(await queue.delivery(kept.id)).toBeUndefined();
    // One that was added later, and is committed, passes both.
    const later = newDelivery();
    await queue.add(later);
    await isDelivered(queue, 1);
    expect(worker.ids).toEqual([later.id]);
    await good.commit();
    await bad.rollback();
    expect(await queue.delivery(kept.id)).toMatchObject({ id: kept.id });
    await isDelivered(queue, 2);
    expect(worker.ids).toEqual([later.id, kept.id]);
    expect(await queue.delivery(dropped.id)).toBeUndefined();
  });

  it('the same ids in two open transactions are one delivery each, and neither waits or fails', async () => {
    const queue = open();
    const worker = workerOf();
    await queue.start(worker);
    const [one, other, third] = [newDelivery(), newDelivery(), newDelivery()];
    const first = await beginTransaction(server.url, level);
    const second = await beginTransaction(server.url, level);
    // Each has seen the database as it is before the other one commits.
    for (const transaction of [first, second]) await transaction.query('SELECT 1', []);
    // In opposite orders, so that waiting for each other would be a deadlock.
    await queue.add(one, first);
    await queue.add(other, second);
    await queue.add(other, first);
    await queue.add(one, second);
    await queue.add(third, first);
    await first.commit();
    await queue.add(third, second);
    await second.query('SELECT 1', []);
    await second.commit();
    await isDelivered(queue, 3);
    expect(worker.ids.toSorted()).toEqual([one.id, other.id, third.id].toSorted());
    expect(LINES).toEqual([]);
  });
});

it('a transaction is told what is known already, by others and by itself', async () => {
  const queue = open();
  const [known, own] = [newDelivery(), newDelivery()];
  await queue.add(known);
  await queue.cancel([known.id]);
  const transaction = await beginTransaction(server.url);
  expect(await queue.add(known, transaction)).toEqual({
    status: 'duplicate',
    state: 'cancelled',
    digest: known.digest,
  });
  expect(await queue.add(own, transaction)).toEqual({ status: 'queued' });
  expect(await queue.add({ ...own, digest: 'another one' }, transaction)).toEqual({
    status: 'duplicate',
    state: 'queued',
    digest: own.digest,
  });
  await transaction.commit();
  expect(await queue.stats()).toMatchObject({ queued: 1, cancelled: 1 });
});

it('a key that two transactions use for two bodies is told in the log', async () => {
  const queue = open();
  const one = newDelivery();
  const [first, second] = [await beginTransaction(server.url), await beginTransaction(server.url)];
  await queue.add(one, first);
  await queue.add({ ...one, digest: 'another one' }, second);
  await first.commit();
  await second.commit();
  expect(await queue.stats()).toMatchObject({ queued: 1 });
  expect(LINES).toEqual([
    expect.stringMatching(new RegExp(`^A delivery was added in a transaction.* Fix: .* id=${one.id}$`)),
  ]);
});

it('what is added meanwhile without a transaction is not held up', async () => {
  const queue = open();
  await queue.start(workerOf());
  const one = newDelivery();
  const transaction = await beginTransaction(server.url);
  await queue.add(one, transaction);
  expect(await queue.add(one)).toEqual({ status: 'queued' });
  await isDelivered(queue, 1);
  await transaction.commit();
  await until('it is taken in', async () => {
    const rows = await server.query(`SELECT 1 FROM place_${places}.incoming`);
    return rows.length === 0;
  });
  expect(await queue.stats()).toMatchObject({ queued: 0, delivered: 1 });
});

it.each([
  ['characters of all kinds', { body: '{"name":"Zoë 🎉 \\u0000","lone":"\\ud800"}' }],
  ['a NUL', { body: 'a\0b' }],
  ['backslashes', { body: '\\x00 \\\\ \'" {,}' }],
  ['a large body', { body: 'é'.repeat(500_000) }],
  ['no body', {}],
])('what is added arrives as it is, in a transaction and without: %s', async (_, change) => {
  const queue = open();
  const sent: CallbackDelivery[] = [];
  const worker = workerOf();
  await queue.start({
    ...worker,
    attempt: (delivery, count) => (sent.push(delivery), worker.attempt(delivery, count)),
  });
  const withBody = (delivery: CallbackDelivery): CallbackDelivery => {
    const { body: _body, ...plain } = delivery.request;
    const request = { ...plain, ...change };
    return { ...delivery, key: 'a \0 key', context: '{"a":"\\u0000"}', digest: digestOf(request), request };
  };
  const [plain, joined] = [withBody(newDelivery()), withBody(newDelivery())];
  const transaction = await beginTransaction(server.url);
  await queue.add(joined, transaction);
  await transaction.commit();
  await queue.add(plain);
  await isDelivered(queue, 2);
  expect(sent.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([plain, joined]);
  expect((await queue.deliveries({ key: 'a \0 key' }, { limit: 10 })).deliveries).toHaveLength(2);
});

it('a URL, a key and a host of any length are held', async () => {
  const queue = open();
  const worker = workerOf();
  await queue.start(worker);
  const long = 'x'.repeat(9_000);
  const all = ['a', 'b'].flatMap((end) => {
    const url = `https://${'h'.repeat(3_000)}.example/${long}${end}`;
    return [1, 2].map(() => {
      const delivery = newDelivery();
      const request = { ...delivery.request, url };
      return { ...delivery, key: `${long}${end}`, receiver: url, digest: digestOf(request), request };
    });
  });
  const transaction = await beginTransaction(server.url);
  for (const [index, one] of all.entries()) await queue.add(one, index % 2 === 0 ? transaction : undefined);
  await transaction.commit();
  await isDelivered(queue, 4);
  expect((await queue.deliveries({ key: `${long}a` }, { limit: 10 })).deliveries).toHaveLength(2);
  const host = new URL(all[0]!.receiver).host;
  expect((await queue.deliveries({ host }, { limit: 10 })).deliveries).toHaveLength(4);
});

it('a transaction stays usable if the tables are not there', async () => {
  const queue = open('nowhere', { migrate: false });
  const transaction = await beginTransaction(server.url);
  await expect(queue.add(newDelivery(), transaction)).rejects.toThrow('postgresQueueSchema()');
  expect(await transaction.query('SELECT 1 AS one', [])).toEqual([{ one: 1 }]);
  await transaction.rollback();
});

it('a transaction on another database is told of', async () => {
  const queue = open();
  const transaction = await beginTransaction(await server.createDatabase('other'));
  await expect(queue.add(newDelivery(), transaction)).rejects.toMatchObject({ code: 'CALLBACK_QUEUE' });
  await transaction.rollback();
});
