import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { transportOf } from '../../../../../test/support/transports.js';
import type { GivenOptions } from '../../../../../test/support/transports.js';
import { failure } from '../../../../../test/support/failure.js';
import { startNameServer } from '../../../../../test/support/start-name-server.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { CallbackUrlError } from '../../errors/callback.errors.js';

const HOST = 'receiver.example';

afterEach(closeAll);

const post = async (url: string, options: GivenOptions) =>
  (await transportOf(options)).send({ method: 'POST', url, headers: {}, body: '{}' });

const refusal = (sending: Promise<unknown>) => failure(sending, CallbackUrlError);

describe('a literal address', () => {
  it('is called if it is allowed', async () => {
    const receiver = closing(await startReceiver());
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
    expect(await post(receiver.url, { egress })).toMatchObject({ statusCode: 200 });
  });

  it('is not connected to by default', async () => {
    const receiver = closing(await startReceiver());
    for (const host of ['127.0.0.1', '127.1', '[::ffff:127.0.0.1]', 'localhost', '2130706433']) {
      const egress = { ports: [receiver.port], http: true };
      await refusal(post(`http://${host}:${receiver.port}/`, { egress }));
    }
    expect(receiver.connections).toHaveLength(0);
  });
});

describe('a host name', () => {
  it('is called if all its addresses are allowed', async () => {
    const names = closing(await startNameServer(['127.0.0.1']));
    const receiver = closing(await startReceiver());
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true, resolver: names.resolver };
    const reply = await post(`http://${HOST}:${receiver.port}/`, { egress });
    expect(reply.statusCode).toBe(200);
    expect(receiver.requests[0]?.headers['host']).toBe(`${HOST}:${receiver.port}`);
  });

  it.each(['10.0.0.1', '127.0.0.1', '169.254.169.254', '0.0.0.0'])('is refused where it is %s', async (address) => {
    const names = closing(await startNameServer([address]));
    const receiver = closing(await startReceiver());
    const egress = { ports: [receiver.port], http: true, resolver: names.resolver };
    const error = await refusal(post(`http://${HOST}:${receiver.port}/?token=SECRET`, { egress }));
    expect(error.reason).toContain(`it resolves to an address that is not allowed, ${address} is a`);
    expect(error.message).toContain(HOST);
    expect(error.message).not.toContain('SECRET');
    expect(receiver.connections).toHaveLength(0);
  });

  it.each([
    ['first', ['10.0.0.1', '127.0.0.1']],
    ['last', ['127.0.0.1', '8.8.8.8', '10.0.0.1']],
  ])('is rejected if the forbidden one of its addresses is the %s', async (_, addresses) => {
    const names = closing(await startNameServer(addresses));
    const receiver = closing(await startReceiver());
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true, resolver: names.resolver };
    const error = await refusal(post(`http://${HOST}:${receiver.port}/`, { egress }));
    expect(error.reason).toContain('10.0.0.1 is a private address');
    expect(receiver.connections).toHaveLength(0);
  });

  it('is refused once it is bound to another address', async () => {
    const names = closing(await startNameServer(['127.0.0.1'], ['127.0.0.2']));
    const receiver = closing(
      await startReceiver((_, response) => response.setHeader('connection', 'close').end('first')),
    );
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true, resolver: names.resolver };
    const transport = await transportOf({ egress });
    const request = { method: 'POST', url: `http://${HOST}:${receiver.port}/`, headers: {} };
    expect(await transport.send(request)).toMatchObject({ body: 'first' });
    const error = await refusal(transport.send(request));
    expect(error.reason).toContain('127.0.0.2 is a loopback address');
    expect(names.questions()).toBe(2);
    expect(receiver.connections).toHaveLength(1);
  });

  it('fails as a connection if it does not exist', async () => {
    const names = closing(await startNameServer([]));
    await expect(post(`https://${HOST}/`, { egress: { resolver: names.resolver } })).rejects.toMatchObject({
      code: 'CALLBACK_DELIVERY',
      reason: 'connection',
      message: `POST to https://${HOST} failed: the host name has no address.`,
    });
  });

  it('fails at the deadline if its name server is silent', async () => {
    const names = closing(await startNameServer());
    await expect(
      post(`https://${HOST}/`, { egress: { resolver: names.resolver }, timeout: 100 }),
    ).rejects.toMatchObject({
      reason: 'timeout',
    });
  });
});

