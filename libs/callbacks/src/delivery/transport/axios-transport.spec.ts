import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { closeAll, closing } from '../../../../../test/support/closing.js';
import { startReceiver } from '../../../../../test/support/start-receiver.js';
import { closed, failureOf, ok, receiverThat } from '../../../../../test/support/transports.js';
import { deliveryOf } from './axios-instance.js';

afterEach(closeAll);

describe('the environment', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('has no say: %s is ignored', async (name) => {
    const proxy = closing(await startReceiver());
    const before = process.env[name];
    process.env[name] = proxy.url;
    try {
      const { receiver, send } = await receiverThat(ok);
      expect(await send()).toMatchObject({ body: 'ok' });
      expect(receiver.requests).toHaveLength(1);
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
    expect(proxy.connections).toHaveLength(0);
  });
});

it('takes nothing from the defaults of axios, which are for other calls of the app', async () => {
  axios.defaults.headers.common['x-internal'] = 'SECRET';
  axios.defaults.params = { internal: 'SECRET' };
  try {
    const { receiver, send } = await receiverThat(ok);
    await send();
    expect(receiver.requests[0]?.url).toBe('/');
    expect(receiver.requests[0]?.headers).not.toHaveProperty('x-internal');
  } finally {
    delete axios.defaults.headers.common['x-internal'];
    delete axios.defaults.params;
  }
});

