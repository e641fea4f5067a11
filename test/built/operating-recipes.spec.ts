import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { CallbackQueueError } from 'nestjs-callbacks';
import type { Callbacks, DeliveryFilter, DeliveryPage } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { prepareExamples, runExamples } from '../support/documentation.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import type { Receiver } from '../support/start-receiver.js';

interface Forgetting {
  forgetFailures(until: Date): Promise<{ count: number }>;
  forgetInvoice(invoiceId: string): Promise<{ count: number }>;
}

let exported: Readonly<Record<string, unknown>>;
let app: INestApplication;
let callbacks: Callbacks;
let receiver: Receiver;
let url: string;

beforeAll(async () => {
  await prepareExamples();
  ({ exported } = await runExamples('docs/operating.md'));
});

beforeEach(async () => {
  receiver = await receiving((_, response) => response.writeHead(503).end('down for maintenance'), ok);
  const controllers = ['CallbacksAdminController', 'CallbacksMetricsController'].map((name) => exported[name] as Type);
  const providers = [exported['ForgottenCallbacks'] as Type];
  const imports = [ScheduleModule.forRoot(), exported['HealthModule'] as Type];
  const options = { retry: { schedule: [3_600_000], jitter: 0 } };
  ({ app, callbacks } = await start(receiver.port, options, { controllers, providers, imports }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await closeAll();
});

/** A delivery whose first attempt has failed. */
async function enqueueRefused(invoice = '2expen51ve'): Promise<string> {
  const key = `invoice-${invoice}-paid`;
  const urls = { invoiceNotification: `${receiver.url}/events/invoices/${invoice}` };
  const queued = await callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(event);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ due: 0, inFlight: 0 }));
  return 'id' in queued ? queued.id : '';
}

