import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import { closeAll } from '../support/closing.js';
import { closeApps, createApp, documentOf } from '../support/create-app.js';
import { prepareExamples, runExamples } from '../support/documentation.js';
import { ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { callbacksOf } from '../support/find-operation.js';
import type { Receiver } from '../support/start-receiver.js';

interface Notifier {
  paid(invoice: { id: string; callbackUrl: string | null }): Promise<unknown>;
}

let exported: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  await prepareExamples();
  ({ exported } = await runExamples('docs/recipes.md'));
});
afterEach(async () => {
  await closeAll();
  await closeApps();
});

// What the page exports.
const classOf = <T extends object>(name: string) => exported[name] as Type<T>;

/** An app with a controller of the page, and a receiver that it may call. */
async function startRecipe(controller: string, webhooks: string[] = []) {
  const receiver = await receiving(ok);
  const options = { webhooks: webhooks.map((name) => classOf(name)) };
  const { app } = await start(receiver.port, options, { controllers: [classOf(controller)] });
  await app.listen(0, '127.0.0.1');
  return { app, receiver, url: await app.getUrl() };
}

async function request(method: string, url: string, body?: object): Promise<[status: number, reply: unknown]> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return [response.status, text === '' ? undefined : JSON.parse(text)];
}

/** The one request that comes. */
async function received({ requests }: Receiver) {
  await eventually(() => expect(requests).toHaveLength(1));
  const [{ method, url, headers, body }] = requests as [(typeof requests)[number]];
  return { method, url, headers, body: body.length === 0 ? undefined : (JSON.parse(String(body)) as unknown) };
}

const keysOf = (app: INestApplication, operation: string) =>
  Object.entries(callbacksOf(documentOf(app), operation)).map(([name, urls]) => [name, ...Object.keys(urls)]);

describe('a URL in a nested body', () => {
  it('is called with its token, which the document describes', async () => {
    const { app, receiver, url } = await startRecipe('ExportsController');
    const notify = { url: `${receiver.url}/done`, token: 'eyJ0.a-b_c' };
    expect(await request('POST', `${url}/exports`, { id: 'march', notify })).toEqual([201, undefined]);
    expect(await request('POST', `${url}/exports/march/finish`)).toMatchObject([201, { status: 'queued' }]);
    expect(await received(receiver)).toMatchObject({
      method: 'POST',
      url: '/done',
      headers: { authorization: 'Bearer eyJ0.a-b_c' },
      body: { download: 'https://files.example/march' },
    });
    const { security } = callbacksOf(documentOf(app), 'POST /exports')['finished']!['{$request.body#/notify/url}']![
      'post'
    ]!;
    expect(security).toEqual([expect.any(Object)]);
  });

  it('that was not given is skipped', async () => {
    const { url } = await startRecipe('ExportsController');
    await request('POST', `${url}/exports`, { id: 'march' });
    expect(await request('POST', `${url}/exports/march/finish`)).toEqual([201, { status: 'skipped' }]);
  });
});

it('of two URLs the one that is meant is called, and the other one is not asked for', async () => {
  const { app, receiver, url } = await startRecipe('TransfersController');
  expect(keysOf(app, 'POST /transfers')).toEqual([
    ['booked', '{$request.body#/success_url}'],
    ['refused', '{$request.body#/failure_url}'],
  ]);
  await request('POST', `${url}/transfers`, { id: '1', success_url: `${receiver.url}/booked` });
  expect(await request('POST', `${url}/transfers/1/refuse`)).toEqual([201, { status: 'skipped' }]);
  await request('POST', `${url}/transfers`, { id: '2', failure_url: `${receiver.url}/refused` });
  expect(await request('POST', `${url}/transfers/2/refuse`)).toMatchObject([201, { status: 'queued' }]);
  expect(await received(receiver)).toMatchObject({ url: '/refused', body: { reason: 'The account is closed.' } });
});

