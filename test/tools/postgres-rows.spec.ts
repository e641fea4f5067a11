import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CallbackQueue } from 'nestjs-callbacks';
import { postgresQueue } from 'nestjs-callbacks/postgres';
import { failed, newDelivery, until, workerOf } from '../support/queue-work.js';
import { startPostgres } from '../support/start-postgres.js';
import type { PostgresServer } from '../support/start-postgres.js';

let server: PostgresServer;
let places = 0;
const OPEN: CallbackQueue[] = [];
const LINES: string[] = [];

/** A queue in a schema of its own, whose table can be changed by hand. */
function open(options = {}) {
  const schema = `place_${++places}`;
  const queue = postgresQueue({ connection: server.url, schema, ...options });
  OPEN.push(queue);
  const change = (assignments: string, id: string) =>
    server.query(`UPDATE ${schema}.deliveries SET ${assignments} WHERE id = $1`, [id]);
  return { queue, schema, change };
}

const all = async (queue: CallbackQueue) => (await queue.deliveries({}, { limit: 500 })).deliveries;

beforeAll(async () => {
  const note = (line: unknown) => void LINES.push(String(line));
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

describe('a row that a newer version wrote', () => {
  it.each([
    ['in its column', 'version = 2'],
    ['in its JSON alone', `delivery = jsonb_set(delivery::jsonb, '{version}', '2')::text`],
  ])('is left alone, and is told of once: %s', async (_, assignments) => {
    const { queue, change } = open();
    const [newer, good, later] = [newDelivery(), newDelivery(), newDelivery()];
    await queue.add(newer);
    await queue.add(good);
    await change(assignments, newer.id);
    const worker = workerOf();
    await queue.start(worker);
    await until('it is told', () => LINES.some((line) => line.includes('format 2')));
    await until('the other one is delivered', async () => (await queue.stats()).delivered === 1);
    await queue.add(later);
    await until('a later one is delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids).toEqual([good.id, later.id]);
    expect(await queue.delivery(newer.id)).toMatchObject({ state: 'queued', attempts: 0 });
    for (const ask of ['retry', 'forget'] as const) expect(await queue[ask]([newer.id])).toEqual([]);
    expect(await queue.cancel([newer.id])).toEqual({ cancelled: [], inFlight: [] });
    expect((await queue.deliveries({ state: 'queued' }, { limit: 10 })).deliveries).toHaveLength(1);
    expect(LINES.filter((line) => line.includes('format 2'))).toEqual([
      expect.stringMatching(/^The queue in the schema .* holds deliveries of format 2.* Fix: update/),
    ]);
  });
});

describe('what nobody could have written', () => {
  it.each([
    ['JSON that is none', `delivery = '{'`],
    ['bytes that are not UTF-8 in the body', `body = '\\xff'`],
    ['no receiver', `receiver = ''`],
    ['a receiver that is no URL', `receiver = 'nowhere'`],
    ['another receiver', `receiver = 'https://elsewhere.external.org/'`],
    ['a receiver that looks like a hash', `receiver = repeat('x', 900)`],
    ['another id', `delivery = replace(delivery, '"id":"msg', '"id":"other')`],
    ['an endless count of attempts', `attempts = 9223372036854775807`],
    ['a negative count of attempts', `attempts = -1`],
    ['a URL that is none', `delivery = jsonb_set(delivery::jsonb, '{request,url}', '"nowhere"')::text`],
    ['a header that is no string', `delivery = jsonb_set(delivery::jsonb, '{request,headers,a}', '1')::text`],
    ['a retry schedule that is none', `delivery = jsonb_set(delivery::jsonb, '{retry}', '"daily"')::text`],
    ['a context that is not JSON', `delivery = jsonb_set(delivery::jsonb, '{context}', '"{"')::text`],
  ])('%s is a failed delivery that says why, and stops nobody', async (_, assignments) => {
    const { queue, change } = open();
    const [bad, good] = [newDelivery(), newDelivery()];
    await queue.add(bad);
    await queue.add(good);
    await change(assignments, bad.id);
    const worker = workerOf();
    await queue.start(worker);
    await until('both have ended', async () => {
      const stats = await queue.stats();
      return stats.delivered === 1 && stats.failed === 1;
    });
    expect(worker.ids).toEqual([good.id]);
    const [failure] = (await queue.deliveries({ state: 'failed' }, { limit: 10 })).deliveries;
    expect(failure?.error).toMatch(/is damaged: .*\. Fix: /);
  });

  it.each([
    ['waits for a thousand years', `state = 'waiting', due = 33000000000000`],
    ['waits for ever', `state = 'waiting', due = 9223372036854775807`],
    ['has been due for ever', 'due = -9223372036854775807'],
    ['is leased for a thousand years', `state = 'leased', worker = 'nobody', due = 33000000000000`],
    ['is leased by nobody', `state = 'leased', worker = NULL, due = 0`],
    ['was enqueued before time began', 'enqueued_at = -9223372036854775807, updated_at = 9223372036854775807'],
    ['has a history that is none', `history = '[1,{"at":"soon"}'`],
  ])('a delivery that %s is attempted', async (_, assignments) => {
    const { queue, change } = open();
    const one = newDelivery();
    await queue.add(one);
    await change(assignments, one.id);
    await queue.stats();
    await queue.start(workerOf());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    const details = (await queue.delivery(one.id))!;
    expect(details.history).toHaveLength(1);
    for (const time of [details.enqueuedAt, details.updatedAt]) expect(time.getTime()).not.toBeNaN();
  });
});

describe('what has ended', () => {
  it('is sent again with its body if bodies are kept', async () => {
    const { queue } = open({ keepBodies: true });
    const bodies: (string | undefined)[] = [];
    const worker = workerOf();
    const attempt: typeof worker.attempt = (delivery, count) => {
      bodies.push(delivery.request.body);
      return worker.attempt(delivery, count);
    };
    await queue.start({ ...worker, attempt });
    const one = newDelivery();
    await queue.add(one);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(await queue.retry([one.id])).toEqual([one.id]);
    await until('it is delivered again', () => bodies.length === 2);
    expect(bodies).toEqual([one.request.body, one.request.body]);
  });

  it('is forgotten after a while', async () => {
    const { queue } = open({ remember: 300, rememberFailed: 600 });
    const [bad, waiting] = [newDelivery(), newDelivery()];
    await queue.start(workerOf(failed));
    await queue.add(bad);
    await until('it failed', async () => (await queue.stats()).failed === 1);
    await queue.stop(1_000);
    await queue.add(waiting);
    await queue.cancel([waiting.id]);
    expect(await all(queue)).toHaveLength(2);
    await queue.start(workerOf());
    await queue.add(newDelivery());
    await until('all are forgotten', async () => (await all(queue)).length === 0);
    expect(await queue.stats()).toEqual({ queued: 0, due: 0, inFlight: 0, delivered: 0, failed: 0, cancelled: 0 });
  });
});

it('a list of a time has all that changed in it, in whatever state', async () => {
  const { queue, change } = open();
  const six = Array.from({ length: 6 }, () => newDelivery());
  await Promise.all(six.map((one) => queue.add(one)));
  const states = ['ready', 'waiting', 'leased', 'delivered', 'failed', 'cancelled'];
  for (const [index, state] of states.entries()) {
    // A statement reads the clock twice.
    await change(
      `state = '${state}', updated_at = ${1_000 * (index + 1)}, due = ${1_000 * (index + 1) - 1}`,
      six[index]!.id,
    );
  }
  const found = async (since: number, end?: number) => {
    const filter = { since: new Date(since), ...(end !== undefined && { until: new Date(end) }) };
    const [first, next] = [await queue.deliveries(filter, { limit: 2 }), await queue.deliveries(filter, { limit: 10 })];
    expect(first.deliveries).toEqual(next.deliveries.slice(0, 2));
    return next.deliveries.map(({ updatedAt }) => updatedAt.getTime() / 1_000).toSorted();
  };
  expect(await found(0)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await found(2_000, 6_000)).toEqual([2, 3, 4, 5]);
  expect(await found(5_001)).toEqual([6]);
  expect(await found(7_000)).toEqual([]);
});

it('a filter of any characters finds what is there', async () => {
  const { queue } = open();
  await queue.add(newDelivery());
  for (const name of ['callback', 'host', 'key'] as const) {
    expect(await queue.deliveries({ [name]: "a\0'b\ud800" }, { limit: 10 })).toEqual({ deliveries: [] });
  }
});

it('the counts are added up, and stay right', async () => {
  const { queue, schema } = open();
  await queue.start(workerOf());
  for (let count = 0; count < 300; count++) await queue.add(newDelivery());
  await until('all are delivered', async () => (await queue.stats()).delivered === 300);
  await until('they are added up', async () => {
    const [row] = await server.query<{ count: string }>(`SELECT count(*) FROM ${schema}.counts`);
    return Number(row!.count) < 300;
  });
  expect(await queue.stats()).toEqual({ queued: 0, due: 0, inFlight: 0, delivered: 300, failed: 0, cancelled: 0 });
});