describe("the app's axios instance", () => {
  it('brings its defaults and its interceptors', async () => {
    const instance = axios.create({ headers: { 'x-default': 'd' }, params: { tenant: 'a b' } });
    const statuses: number[] = [];
    instance.interceptors.request.use((config) => {
      config.headers.set('x-interceptor', 'i');
      return config;
    });
    instance.interceptors.response.use((response) => {
      statuses.push(response.status);
      return response;
    });
    const { receiver, send } = await receiverThat((_, r) => r.writeHead(503).end(), { axios: instance });
    expect(await send({ url: `${receiver.url}/a?b=c` })).toMatchObject({ statusCode: 503 });
    expect(receiver.requests[0]).toMatchObject({
      url: '/a?b=c&tenant=a+b',
      headers: { 'x-default': 'd', 'x-interceptor': 'i' },
    });
    expect(statuses).toEqual([503]);
  });

  it.each([
    ['of its own', {}],
    ['that every URL is appended to', { allowAbsoluteUrls: false }],
  ])('calls the receiver, and not a base URL %s', async (_, options) => {
    const own = closing(await startReceiver());
    const instance = axios.create({ baseURL: `${own.url}/api`, ...options });
    const { receiver, send } = await receiverThat(ok, { axios: instance });
    expect(await send({ url: `${receiver.url}/a` })).toMatchObject({ statusCode: 200 });
    instance.interceptors.request.use((config) => ({ ...config, ...options }));
    expect(await send({ url: `${receiver.url}/b` })).toMatchObject({ statusCode: 200 });
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/a', '/b']);
    expect(own.connections).toHaveLength(0);
  });

  it('cannot lift a limit', async () => {
    const proxy = closing(await startReceiver());
    const instance = axios.create({ timeout: 0 });
    instance.interceptors.request.use((config) => {
      const { hostname: host, port } = new URL(proxy.url);
      const open = { maxContentLength: Infinity, maxBodyLength: Infinity, maxRedirects: 9, timeout: 0 };
      return { ...config, ...open, adapter: 'http', proxy: { host, port: Number(port), protocol: 'http' } };
    });
    const { receiver, send } = await receiverThat((_, r) => r.end('a'.repeat(101)), {
      axios: instance,
      maxReplyBytes: 100,
    });
    expect(await send()).toMatchObject({ body: 'a'.repeat(101), bodyIssue: 'is larger than 100 bytes' });
    expect(receiver.requests).toHaveLength(1);
    expect(proxy.connections).toHaveLength(0);
  });

  const leaving = (config: InternalAxiosRequestConfig) => ({
    ...config,
    adapter: 'http',
    transformRequest: [(data: unknown) => data],
  });

  it('cannot deliver with another adapter: bypassing the limits is an error', async () => {
    const instance = axios.create();
    instance.interceptors.request.use(leaving);
    const { receiver, send } = await receiverThat(ok, { axios: instance });
    const error = await failureOf(send());
    expect(error).toMatchObject({ reason: 'request', statusCode: undefined });
    expect(error.message).toContain('`adapter` and `transformRequest`, and bypassed the egress guard and all limits');
    await receiver.close();
    const refused = await failureOf(send());
    expect(refused.message).toContain('replaced `adapter` and `transformRequest`');
    expect(refused.cause).toMatchObject({ code: expect.stringMatching(/^ECONN/) });
  });

  it('cannot reply in place of the receiver', async () => {
    const instance = axios.create();
    instance.interceptors.request.use(() => Promise.reject(new Error('No token')));
    instance.interceptors.response.use(undefined, () => ({ status: 200, data: 'fine' }));
    const { receiver, send } = await receiverThat(ok, { axios: instance });
    expect((await failureOf(send())).message).toContain('an axios interceptor answered it, or replaced `adapter`');
    expect(receiver.requests).toHaveLength(0);
  });

  it('has a signal of an interceptor, and the one of the attempt, too', async () => {
    const instance = axios.create();
    instance.interceptors.request.use((config) => ({ ...config, signal: new AbortController().signal }));
    const { receiver, transport } = await receiverThat(ok, { axios: instance });
    const request = { method: 'POST', url: receiver.url, headers: {} };
    const error = await failureOf(transport.send(request, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ reason: 'request' });
    expect(receiver.requests).toHaveLength(0);
  });

  it('gets the delivery, in a config that does not print it', async () => {
    const delivery = {
      id: 'msg_1',
      callback: 'A.b',
      url: 'https://x.example/',
      key: 'k',
      context: { tenant: 'SECRET' },
    };
    const instance = axios.create({ headers: { 'x-default': 'd' } });
    const given: unknown[] = [];
    instance.interceptors.request.use((config) => {
      expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('SECRET');
      given.push(deliveryOf({ ...config }));
      return { ...config };
    });
    instance.interceptors.response.use((response) => {
      given.push(deliveryOf(response.config));
      return response;
    });
    const { receiver, transport } = await receiverThat(ok, { axios: instance });
    const request = { method: 'POST', url: receiver.url, headers: {} };
    await transport.send(request, { delivery });
    expect(given).toEqual([delivery, delivery]);
    // Its other requests are none of ours.
    await instance.get(receiver.url);
    expect(given.slice(2)).toEqual([undefined, undefined]);
  });

  it('cannot change the reply on the wire', async () => {
    const instance = axios.create({ transformResponse: () => 'changed' });
    instance.interceptors.response.use((response) => response.data);
    const { send } = await receiverThat(ok, { axios: instance });
    expect(await send()).toMatchObject({ statusCode: 200, body: 'ok' });
  });

  it('cannot hide a failure', async () => {
    const instance = axios.create();
    instance.interceptors.response.use(undefined, () => ({ status: 200, data: 'fine' }));
    const { send } = await receiverThat(({ socket }) => socket.resetAndDestroy(), { axios: instance });
    expect(await failureOf(send())).toMatchObject({ reason: 'connection' });
  });

  it('can send once more, and the last outcome counts', async () => {
    const instance = axios.create();
    let count = 0;
    instance.interceptors.response.use((response) =>
      response.status === 503 ? instance.request(response.config) : response,
    );
    const { send } = await receiverThat((_, r) => r.writeHead((count += 1) === 1 ? 503 : 200).end(`${count}`), {
      axios: instance,
    });
    expect(await send()).toMatchObject({ statusCode: 200, body: '2' });
  });

  it.each(['request', 'response'] as const)('fails the delivery by an error in a %s interceptor', async (side) => {
    const instance = axios.create();
    const refuse = () => {
      throw new AxiosError('No token', 'ERR_TOKEN', { headers: new axios.AxiosHeaders({ authorization: 'SECRET' }) });
    };
    if (side === 'request') instance.interceptors.request.use(refuse);
    else instance.interceptors.response.use(refuse);
    const { receiver, send } = await receiverThat(ok, { axios: instance });
    const error = await failureOf(send());
    expect(error).toMatchObject({
      reason: 'request',
      statusCode: side === 'request' ? undefined : 200,
      cause: { name: 'AxiosError', message: 'No token', code: 'ERR_TOKEN' },
    });
    expect(inspect(error, { depth: 10 })).not.toContain('SECRET');
    expect(receiver.requests).toHaveLength(side === 'request' ? 0 : 1);
  });

  it('can abort a request that is on its way', async () => {
    const abort = new AbortController();
    const instance = axios.create();
    instance.interceptors.request.use((config) => ({ ...config, signal: abort.signal }));
    const { receiver, send } = await receiverThat(() => abort.abort(), { axios: instance });
    expect(await failureOf(send())).toMatchObject({ reason: 'request' });
    await closed(receiver);
    expect(await failureOf(send())).toMatchObject({ reason: 'request' });
    expect(receiver.requests).toHaveLength(1);
  });

  it('cannot send a body that is neither text nor bytes', async () => {
    const instance = axios.create();
    instance.interceptors.request.use((config) => ({ ...config, data: { a: 1 } }));
    const { receiver, send } = await receiverThat(ok, { axios: instance });
    expect(await failureOf(send())).toMatchObject({ reason: 'request' });
    expect(receiver.requests).toHaveLength(0);
  });
});
