import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePort, startExample } from '../support/start-example.js';
import { startPrism } from '../support/start-prism.js';

/** What a receiver got. */
interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
}

let receiver: Server;
let prism: ChildProcess;
let api: string;
let received: Promise<Received>;

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { method: request.method, url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) };
}

beforeAll(async () => {
  const example = await startExample();
  const document = await (await fetch(`${example.url}/docs-json`)).text();
  await example.stop();
  received = new Promise((resolve, reject) => {
    receiver = createServer((request, response) => {
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
      read(request).then(resolve, reject);
    }).listen(0, '127.0.0.1');
  });
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  prism = await startPrism(document, port);
});

afterAll(() => {
  prism.kill();
  receiver.close();
});

it("Prism, which mocks the API from the example's document, sends the callback that it documents", async () => {
  const { port } = receiver.address() as AddressInfo;
  const response = await fetch(`${api}/invoices?callback_url=http://127.0.0.1:${port}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: '2expen51ve', customer: 'Mr. Richie Rich', total: 9999 }),
  });
  expect(response.status).toBe(201);
  expect(await received).toEqual({
    method: 'POST',
    url: '/events/invoices/2expen51ve',
    body: expect.objectContaining({ description: expect.any(String), paid: expect.any(Boolean) }),
  });
});
