import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CallbackContractError, memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, replying, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { failure } from '../support/failure.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

const QUEUES: [title: string, queue: () => Promise<CallbackQueue>][] = [
  ['in memory', async () => memoryQueue()],
  ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
];

const other = { ...event, description: 'Another celebration' };
const key = 'invoice-1-paid';

describe.each(QUEUES)('a key that is known, on the queue %s', (_, queue) => {
  async function scene(...listeners: RequestListener[]) {
    const receiver = await receiving(...listeners);
    const started = await start(receiver.port, { queue: await queue(), retry: { schedule: [600_000], jitter: 0 } });
    const enqueue = (body = event, path = '') => {
      const urls = { invoiceNotification: `${urlsAt(receiver).invoiceNotification}${path}` };
      return started.callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(body);
    };
    return { ...started, receiver, enqueue };
  }

  it('with another body is CALLBACK_KEY_REUSED, and the first is sent once', async () => {
    const { callbacks, enqueue, receiver } = await scene(ok);
    const first = await enqueue();
    expect(first).toMatchObject({ status: 'queued' });
    expect(await failure(enqueue(other), CallbackContractError)).toMatchObject({
      code: 'CALLBACK_KEY_REUSED',
      callback: 'InvoiceCallbacks.invoiceNotification',
      message: expect.stringContaining(`its key '${key}' was used before for another body`),
    });
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1, queued: 0 }));
    // Its body is gone by now; the digest is not.
    expect(await failure(enqueue(other), CallbackContractError)).toMatchObject({ code: 'CALLBACK_KEY_REUSED' });
    expect(receiver.requests.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([event]);
    expect(await callbacks.stats()).toMatchObject({ delivered: 1, queued: 0, failed: 0 });
  });

  it('with another body is CALLBACK_KEY_REUSED if it is submitted too', async () => {
    const { callbacks, receiver } = await scene(ok);
    const prepare = (body: typeof event) =>
      callbacks.prepare(InvoiceCallbacks, urlsAt(receiver), { key }).invoiceNotification(body);
    const [first, second] = [await prepare(event), await prepare(other)];
    expect(await callbacks.submit(first)).toMatchObject({ status: 'queued' });
    expect(await failure(callbacks.submit(second), CallbackContractError)).toMatchObject({
      code: 'CALLBACK_KEY_REUSED',
    });
    await eventually(() => expect(receiver.requests).toHaveLength(1));
  });

  it('with another body for another URL is another delivery', async () => {
    const { enqueue, receiver } = await scene(ok);
    expect(await enqueue(event)).toMatchObject({ status: 'queued' });
    expect(await enqueue(other, '/other')).toMatchObject({ status: 'queued' });
    await eventually(() => expect(receiver.requests).toHaveLength(2));
  });

  it.each<['queued' | 'delivered' | 'failed', RequestListener]>([
    ['queued', replying(503)],
    ['delivered', ok],
    ['failed', replying(410)],
  ])('with the same body is a duplicate that is %s, and nothing is sent', async (state, listener) => {
    const { callbacks, enqueue, receiver } = await scene(listener);
    const first = await enqueue();
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ inFlight: 0, [state]: 1 }));
    expect(await enqueue()).toEqual({ ...first, status: 'duplicate', state });
    expect(await callbacks.stats()).toMatchObject({ inFlight: 0, [state]: 1 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('with the same body is a duplicate that is cancelled', async () => {
    const { callbacks, enqueue, receiver } = await scene(replying(503));
    const first = await enqueue();
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ inFlight: 0, queued: 1 }));
    expect(await callbacks.cancel('id' in first ? first.id : '')).toMatchObject({ state: 'cancelled' });
    expect(await enqueue()).toEqual({ ...first, status: 'duplicate', state: 'cancelled' });
    expect(receiver.requests).toHaveLength(1);
  });

  it('with the same body is a duplicate that is queued while it is in flight', async () => {
    let reply = () => {};
    const { enqueue, receiver } = await scene((_request, response) => {
      reply = () => void response.end('{"ok":true}');
    });
    const first = await enqueue();
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    expect(await enqueue()).toEqual({ ...first, status: 'duplicate', state: 'queued' });
    reply();
  });

  it('is a success of submit(), however often it is submitted', async () => {
    const { callbacks, receiver } = await scene(ok);
    const prepared = await callbacks.prepare(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    const stored = JSON.stringify(prepared);
    const first = await callbacks.submit(JSON.parse(stored));
    expect(first).toMatchObject({ status: 'queued' });
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    const again = { ...first, status: 'duplicate', state: 'delivered' };
    expect(await callbacks.submit(JSON.parse(stored))).toEqual(again);
    expect(await callbacks.submit(prepared)).toEqual(again);
    expect(receiver.requests).toHaveLength(1);
  });
});