async function request(method: string, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}${path}`, { method });
  return [response.status, await response.json()];
}

it('all deliveries of a host are sent again', async () => {
  await enqueueRefused();
  const host = `127.0.0.1:${receiver.port}`;
  expect(await request('POST', '/admin/callbacks/retry?host=www.external.org')).toEqual([201, { count: 0 }]);
  expect(await request('POST', `/admin/callbacks/retry?host=${host}&until=2100-01-01`)).toEqual([201, { count: 1 }]);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
});

it('a delivery is cancelled, and forgotten once it has ended', async () => {
  const id = await enqueueRefused();
  expect(await request('DELETE', `/admin/callbacks/${id}`)).toEqual([
    409,
    expect.objectContaining({ message: `The delivery ${id} has not ended: it is queued. Fix: cancel() it first.` }),
  ]);
  expect(await request('POST', `/admin/callbacks/${id}/cancel`)).toEqual([201, { id, state: 'cancelled' }]);
  expect(await request('DELETE', `/admin/callbacks/${id}`)).toEqual([200, { count: 1 }]);
  expect(await request('GET', `/admin/callbacks/${id}`)).toEqual([404, expect.anything()]);
});

it.each([
  ['GET', '/admin/callbacks/msg_unknown', 404],
  ['POST', '/admin/callbacks/msg_unknown/retry', 404],
  ['POST', '/admin/callbacks/msg_unknown/cancel', 404],
  ['DELETE', '/admin/callbacks/msg_unknown', 404],
  ['GET', '/admin/callbacks?state=lost', 400],
  ['GET', '/admin/callbacks?sate=failed', 400],
  ['GET', '/admin/callbacks?key=', 400],
  ['GET', '/admin/callbacks?key=1&key=2', 400],
  ['GET', '/admin/callbacks?since=noon', 400],
  ['GET', '/admin/callbacks?limit=501', 400],
  ['GET', '/admin/callbacks?cursor=nonsense', 400],
  ['GET', '/admin/callbacks/msg_%0A', 404],
  ['POST', '/admin/callbacks/retry', 400],
  ['POST', '/admin/callbacks/retry?cursor=1', 400],
  ['POST', '/admin/callbacks/msg_%0A/retry', 404],
])('%s %s is answered with %i', async (method, path, status) => {
  expect(await request(method, path)).toEqual([status, expect.objectContaining({ statusCode: status })]);
});

it('the pages of a list are linked by their cursor', async () => {
  const ids = [await enqueueRefused('1'), await enqueueRefused('2'), await enqueueRefused('3')];
  const page = async (query: string) => (await request('GET', `/admin/callbacks?limit=2${query}`))[1] as DeliveryPage;
  const first = await page('');
  const last = await page(`&cursor=${first.next}`);
  expect([...first.deliveries, ...last.deliveries].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(last.next).toBeUndefined();
});

it('deliveries that failed two weeks before are forgotten each night', async () => {
  const id = await enqueueRefused();
  await receiver.close();
  // The second and last attempt finds no receiver.
  await callbacks.retry(id);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 1 }));
  const forget = jest.spyOn(callbacks, 'forget');
  await app.get(SchedulerRegistry).getCronJob('forget-callbacks').fireOnTick();
  expect(await forget.mock.results[0]!.value).toEqual({ count: 0 });
  const [{ until }] = forget.mock.calls[0] as unknown as [DeliveryFilter];
  expect(Math.round((Date.now() - until!.getTime()) / 86_400_000)).toBe(14);

  const forgetting = app.get<Forgetting>(exported['ForgottenCallbacks'] as Type<Forgetting>);
  expect(await forgetting.forgetFailures(new Date(Date.now() + 1))).toEqual({ count: 1 });
  expect(await callbacks.delivery(id)).toBeUndefined();
});

it('the deliveries of a customer are forgotten', async () => {
  const id = await enqueueRefused();
  const forgetting = app.get<Forgetting>(exported['ForgottenCallbacks'] as Type<Forgetting>);
  expect(await forgetting.forgetInvoice('2expen51ve')).toEqual({ count: 0 });
  await callbacks.cancel(id);
  expect(await forgetting.forgetInvoice('2expen51ve')).toEqual({ count: 1 });
  expect(await callbacks.stats()).toMatchObject({ queued: 0, cancelled: 0 });
});

describe('the health check', () => {
  const health = () => request('GET', '/health');
  const counts = { queued: 0, due: 0, inFlight: 0, delivered: 0, failed: 0, cancelled: 0 };
  const up = (given: object) => [
    200,
    expect.objectContaining({ status: 'ok', info: { callbacks: expect.objectContaining({ status: 'up', ...given }) } }),
  ];

  it('counts deliveries', async () => {
    expect(await health()).toEqual(up(counts));
    await enqueueRefused();
    expect(await health()).toEqual(up({ ...counts, queued: 1 }));
  });

  it.each([
    [
      'nobody works on what is due',
      async () => ({ ...counts, queued: 1, due: 1, oldestDueAt: new Date(0) }),
      { due: 1 },
    ],
    [
      'the queue is out of reach',
      async () => {
        throw new CallbackQueueError('Redis is away.');
      },
      { message: 'The queue is out of reach.' },
    ],
  ])('answers 503 if %s', async (_, stats, details) => {
    jest.spyOn(callbacks, 'stats').mockImplementation(stats);
    const down = { callbacks: expect.objectContaining({ status: 'down', ...details }) };
    expect(await health()).toEqual([503, expect.objectContaining({ status: 'error', error: down })]);
  });
});

it('the metrics count deliveries by state, and attempts by callback and outcome', async () => {
  const id = await enqueueRefused();
  await callbacks.retry(id);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const callback = 'callback="InvoiceCallbacks.invoiceNotification"';
  for (const line of [
    'callbacks_deliveries{state="delivered"} 1',
    'callbacks_deliveries{state="queued"} 0',
    'callbacks_oldest_due_seconds 0',
    `callbacks_attempt_seconds_count{${callback},outcome="failed"} 1`,
    `callbacks_attempt_seconds_count{${callback},outcome="delivered"} 1`,
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  // Strangers choose these.
  expect(text).not.toMatch(/127\.0\.0\.1|2expen51ve/);
});
