import { afterEach, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  CallbackContractError,
  CallbackQueueError,
  Callbacks,
  CallbacksModule,
  CallbackUrlError,
  memoryQueue,
} from 'nestjs-callbacks';
import type { CallbackDelivered, CallbackQueue, PreparedCallback, QueueWorker } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll, closing } from '../support/closing.js';
import { event, ok, create, receiving, start, urlsAt } from '../support/enqueueing.js';
import type { Told } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoiceEventReceived } from '../support/invoices.js';
import type { InvoiceEvent } from '../support/invoices.js';

afterEach(closeAll);

describe('enqueue()', () => {
  it('resolves once the queue holds the callback, which is then sent', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const result = await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    expect(result).toEqual({ status: 'queued', id: expect.stringMatching(/^msg_/) });
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    const [[name, told]] = outcomes.told as [Told];
    expect(name).toBe('delivered');
    expect(told).toEqual({
      id: 'id' in result && result.id,
      callback: 'InvoiceCallbacks.invoiceNotification',
      url: `${receiver.url}/invoices/2expen51ve`,
      attempt: 1,
      duration: expect.any(Number),
      statusCode: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      body: { ok: true },
    });
    expect((told as CallbackDelivered).body).toBeInstanceOf(InvoiceEventReceived);
    expect(await callbacks.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 1, failed: 0 });
  });

  it('skips a callback that the client did not ask for', async () => {
    const { callbacks } = await start(undefined);
    expect(await callbacks.enqueue(InvoiceCallbacks, {}).invoiceNotification(event)).toEqual({ status: 'skipped' });
    expect(await callbacks.prepare(InvoiceCallbacks, {}).invoiceNotification(event)).toEqual({ status: 'skipped' });
    expect(await callbacks.submit({ status: 'skipped' })).toEqual({ status: 'skipped' });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
  });

  it('rejects what the receiver must not get, and stores nothing', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    const wrong = { description: 7 } as unknown as InvoiceEvent;
    await expect(callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(wrong)).rejects.toThrow(
      CallbackContractError,
    );
    await expect(
      callbacks.enqueue(InvoiceCallbacks, { invoiceNotification: 'https://10.0.0.1/' }).invoiceNotification(event),
    ).rejects.toThrow(CallbackUrlError);
    await expect(
      callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { key: '' }).invoiceNotification(event),
    ).rejects.toThrow('The `key` of a callback must be a string that is not empty.');
    expect(await callbacks.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 0, failed: 0 });
  });

  it('with one key twice is one delivery, and one to each URL', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    const enqueue = (path: string) =>
      callbacks
        .enqueue(InvoiceCallbacks, { invoiceNotification: `${receiver.url}${path}` }, { key: 'invoice-1' })
        .invoiceNotification(event);
    const [first, second, other] = [await enqueue('/a'), await enqueue('/a'), await enqueue('/b')];
    expect(first).toEqual({ status: 'queued', id: expect.any(String) });
    expect(second).toEqual({ ...first, status: 'duplicate', state: expect.any(String) });
    expect(other).not.toEqual(first);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 2, queued: 0 }));
    expect(await enqueue('/a')).toEqual({ ...first, status: 'duplicate', state: 'delivered' });
    expect(await callbacks.stats()).toMatchObject({ delivered: 2, queued: 0, inFlight: 0 });
    expect(receiver.requests.map(({ url }) => url).toSorted()).toEqual(['/a', '/b']);
  });

  it.each([null, undefined])('refuses %j instead of the URLs', async (urls) => {
    const { callbacks } = await start(undefined);
    expect(() => callbacks.enqueue(InvoiceCallbacks, urls)).toThrow(
      'InvoiceCallbacks was not sent: the URLs must be an object. Fix: pass what @CallbackUrls() or urls() returned.',
    );
  });

  it('is rejected by a full queue, which keeps its deliveries', async () => {
    const receiver = await receiving(() => undefined);
    const { callbacks } = await start(receiver.port, { queue: memoryQueue({ capacity: 2 }), timeout: 200 });
    const enqueue = () => callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await enqueue();
    await enqueue();
    await expect(enqueue()).rejects.toThrow(CallbackQueueError);
    await expect(enqueue()).rejects.toThrow('it holds 2 deliveries. Fix: use a durable queue, or raise its `capacity`');
    await eventually(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(2));
  });
});

