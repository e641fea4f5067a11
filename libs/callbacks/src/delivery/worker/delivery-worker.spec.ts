import type { RequestListener } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { transportTo } from '../../../../../test/support/transports.js';
import { FORMAT_VERSION } from '../callback-delivery.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import { CallbackListeners } from '../events/on-callback.js';
import type { Listener } from '../events/on-callback.js';
import { retryPolicyOf } from '../next-step.js';
import { loadTelemetry } from '../telemetry/load-telemetry.js';
import { DeliveryWorker } from './delivery-worker.js';
import type { DeliveryWorkerOptions } from './delivery-worker.js';

beforeEach(() => Logger.overrideLogger(false));
afterEach(closeAll);

type Listen = Listener['listen'];

interface Given extends Partial<DeliveryWorkerOptions> {
  /** Each listens to the event of its name. */
  readonly listen?: Readonly<Record<string, Listen>>;
}

/** A worker with a single slot, which may call one port on loopback. */
async function workerFor(port: number, { listen = {}, ...given }: Given = {}): Promise<DeliveryWorker> {
  const timeout = 100;
  const transport = await transportTo([port], { timeout });
  const listeners = Object.entries(listen).map(([event, one]): Listener => ({ title: event, event, listen: one }));
  return new DeliveryWorker({
    concurrency: { total: 1, perHost: 1 },
    retry: retryPolicyOf({ schedule: [50], jitter: 0 }),
    signing: undefined,
    telemetry: await loadTelemetry(),
    listeners: new CallbackListeners(listeners, 100),
    countWaiting: async () => 0,
    timeout,
    loadTransport: async () => transport,
    operationOf: () => undefined,
    ...given,
  });
}

function deliveryTo(url: string, own: Partial<CallbackDelivery> = {}): CallbackDelivery {
  const request = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: '{}' };
  const identity = {
    id: 'msg_1',
    callback: 'InvoiceCallbacks.invoiceNotification',
    receiver: url,
    digest: 'unchecked',
  };
  return { status: 'prepared', version: FORMAT_VERSION, ...identity, request, ...own };
}

async function portOf(reply: RequestListener): Promise<number> {
  return closing(await startReceiver(reply)).port;
}

/** A server that writes what HTTP does not allow. */
async function rawServer(talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => talk(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  // It listens on a port.
  return (server.address() as AddressInfo).port;
}

const ok: RequestListener = (_, response) => response.end('ok');
const hang = () => new Promise<never>(() => undefined);
const fail = () => {
  throw new Error('I have no time for this.');
};
const writing = (text: string) => () => rawServer((socket) => void socket.end(text));

const unsendable = { method: 'POST', url: 'http://127.0.0.1/', headers: { 'x-line': 'one\r\ntwo: 2' }, body: '{}' };
const forbidden = { method: 'POST', url: 'http://10.0.0.1/', headers: {}, body: '{}' };

describe('the slot of an attempt comes back', () => {
  it.each<[string, () => Promise<number>, Given?, Partial<CallbackDelivery>?]>([
    ['after a success', () => portOf(ok)],
    ['after a refused connection', async () => 1],
    ['after a connection that is closed without a word', () => rawServer((socket) => void socket.end())],
    ['after a reset', () => rawServer((socket) => void socket.resetAndDestroy())],
    ['after a reset in the middle of the headers', writing('HTTP/1.1 200 OK\r\ncontent-le')],
    ['after a reply that is too short', writing('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nok')],
    ['after a reply that is too long', writing('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nok')],
    ['after two lengths', writing('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok')],
    ['after what is not HTTP', writing('SSH-2.0-OpenSSH_9.2\r\n')],
    ['after endless headers', () => rawServer((socket) => flood(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'))],
    ['after an endless status line', () => rawServer((socket) => flood(socket, 'HTTP/1.1 200 ', 'O'))],
    ['after endless 1xx responses', () => rawServer((socket) => flood(socket, '', 'HTTP/1.1 103 Early\r\n\r\n'))],
    ['after 101 Switching Protocols', writing('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n')],
    ['after a body that never ends', () => portOf((_, response) => void response.writeHead(200).write('{'))],
    ['after silence', () => portOf(() => undefined)],
    ['after 500', () => portOf((_, response) => void response.writeHead(500).end())],
    ['after 410', () => portOf((_, response) => void response.writeHead(410).end())],
    ['after a redirect', () => portOf((_, response) => void response.writeHead(307, { location: '/' }).end())],
    ['after a listener has thrown', () => portOf(ok), { listen: { delivered: fail } }],
    ['after a listener has hung', () => portOf(ok), { listen: { delivered: hang } }],
    ['after the secret could not be read', () => portOf(ok), { signing: { secret: fail } }],
    ['after the secret was invalid', () => portOf(ok), { signing: { secret: () => 'secret' } }],
    ['after the function for the secret has hung', () => portOf(ok), { signing: { secret: hang } }],
    ['after the transport could not be loaded', () => portOf(ok), { loadTransport: async () => fail() }],
    ['after the delivery had expired', () => portOf(ok), {}, { expiresAt: 1 }],
    ['after a request that HTTP cannot carry', () => portOf(ok), {}, { request: unsendable }],
    ['after a URL that may not be called', () => portOf(ok), {}, { request: forbidden }],
  ])('%s', async (_, listen, ...[given, own]) => {
    const port = await listen();
    const worker = await workerFor(port, given);
    const delivery = deliveryTo(`http://127.0.0.1:${port}/`, own);
    for (let attempt = 1; attempt <= 2; attempt++) {
      expect(worker.acquire(delivery.receiver, 5)).toBe(1);
      expect(worker.acquire(delivery.receiver, 1)).toBe(0);
      await worker.attempt(delivery, attempt);
    }
    expect(worker.acquire('http://127.0.0.1:2/', 1)).toBe(1);
  });
});

/** Writes without end, until the other side closes the connection. */
function flood(socket: Socket, begin: string, again: string): void {
  const chunk = again.repeat(1_000);
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write).write(begin);
  write();
}

describe('an event that a listener does not take while the app closes', () => {
  const circular = Object.assign(new Error('The vault is closed.'), { self: {} });
  circular.self = circular;
  const large = Object.assign(new Error('The vault is closed.'), { balance: 10n });

  it.each<[string, Given, string]>([
    ['because it throws', { listen: { delivered: fail } }, 'delivered'],
    ['because it hangs', { listen: { delivered: hang } }, 'delivered'],
    [
      'with an error that refers to itself',
      { signing: { secret: throwing(circular) }, listen: { attemptFailed: fail } },
      'attemptFailed',
    ],
    [
      'with an error that JSON does not know',
      { signing: { secret: throwing(large) }, listen: { attemptFailed: fail } },
      'attemptFailed',
    ],
  ])('is stored with the delivery: %s', async (_, given, name) => {
    const port = await portOf(ok);
    const worker = await workerFor(port, given);
    const delivery = deliveryTo(`http://127.0.0.1:${port}/`);
    worker.end();
    worker.acquire(delivery.receiver, 1);
    const outcome = await worker.attempt(delivery, 1);
    expect(outcome).toMatchObject({ untold: [{ name, event: { id: 'msg_1' } }] });
  });
});

function throwing(error: Error) {
  return () => {
    throw error;
  };
}
