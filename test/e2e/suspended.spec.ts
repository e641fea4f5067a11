import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from '@jest/globals';
import { closeAll, closing } from '../support/closing.js';
import { event, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';

/** In a thread of its own, so that it replies while the sender stands still. */
const RECEIVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const server = createServer((_request, response) => {
  parentPort.postMessage('request');
  setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}'), 20);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const TIMEOUT = 400;

afterEach(closeAll);

it.each([
  ['its timeout', 1.2],
  ['twice its timeout', 2.1],
])('an attempt whose process stands still for longer than %s reads the reply that came in time', async (_, times) => {
  const receiver = new Worker(RECEIVER, { eval: true });
  closing({ close: () => receiver.terminate() });
  const [port] = (await once(receiver, 'message')) as [number];
  let requests = 0;
  receiver.on('message', () => requests++);
  const { callbacks, outcomes } = await start(port, { timeout: TIMEOUT });
  const urls = { invoiceNotification: `http://127.0.0.1:${port}/` };
  // The transport is loaded before.
  await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);

  const begin = performance.now();
  await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(event);
  await eventually(() => expect(requests).toBe(2));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, times * TIMEOUT - (performance.now() - begin));
  await eventually(() => expect(outcomes.told).toHaveLength(1));
  expect(outcomes.told).toMatchObject([['delivered', { attempt: 1 }]]);
});