describe('prepare() and submit()', () => {
  it('make one delivery of plain JSON, however often it is submitted', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port);
    const prepared = await callbacks
      .prepare(InvoiceCallbacks, urlsAt(receiver), { key: 'invoice-1' })
      .invoiceNotification(event);
    expect(prepared).toEqual({
      status: 'prepared',
      version: 1,
      id: expect.stringMatching(/^msg_[\w-]{43}$/),
      callback: 'InvoiceCallbacks.invoiceNotification',
      key: 'invoice-1',
      receiver: receiver.url,
      digest: expect.any(String),
      request: {
        method: 'POST',
        url: `${receiver.url}/invoices/2expen51ve`,
        headers: { accept: 'application/json', 'content-type': 'application/json' },
        body: JSON.stringify(event),
      },
    });
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
    const saved = JSON.parse(JSON.stringify(prepared)) as PreparedCallback;
    expect(saved).toEqual(prepared);
    for (let time = 1; time <= 3; time++) {
      const status = time === 1 ? 'queued' : 'duplicate';
      expect(await callbacks.submit(saved)).toMatchObject({ status, id: 'id' in prepared && prepared.id });
    }
    await eventually(() =>
      expect(outcomes.told).toEqual([['delivered', expect.objectContaining({ key: 'invoice-1' })]]),
    );
    expect(receiver.requests).toHaveLength(1);
  });

  it('reject what prepare() did not return', async () => {
    const { callbacks } = await start(undefined);
    await expect(callbacks.submit({ id: 'msg_1' })).rejects.toThrow(
      'A delivery was not sent: status: must be "prepared" or "skipped"',
    );
    const prepared = {
      status: 'prepared' as const,
      version: 1 as const,
      id: 'msg_1',
      callback: 'InvoiceCallbacks.invoiceNotification',
      receiver: 'https://169.254.169.254/',
      digest: 'a digest',
      request: { method: 'POST', url: 'https://169.254.169.254/', headers: {} },
    };
    await expect(callbacks.submit(prepared)).rejects.toThrow(CallbackUrlError);
  });
});

it('continues while another app with the same queue is closed', async () => {
  const receiver = await receiving(ok);
  const queue = memoryQueue();
  const { callbacks, outcomes } = await start(receiver.port, { queue });
  const other = await create(receiver.port, { queue });
  await expect(other.init()).rejects.toThrow('belongs to another app. Fix: give each app its own queue.');
  await other.close();
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(1));
});

it('continues while another app, which got its queue during the start, is closed', async () => {
  const memory = memoryQueue();
  let isTaken = false;
  let isClosed = false;
  let go: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (go = resolve));
  const asked = ['add', 'stop', 'delivery', 'deliveries', 'retry', 'cancel', 'forget', 'stats'] as const;
  // The in-memory queue, whose start takes as long as the test says.
  const slow = {
    ...Object.fromEntries(asked.map((name) => [name, memory[name].bind(memory)])),
    title: 'This queue',
    async start(worker: QueueWorker) {
      isTaken = true;
      await told;
      await memory.start(worker);
    },
    close: () => ((isClosed = true), memory.close()),
  } as unknown as CallbackQueue;
  const receiver = await receiving(ok);
  const starting = start(receiver.port, { queue: slow });
  await eventually(() => expect(isTaken).toBe(true));
  const other = await create(receiver.port, { queue: slow });
  await expect(other.init()).rejects.toThrow('belongs to another app');
  await other.close();
  expect(isClosed).toBe(false);
  go();
  const { callbacks, outcomes } = await starting;
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(1));
});

it('opens no queue if a test has replaced the provider', async () => {
  @Module({ imports: [CallbacksModule.forRoot({ queue: sqliteQueue({ file: '/nowhere/callbacks.db' }) })] })
  class TestModule {}
  const testing = Test.createTestingModule({ imports: [TestModule] });
  const app = closing((await testing.overrideProvider(Callbacks).useValue({}).compile()).createNestApplication());
  await expect(app.init()).resolves.toBe(app);
});

it('closes its connections though its queue cannot be closed', async () => {
  const receiver = await receiving(ok);
  const close = async () => {
    throw new CallbackQueueError('There is no disk.');
  };
  const app = await create(receiver.port, { queue: Object.assign(memoryQueue(), { close }) });
  await app.init();
  const send = () => app.get(Callbacks).send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  expect(await send()).toMatchObject({ status: 'delivered' });
  // Nest logs the error.
  await app.close();
  await expect(send()).rejects.toThrow('the transport has been closed');
});

it('accepts nothing after the app was closed', async () => {
  const { app, callbacks } = await start(undefined);
  await app.close();
  const urls = { invoiceNotification: 'https://www.external.org/' };
  await expect(callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event)).rejects.toThrow(
    'The in-memory queue is closed. Fix: use it before the app has shut down.',
  );
});

it('sends nothing in a process with a concurrency of 0', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port, { concurrency: { total: 0 } });
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  // By then, the queue would have sent it.
  await callbacks.send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  expect(receiver.requests).toHaveLength(1);
  expect(await callbacks.stats()).toMatchObject({ queued: 1, inFlight: 0, delivered: 0, failed: 0 });
});

it('continues with the others while one receiver hangs', async () => {
  const dead = await receiving(() => undefined);
  const alive = await receiving(ok);
  const egress = { allow: ['127.0.0.1'], ports: [dead.port, alive.port], http: true };
  const { callbacks } = await start(undefined, { egress, concurrency: { total: 4, perHost: 2 }, timeout: 30_000 });
  for (let index = 0; index < 10; index++) {
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(dead)).invoiceNotification(event);
  }
  for (let index = 0; index < 50; index++) {
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(alive)).invoiceNotification(event);
  }
  await eventually(() => expect(alive.requests).toHaveLength(50));
  expect(dead.requests.length).toBeLessThanOrEqual(2);
  // Else the app waits for its attempt when it closes.
  await dead.close();
});
