import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { failureOf, ok, receiverThat, transportOf, transportTo } from '../../../../../test/support/transports.js';
import type { GivenOptions } from '../../../../../test/support/transports.js';
import { MAX_IDLE_CONNECTIONS } from '../egress/guarded-connection.js';
import type { EgressResolverOptions } from '../egress/egress.options.js';

afterEach(closeAll);

// Not `once()`: an error on the way is one of the ways to be closed.
const allClosed = (sockets: readonly Socket[]) =>
  Promise.all(sockets.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))));

/** A receiver that writes what it likes as soon as it is written to, and a transport to it. */
async function rawReceiver(write: (socket: Socket) => void, options: GivenOptions = {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).once('data', () => write(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing({ close: async () => void (server.close(), sockets.forEach((socket) => socket.destroy())) });
  const { port } = server.address() as AddressInfo;
  const transport = await transportTo([port], options);
  const send = () => transport.send({ method: 'POST', url: `http://127.0.0.1:${port}/`, headers: {}, body: '{}' });
  return { send, sockets };
}

/** Writes one thing again and again, for as long as it is read. */
const endlessly = (begin: string, more: string) => (socket: Socket) => {
  const part = Buffer.from(more.repeat(Math.ceil(16_384 / more.length)));
  socket.write(begin);
  const next = (): void => void (socket.destroyed || socket.write(part, next));
  next();
};

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

describe('what does not belong to a body', () => {
  it.each([
    ['extensions of chunks', CHUNKED, `1;${'a'.repeat(60_000)}\r\nX\r\n`, 200],
    ['an extension that never ends', `${CHUNKED}1;`, 'a'.repeat(60_000), 200],
    ['chunks of one byte', CHUNKED, '1\r\nX\r\n', 200],
    ['replies that only announce one', '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', undefined],
  ])('is limited, too: %s', async (_, begin, more, statusCode) => {
    const { send, sockets } = await rawReceiver(endlessly(begin, more));
    const ended = await send().catch((error: unknown) => error);
    expect(ended).toMatchObject(
      statusCode === undefined
        ? { reason: 'reply-too-large', message: expect.stringContaining('larger than 65536 bytes') }
        : { statusCode, bodyIssue: 'is larger than 65536 bytes' },
    );
    await allClosed(sockets);
  });

  it('is limited, too: headers', async () => {
    const { send, sockets } = await rawReceiver(endlessly('HTTP/1.1 200 OK\r\n', 'x-a: 1\r\n'));
    expect(await failureOf(send())).toMatchObject({ code: 'CALLBACK_DELIVERY' });
    await allClosed(sockets);
  });

  it('is limited, too: trailers', async () => {
    const { send, sockets } = await rawReceiver(endlessly(`${CHUNKED}0\r\n`, 'x-a: 1\r\n'));
    expect(await send()).toMatchObject({ statusCode: 200, bodyIssue: expect.any(String) });
    await allClosed(sockets);
  });

  it('counts from the beginning for each reply of a connection', async () => {
    const { receiver, send } = await receiverThat((_, r) => r.end('a'.repeat(1_000)), { maxReplyBytes: 1_000 });
    for (let count = 0; count < 100; count += 1) await send();
    expect(receiver.connections).toHaveLength(1);
  });
});

it('keeps no more of a reply in small chunks than its bytes', async () => {
  const { send } = await rawReceiver((socket) => socket.write(`${CHUNKED}${'1\r\nX\r\n'.repeat(20_000)}0\r\n\r\n`));
  expect(await send()).toMatchObject({ body: 'X'.repeat(20_000) });
});

it('does not decompress a body that is compressed twice', async () => {
  const twice = gzipSync(gzipSync(Buffer.alloc(1_000_000)));
  const { send } = await receiverThat((_, r) => r.setHeader('content-encoding', 'gzip, gzip').end(twice));
  expect(await send()).toMatchObject({ body: '', bodyIssue: 'has an unknown content encoding' });
});

describe('the end of an attempt', () => {
  it('cancels its name look-up', async () => {
    const signals: AbortSignal[] = [];
    const resolver = (_: string, { signal }: EgressResolverOptions) => {
      signals.push(signal);
      return new Promise<never>(() => undefined);
    };
    const transport = await transportOf({ timeout: 50, egress: { resolver } });
    const sending = transport.send({ method: 'POST', url: 'https://silent.example/', headers: {} });
    expect(await failureOf(sending)).toMatchObject({ reason: 'timeout' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('closes the connection that it waits for', async () => {
    const server = createServer();
    const accepted: Socket[] = [];
    server.on('connection', (socket) => accepted.push(socket.on('error', () => undefined).resume()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing({ close: async () => void server.close() });
    const { port } = server.address() as AddressInfo;
    const transport = await transportOf({ timeout: 300, egress: { allow: ['127.0.0.1'], ports: [port] } });
    // TLS, to a server that never says hello.
    const sending = transport.send({ method: 'POST', url: `https://127.0.0.1:${port}/`, headers: {} });
    expect(await failureOf(sending)).toMatchObject({ reason: 'timeout' });
    await allClosed(accepted);
    expect(accepted).toHaveLength(1);
  });
});

describe("the app's own resolver", () => {
  it('finds the address, which is still checked', async () => {
    const { receiver } = await receiverThat(ok);
    const resolver = (hostname: string) => [{ address: hostname.startsWith('good') ? '127.0.0.1' : '10.0.0.5' }];
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true, resolver };
    const transport = await transportOf({ egress });
    const send = (host: string) =>
      transport.send({ method: 'POST', url: `http://${host}.example:${receiver.port}/`, headers: {} });
    expect(await send('good')).toMatchObject({ body: 'ok' });
    await expect(send('bad')).rejects.toMatchObject({
      code: 'CALLBACK_URL',
      reason: expect.stringContaining('10.0.0.5'),
    });
  });

  it.each([
    ['no address', []],
    ['what is no address', ['db.internal']],
  ])('that gives %s is connected to nothing', async (_, addresses) => {
    const transport = await transportOf({ egress: { resolver: () => addresses } });
    const sending = transport.send({ method: 'POST', url: 'https://receiver.example/', headers: {} });
    await expect(sending).rejects.toMatchObject({ code: expect.stringMatching(/^CALLBACK_(?:DELIVERY|URL)$/) });
  });
});

describe('idle connections', () => {
  it('are limited over all receivers: the one that was used longest ago is closed', async () => {
    const open = new Set<Socket>();
    const server = createHttpServer((_, response) => response.end());
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket: Socket) => open.add(socket.once('close', () => open.delete(socket))));
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    closing({ close: async () => void (server.close(), server.closeAllConnections()) });
    const { port } = server.address() as AddressInfo;
    const egress = { allow: ['127.0.0.0/8'], ports: [port], http: true };
    const transport = await transportOf({ egress });
    const count = MAX_IDLE_CONNECTIONS + 44;
    const addresses = Array.from({ length: count }, (_, index) => `127.0.${1 + (index >> 7)}.${1 + (index & 127)}`);
    for (const address of addresses) {
      await transport.send({ method: 'POST', url: `http://${address}:${port}/`, headers: {} });
      expect(open.size).toBeLessThanOrEqual(MAX_IDLE_CONNECTIONS + 2);
    }
    // Connections that were closed by us are made again, and those in use are not closed.
    for (const address of [addresses[0], addresses.at(-1)]) {
      const sending = transport.send({ method: 'POST', url: `http://${address}:${port}/`, headers: {} });
      expect(await sending).toMatchObject({ statusCode: 200 });
    }
  });
});
