import type { RequestListener, ServerResponse } from 'node:http';
import { types } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { closed, failureOf, ok, receiverThat, transportTo } from '../../../../../test/support/transports.js';
import { assertDelivered } from '../attempt.js';

afterEach(closeAll);

describe('a request', () => {
  it.each<[string, string | Uint8Array]>([
    ['JSON', '{"name": "Zoë 🎉"}'],
    ['text that is not JSON', '{"a":1'],
    ['a form', 'a=1&b=%20'],
    ['bytes', Uint8Array.of(0, 255, 13, 10)],
    ['a part of a larger buffer', Buffer.from('abcdef').subarray(2, 4)],
  ])('carries %s byte for byte', async (_, body) => {
    const { receiver, send } = await receiverThat(ok);
    await send({ body, headers: { 'content-type': 'application/json', 'X-Tag': 'a  b' } });
    expect(receiver.requests[0]?.body).toEqual(Buffer.from(body));
    expect(receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-tag': 'a  b',
    });
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('is a %s', async (method) => {
    const { receiver, transport } = await receiverThat(ok);
    await transport.send({ method, url: `${receiver.url}/a%20b;c?d=e&d=%2F`, headers: {} });
    expect(receiver.requests).toMatchObject([{ method, url: '/a%20b;c?d=e&d=%2F', body: Buffer.of() }]);
    expect(receiver.requests[0]?.headers['content-type']).toBeUndefined();
  });

  it.each(['a\u{1f389}', 'a\u0100'])('that HTTP cannot carry is an error: a header %j', async (value) => {
    const { receiver, send } = await receiverThat(ok);
    expect(await failureOf(send({ headers: { 'x-tag': value } }))).toMatchObject({ reason: 'request' });
    expect(receiver.requests).toHaveLength(0);
  });
});

describe('a reply', () => {
  it('is returned with any status, with its headers', async () => {
    const { send } = await receiverThat((_, response) => {
      response.writeHead(418, { 'X-Tea': 'pot', 'Set-Cookie': ['a=1', 'b=2'] }).end('{"Zoë":1}');
    });
    const headers = { 'x-tea': 'pot', 'set-cookie': ['a=1', 'b=2'] };
    expect(await send()).toEqual({ statusCode: 418, headers: expect.objectContaining(headers), body: '{"Zoë":1}' });
  });

  it('is the final one, not an interim response', async () => {
    const { send } = await receiverThat((_, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end('final');
    });
    expect(await send()).toMatchObject({ statusCode: 200, body: 'final' });
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ])('in %s is decompressed', async (encoding, compress) => {
    const { send } = await receiverThat((_, response) => {
      response.setHeader('content-encoding', encoding).end(compress(Buffer.from('{"accepted":true}')));
    });
    expect(await send()).toMatchObject({ body: '{"accepted":true}' });
  });

  it('without a body has none, whatever its encoding is', async () => {
    const { send } = await receiverThat((_, response) => {
      response.writeHead(204, { 'content-encoding': 'gzip' }).end();
    });
    expect(await send()).toMatchObject({ statusCode: 204, body: '' });
  });

  it.each([
    ['zstd', Buffer.from('{}'), 'has an unknown content encoding'],
    ['gzip, br', Buffer.from('{}'), 'has an unknown content encoding'],
    ['gzip', Buffer.from('{}'), 'cannot be decoded from its content encoding'],
    ['gzip', gzipSync('{"a":1}').subarray(0, 12), 'cannot be decoded from its content encoding'],
    ['br', Buffer.from('{}'), 'cannot be decoded from its content encoding'],
    ['constructor', Buffer.from('{}'), 'has an unknown content encoding'],
  ])('that does not match its encoding %s is still a reply, with an issue', async (encoding, body, bodyIssue) => {
    const { send } = await receiverThat((_, response) => {
      response.setHeader('content-encoding', encoding).end(body);
    });
    expect(await send()).toMatchObject({ statusCode: 200, body: '', bodyIssue });
  });

  it.each<[string, string, string]>([
    ['reset', 'content-length: 100\r\n\r\nhalf', 'is not complete: the connection was reset'],
    ['closed', 'content-length: 100\r\n\r\nhalf', 'is not complete: the connection was closed'],
    ['closed', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'is not complete: the connection was closed'],
    ['kept', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nno chunk', 'is not complete: the connection failed'],
  ])('whose connection is %s during the body is still a reply, with an issue: %j', async (end, rest, bodyIssue) => {
    const { send } = await receiverThat(({ socket }) => {
      socket.write(`HTTP/1.1 410 Gone\r\nretry-after: 7\r\n${rest}`, () => {
        if (end === 'reset') setTimeout(() => socket.resetAndDestroy(), 50);
        if (end === 'closed') socket.end();
      });
    });
    expect(await send()).toMatchObject({
      statusCode: 410,
      headers: { 'retry-after': '7' },
      body: 'half',
      bodyIssue: expect.stringContaining(bodyIssue),
    });
  });

  it('ends according to its length, whatever follows', async () => {
    const { send } = await receiverThat(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhalf of it');
    });
    expect(await send()).toEqual({ statusCode: 200, headers: { 'content-length': '4' }, body: 'half' });
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('of status %i is not followed', async (status) => {
    const elsewhere = closing(await startReceiver());
    const receiver = closing(
      await startReceiver((_, response) => response.writeHead(status, { location: elsewhere.url }).end()),
    );
    const instance = axios.create({ maxRedirects: 5 });
    const transport = await transportTo([receiver.port, elsewhere.port], { axios: instance });
    const request = { method: 'POST', url: receiver.url, headers: {}, body: '{}' };
    const reply = await transport.send(request);
    expect(reply).toMatchObject({ statusCode: status, headers: { location: elsewhere.url } });
    expect(elsewhere.connections).toHaveLength(0);
    expect(() => assertDelivered(reply, request)).toThrow(`replied ${status}, and redirects are not followed`);
  });
});

it.each([
  [300, ''],
  [304, ' (Not Modified), which does not mean that it accepted the callback: only 2xx does'],
  [305, ''],
])('a reply of %i is not a redirect', (statusCode, comment) => {
  const request = { method: 'POST', url: 'https://receiver.example/a' };
  const reply = { statusCode, headers: {}, body: '' };
  expect(() => assertDelivered(reply, request)).toThrow(
    `POST to https://receiver.example failed: the receiver replied ${statusCode}${comment}.`,
  );
});

describe('the deadline', () => {
  const drip: RequestListener = (_, response) => {
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  };

  it('ends a reply that never begins, and its connection', async () => {
    const { receiver, send } = await receiverThat(() => undefined, {
      timeout: 500,
      axios: axios.create({ timeout: 0 }),
    });
    const error = await failureOf(send());
    expect(error).toMatchObject({ reason: 'timeout', code: 'CALLBACK_DELIVERY' });
    expect(error.message).toBe(`POST to ${receiver.url} failed: there was no reply within 500 ms.`);
    await closed(receiver);
  });

  it.each<[string, RequestListener]>([
    ['that drips', drip],
    ['that never ends', (_, response) => void response.write('.')],
  ])('ends a body %s, and its connection: the status is known', async (_, reply) => {
    const { receiver, send } = await receiverThat(reply, { timeout: 500, axios: axios.create({ timeout: 0 }) });
    expect(await send()).toMatchObject({
      statusCode: 200,
      body: expect.stringMatching(/^\.+$/),
      bodyIssue: 'is not complete after 500 ms',
    });
    await closed(receiver);
  });

  it('does not send a request that gets its connection too late', async () => {
    const waiting: (() => void)[] = [];
    const resolver = () => new Promise<string[]>((resolve) => waiting.push(() => resolve(['127.0.0.1'])));
    const { receiver, transport, send } = await receiverThat(ok, { timeout: 50, egress: { resolver } });
    const sending = send({ url: `http://receiver.example:${receiver.port}/` });
    expect(await failureOf(sending)).toMatchObject({ reason: 'timeout' });
    waiting.forEach((answer) => answer());
    await transport.close();
    expect(receiver.requests).toHaveLength(0);
  });

  it('does not treat an interim response as a reply', async () => {
    const early: RequestListener = (_, response) => response.writeEarlyHints({ link: '</a>; rel=preload' });
    const { send } = await receiverThat(early, { timeout: 100 });
    expect(await failureOf(send())).toMatchObject({ reason: 'timeout', statusCode: undefined });
  });
});

describe('the size of a reply', () => {
  const LIMIT = 1000;

  // On Node 26, writing to a response whose connection has ended fails at once, and `destroyed` stays false.
  const writeForever = (response: ServerResponse, error?: Error | null): void => {
    if (error || response.destroyed) return;
    response.write(Buffer.alloc(65_536), (failure) => writeForever(response, failure));
  };

  it('may be the limit', async () => {
    const { send } = await receiverThat((_, response) => response.end('a'.repeat(LIMIT)), { maxReplyBytes: LIMIT });
    expect((await send()).body).toHaveLength(LIMIT);
  });

  it('may be the limit when it is decompressed', async () => {
    const body = gzipSync('a'.repeat(LIMIT));
    const { send } = await receiverThat((_, r) => r.setHeader('content-encoding', 'gzip').end(body), {
      maxReplyBytes: LIMIT,
    });
    expect((await send()).body).toHaveLength(LIMIT);
  });

  it('reports a longer body, keeps the beginning of the reply, and ends the connection', async () => {
    const { receiver, send } = await receiverThat((_, r) => r.end('a'.repeat(LIMIT + 1)), { maxReplyBytes: LIMIT });
    const bodyIssue = 'is larger than 1000 bytes';
    expect(await send()).toMatchObject({ statusCode: 200, body: 'a'.repeat(1001), bodyIssue });
    await closed(receiver);
  });

  it('stops a reply that never ends', async () => {
    const { receiver, send } = await receiverThat((_, response) => writeForever(response));
    expect(await send()).toMatchObject({ bodyIssue: 'is larger than 65536 bytes' });
    await closed(receiver);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('counts the decompressed bytes of %s: a bomb is too large', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(32 * 1024 * 1024));
    const { send } = await receiverThat((_, r) => r.setHeader('content-encoding', encoding).end(bomb));
    expect(await send()).toMatchObject({ statusCode: 200, body: '', bodyIssue: 'is larger than 65536 bytes' });
  });

  it('stops compressed data that decompresses to nothing', async () => {
    const { receiver, send } = await receiverThat((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      writeForever(response);
    });
    expect(await send()).toMatchObject({ body: '', bodyIssue: 'is larger than 65536 bytes' });
    await closed(receiver);
  });
});

describe('connections', () => {
  it('are used again', async () => {
    const { receiver, send } = await receiverThat(ok);
    for (let count = 0; count < 5; count += 1) await send();
    expect(receiver.requests).toHaveLength(5);
    expect(receiver.connections).toHaveLength(1);
  });

  it('end with the transport, which then sends nothing', async () => {
    const { receiver, transport, send } = await receiverThat(ok);
    await send();
    await Promise.all([transport.close(), transport.close()]);
    await closed(receiver);
    expect(await failureOf(send())).toMatchObject({ reason: 'connection' });
    expect(receiver.requests).toHaveLength(1);
  });

  it('end after the requests that are on their way', async () => {
    const { transport, send } = await receiverThat((_, response) => void setTimeout(() => response.end('late'), 50));
    const sending = send();
    await transport.close();
    expect(await sending).toMatchObject({ body: 'late' });
  });

  it.each<[string, RequestListener | undefined, RegExp]>([
    ['refused', undefined, /the connection was refused/],
    ['reset', (request) => request.socket.resetAndDestroy(), /the connection was reset/],
    ['closed', (request) => request.socket.end(), /the connection was closed/],
    ['not HTTP', (request) => request.socket.end('SMTP 220 hello\r\n\r\n'), /the connection failed/],
  ])('that are %s are an error with its cause', async (_, reply, message) => {
    const { receiver, send } = await receiverThat(reply ?? ok);
    if (!reply) await receiver.close();
    const error = await failureOf(send());
    expect(error).toMatchObject({ reason: 'connection', code: 'CALLBACK_DELIVERY' });
    expect(error.message).toMatch(message);
    expect(types.isNativeError(error.cause)).toBe(true);
  });
});