describe('a denied address', () => {
  it.each<[string, readonly string[]]>([
    ['in the URL', []],
    ['of a host name', ['127.0.0.1']],
  ])('is not connected to, whatever is allowed: %s', async (_, addresses) => {
    const receiver = closing(await startReceiver());
    const host = addresses.length === 0 ? '127.0.0.1' : HOST;
    const egress = { allow: ['127.0.0.0/8'], deny: ['127.0.0.1'], ports: [receiver.port], http: true };
    const error = await refusal(
      post(`http://${host}:${receiver.port}/`, { egress: { ...egress, resolver: () => addresses } }),
    );
    expect(error.message).toContain('127.0.0.1 is in a range of `egress.deny`. Fix: ');
    expect(error.fix).toContain(`egress: { allow: ['127.0.0.0/8'], ports: [`);
    expect(receiver.connections).toHaveLength(0);
  });
});

describe('a resolver of the app', () => {
  it('replaces the lookup, and a second one shares nothing with the first', async () => {
    const receiver = closing(await startReceiver());
    const names = [closing(await startNameServer(['127.0.0.1'])), closing(await startNameServer([]))];
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
    const posts = names.map(({ resolver }) =>
      post(`http://${HOST}:${receiver.port}/`, { egress: { ...egress, resolver } }),
    );
    expect(await Promise.allSettled(posts)).toMatchObject([
      { value: { statusCode: 200 } },
      { reason: { code: 'CALLBACK_DELIVERY', reason: 'connection' } },
    ]);
    expect(names.map(({ questions }) => questions())).toEqual([1, 1]);
    expect(receiver.requests).toHaveLength(1);
  });

  it.each<[string, () => never[] | string[]]>([
    ['gives an address that is not allowed', () => ['127.0.0.1', '127.0.0.2']],
    ['gives no address', () => []],
    [
      'throws',
      () => {
        throw new Error('No names today.');
      },
    ],
  ])('that %s has nothing connected to', async (_, resolver) => {
    const receiver = closing(await startReceiver());
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true, resolver };
    await expect(post(`http://${HOST}:${receiver.port}/`, { egress })).rejects.toThrow(HOST);
    expect(receiver.connections).toHaveLength(0);
  });
});

describe('the connected socket', () => {
  it.each(['http', 'https'])('is sent nothing over %s where its address is not the allowed one', async (scheme) => {
    const received: Buffer[] = [];
    const server = createServer((socket) => socket.on('data', (chunk) => received.push(chunk)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing({ close: async () => void server.close() });
    const accepted = once(server, 'connection');
    const { port } = server.address() as AddressInfo;

    // The operating system connects the unspecified address to the loopback address.
    const egress = { allow: ['0.0.0.0'], ports: [port], http: true };
    const error = await refusal(post(`${scheme}://0.0.0.0:${port}/`, { egress }));
    expect(error.reason).toBe('127.0.0.1 is a loopback address');
    const [socket] = await accepted;
    if (!socket.closed) await once(socket, 'close');
    expect(Buffer.concat(received)).toHaveLength(0);
  });
});

describe('the final URL', () => {
  it('is the one that is checked: that of the interceptors', async () => {
    const { default: axios } = await import('axios');
    const instance = axios.create();
    const receiver = closing(await startReceiver());
    instance.interceptors.request.use((config) => ({ ...config, url: receiver.url }));
    const error = await refusal(post('https://receiver.example/', { axios: instance }));
    expect(error.reason).toBe('its scheme is not https:');
    expect(receiver.connections).toHaveLength(0);
  });
});