describe('the URL of an account', () => {
  it('is called for each event once it has answered a ping', async () => {
    const { app, receiver, url } = await startRecipe('AccountHooksController', ['AccountWebhooks']);
    expect(await request('POST', `${url}/accounts/rich/invoices/1/payment`)).toEqual([201, { status: 'skipped' }]);
    expect(await request('PUT', `${url}/accounts/rich/hook`, { url: `${receiver.url}/hooks` })).toEqual([
      200,
      undefined,
    ]);
    expect(await received(receiver)).toMatchObject({ method: 'POST', url: '/hooks', body: undefined });
    expect(await request('POST', `${url}/accounts/rich/invoices/1/payment`)).toMatchObject([201, { status: 'queued' }]);
    await eventually(() => expect(receiver.requests.map(({ url: path }) => path)).toEqual(['/hooks', '/hooks']));
    expect(Object.keys(documentOf(app, { openapi: '3.1.0' }).webhooks ?? {})).toEqual(['ping', 'invoicePaid']);
  });

  it.each(['https://10.0.0.5/hooks', 'not a URL', 'http://127.0.0.1:1/'])(
    'that is %s is refused, for the one reason',
    async (hook) => {
      const { url } = await startRecipe('AccountHooksController', ['AccountWebhooks']);
      expect(await request('PUT', `${url}/accounts/rich/hook`, { url: hook })).toMatchObject([
        400,
        { message: 'The server at this URL did not answer the ping with 2xx.' },
      ]);
    },
  );
});

it('a GET callback adds its parameters to the URL of the client', async () => {
  const { receiver, url } = await startRecipe('ImportsController');
  const doneUrl = encodeURIComponent(`${receiver.url}/done?state=7`);
  expect(await request('POST', `${url}/imports/march?done_url=${doneUrl}`)).toEqual([201, undefined]);
  await request('POST', `${url}/imports/march/end`);
  expect(await received(receiver)).toMatchObject({
    method: 'GET',
    url: '/done?state=7&id=march&rows=3',
    body: undefined,
  });
});

describe('what was sent by hand', () => {
  it('is sent to the same URL, with the same body, by the class', async () => {
    const receiver = await receiving(ok);
    const providers = [classOf<Notifier>('HandWrittenService'), classOf<Notifier>('EnqueuedService')];
    @Module({})
    class Empty {}
    const { app } = await start(receiver.port, {}, { imports: [Empty], providers });
    const invoice = { id: '2expen51ve', callbackUrl: `${receiver.url}/events` };
    for (const provider of providers) await app.get(provider).paid(invoice);
    await eventually(() => expect(receiver.requests).toHaveLength(2));
    const [byHand, byClass] = receiver.requests.map(({ method, url, body }) => ({ method, url, body: String(body) }));
    expect(byClass).toEqual(byHand);
    expect(byClass).toMatchObject({ url: '/events/invoices/2expen51ve' });
    expect(await app.get(providers[1]!).paid({ ...invoice, callbackUrl: null })).toEqual({ status: 'skipped' });
  });
});

it('what @ApiCallbacks() documented is documented by the class, with its model', async () => {
  const [before, after] = ['DocumentedInvoicesController', 'LinkedInvoicesController'].map((name) => classOf(name));
  const alone = documentOf(await createApp({ controllers: [before!] }));
  expect(Object.keys(alone.components?.schemas ?? {})).not.toContain('InvoiceEvent');
  const document = documentOf(await createApp({ controllers: [before!, after!] }));
  const given = callbacksOf(document, 'POST /documented-invoices');
  expect(callbacksOf(document, 'POST /linked-invoices')).toMatchObject(withoutReplies(given));
  expect(Object.keys(document.components?.schemas ?? {})).toContain('InvoiceEvent');
});

/** The decorator says nothing of the body of a reply, and describes each in words of its own. */
function withoutReplies(callbacks: object): object {
  return JSON.parse(
    JSON.stringify(callbacks, (name, value: unknown) => (name === 'responses' ? { 200: {} } : value)),
  ) as object;
}
