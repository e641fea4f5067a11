import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startExample } from '../support/start-example.js';
import type { Example } from '../support/start-example.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';

let redis: RedisServer;
let example: Example;

beforeAll(async () => {
  redis = await startRedis();
  example = await startExample({ redisUrl: redis.url });
}, 60_000);
afterAll(async () => {
  await example.stop();
  await redis.close();
});

it('plays the story of the invoices with REDIS_URL, and the callback that was saved while Redis was away', async () => {
  const callbackUrl = /callback_url=(\S+?)'/.exec(example.output())![1]!;
  const invoices = `${example.url}/invoices`;
  const headers = { 'content-type': 'application/json' };
  const create = (id: string) => {
    const body = JSON.stringify({ id, customer: 'Mr. Richie Rich', total: 9999 });
    return fetch(`${invoices}?callback_url=${callbackUrl}`, { method: 'POST', headers, body });
  };
  const pay = (id: string) => fetch(`${invoices}/${id}/payment`, { method: 'POST' });
  const isDelivered = (id: string) =>
    eventually(async () =>
      expect(await (await fetch(`${invoices}/${id}`)).json()).toMatchObject({
        paid: true,
        notification: { status: 'delivered', reply: { ok: true } },
      }),
    );
  await create('one');
  await create('two');
  await pay('one');
  await isDelivered('one');
  await redis.end('SIGKILL');
  expect((await pay('two')).status).toBe(201);
  await redis.restart();
  await isDelivered('two');
}, 90_000);
