import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import type { Callbacks } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { blocksOf, prepareExamples, runExamples } from '../support/documentation.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import type { Receiver } from '../support/start-receiver.js';

const PAGE = 'docs/operating.md';

interface Forgetting {
  forgetOldFailures(now?: number): Promise<number>;
  forgetInvoice(invoiceId: string): Promise<number>;
}

let exported: Readonly<Record<string, unknown>>;
let app: INestApplication;
let callbacks: Callbacks;
let receiver: Receiver;
let url: string;

beforeAll(async () => {
  await prepareExamples();
  ({ exported } = await runExamples(PAGE));
});

beforeEach(async () => {
  receiver = await receiving((_, response) => response.writeHead(503).end('down for maintenance'), ok);
  const controllers = ['CallbacksAdminController', 'HealthController'].map((name) => exported[name] as Type);
  const options = { retry: { schedule: [3_600_000], jitter: 0 } };
  const providers = [exported['ForgottenCallbacks'] as Type];
  ({ app, callbacks } = await start(receiver.port, options, { controllers, providers }));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterEach(closeAll);

/** A delivery whose first attempt has failed. */
async function enqueueRefused(): Promise<string> {
  const key = 'invoice-2expen51ve-paid';
  const urls = { invoiceNotification: `${receiver.url}/events/invoices/2expen51ve` };
  const queued = await callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(event);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ queued: 1, due: 0, inFlight: 0 }));
  return 'id' in queued ? queued.id : '';
}

async function request(method: string, path: string): Promise<[number, unknown]> {
  const response = await fetch(`${url}${path}`, { method });
  return [response.status, await response.json()];
}

/** JSON without what no two deliveries have in common: ids, times and hosts. */
const withoutChance = (value: unknown) =>
  JSON.stringify(value, (name, part: unknown) => (name === 'duration' ? 0 : part))
    .replaceAll(/msg_[\w-]+/g, 'msg_')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time')
    .replaceAll(/https?:\/\/[\w.:]+\d|https:\/\/www\.external\.org/g, 'origin');

it('the night call: find it, read its attempts, send it again', async () => {
  const id = await enqueueRefused();
  const [, page] = await request('GET', '/admin/callbacks?key=invoice-2expen51ve-paid');
  expect(page).toEqual({ deliveries: [expect.objectContaining({ id, state: 'queued', attempts: 1 })] });

  const shown = JSON.parse(blocksOf(PAGE, 'json')[0]!) as { history: object[] };
  const [, delivery] = (await request('GET', `/admin/callbacks/${id}`)) as [number, typeof shown];
  expect(JSON.parse(withoutChance(delivery))).toEqual(JSON.parse(withoutChance(shown)));

  expect(await request('POST', `/admin/callbacks/${id}/retry`)).toEqual([201, { status: 'queued', id }]);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
  const [, delivered] = await request('GET', '/admin/callbacks?state=delivered');
  expect(delivered).toEqual({ deliveries: [expect.objectContaining({ id, attempts: 2 })] });
});

it('all deliveries of a host are sent again', async () => {
  await enqueueRefused();
  const host = encodeURIComponent(`127.0.0.1:${receiver.port}`);
  expect(await request('POST', `/admin/callbacks/hosts/${host}/retry`)).toEqual([201, { count: 1 }]);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
});

it('a delivery is cancelled, and forgotten once it has ended', async () => {
  const id = await enqueueRefused();
  expect(await request('DELETE', `/admin/callbacks/${id}`)).toEqual([
    409,
    expect.objectContaining({ message: `The delivery ${id} is queued, and has not ended. Fix: cancel() it first.` }),
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
])('%s %s is answered with %i', async (method, path, status) => {
  expect(await request(method, path)).toEqual([status, expect.objectContaining({ statusCode: status })]);
});

it('a night forgets what failed two weeks before', async () => {
  const id = await enqueueRefused();
  await receiver.close();
  // The second attempt, which is the last one, finds nobody.
  await callbacks.retry(id);
  await eventually(async () => expect(await callbacks.stats()).toMatchObject({ failed: 1 }));
  const forgetting = app.get<Forgetting>(exported['ForgottenCallbacks'] as Type<Forgetting>);
  expect(await forgetting.forgetOldFailures()).toBe(0);
  expect(await forgetting.forgetOldFailures(Date.now() + 15 * 86_400_000)).toBe(1);
  expect(await callbacks.delivery(id)).toBeUndefined();
});

it('the health check counts what there is, and what a customer wants to be forgotten is', async () => {
  const counted = { due: 0, inFlight: 0, delivered: 0, cancelled: 0 };
  expect(await request('GET', '/health')).toEqual([200, { ...counted, queued: 0, failed: 0 }]);
  const id = await enqueueRefused();
  expect(await request('GET', '/health')).toEqual([200, { ...counted, queued: 1, failed: 0 }]);

  await callbacks.cancel(id);
  const forgetting = app.get<Forgetting>(exported['ForgottenCallbacks'] as Type<Forgetting>);
  expect(await forgetting.forgetOldFailures()).toBe(0);
  expect(await forgetting.forgetInvoice('2expen51ve')).toBe(1);
  expect(await callbacks.stats()).toMatchObject({ queued: 0, cancelled: 0 });
});
