import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import Database from 'libsql';
import { eventually } from '../support/eventually.js';
import { startExample } from '../support/start-example.js';
import type { Example } from '../support/start-example.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let database: string;
let example: Example;

beforeAll(async () => {
  redis = await startRedis();
  database = join(await mkdtemp(join(tmpdir(), 'invoices-')), 'invoices.db');
  // As an earlier version of the example has left it, with a callback that its queue did not get.
  const file = new Database(database);
  file.exec('CREATE TABLE outbox (number INTEGER PRIMARY KEY, delivery TEXT NOT NULL) STRICT');
  file.prepare('INSERT INTO outbox (delivery) VALUES (?)').run('{ damaged');
  file.close();
  example = await startExample({ database, redisUrl: redis.url });
});
afterAll(async () => {
  await example.stop();
  await redis.close();
});

function create(id: string): Promise<Response> {
  const callbackUrl = /callback_url=(\S+?)'/.exec(example.output())![1]!;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ id, customer: 'Mr. Richie Rich', total: 9999 });
  return fetch(`${example.url}/invoices?callback_url=${callbackUrl}`, { method: 'POST', headers, body });
}

function pay(id: string): Promise<Response> {
  return fetch(`${example.url}/invoices/${id}/payment`, { method: 'POST' });
}

function isDelivered(id: string): Promise<void> {
  return eventually(async () =>
    expect(await (await fetch(`${example.url}/invoices/${id}`)).json()).toMatchObject({
      paid: true,
      notification: { status: 'delivered', reply: { ok: true } },
    }),
  );
}

it('plays the story of the invoices with REDIS_URL, and the callback that was saved while Redis was away', async () => {
  await create('one');
  await create('two');
  await pay('one');
  await isDelivered('one');
  await redis.end('SIGKILL');
  expect((await pay('two')).status).toBe(201);
  await redis.restart();
  await isDelivered('two');
}, 90_000);

it('keeps a callback that no queue takes, and delivers those behind it, also after a restart', async () => {
  await create('three');
  const outbox = new Database(database);
  const receiver = 'https://10.0.0.5/events';
  const callback = 'InvoiceCallbacks.invoiceNotification';
  const refused = { status: 'prepared', version: 1, id: 'msg_refused', callback, receiver, digest: 'a digest' };
  const request = { method: 'POST', url: receiver, headers: {}, body: '{}' };
  const save = outbox.prepare('INSERT INTO outbox (delivery) VALUES (?)');
  save.run(JSON.stringify({ ...refused, request }));
  expect((await pay('three')).status).toBe(201);
  await isDelivered('three');
  // The outbox settles its rows once the queue has taken the last of them, which may have sent it by then.
  await eventually(() =>
    expect(outbox.prepare('SELECT reason FROM refused_callbacks').all()).toEqual([
      { reason: expect.stringContaining('JSON') },
      { reason: expect.stringContaining('10.0.0.5 is a private address') },
    ]),
  );

  save.run(JSON.stringify({ ...refused, request: {} }));
  await example.stop();
  example = await startExample({ database, redisUrl: redis.url });
  await create('four');
  expect((await pay('four')).status).toBe(201);
  await isDelivered('four');
  await eventually(() => expect(outbox.prepare('SELECT number FROM outbox').all()).toEqual([]));
  expect(outbox.prepare('SELECT reason FROM refused_callbacks').all()).toHaveLength(3);
  outbox.close();
}, 90_000);
