import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import {
  CallbackContractError,
  CallbackDeliveryError,
  CallbackReplyError,
  Callbacks,
  CallbacksModule,
  CallbackUrlError,
} from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { closeApps, createApp, PLATFORMS } from '../support/create-app.js';
import { failure } from '../support/failure.js';
import { EVENT, OrderCallbacks, post, Reply, REPLY, scene, SECRET } from '../support/orders.js';
import { startReceiver } from '../support/start-receiver.js';

afterEach(async () => {
  await closeApps();
  await closeAll();
});

describe.each(PLATFORMS)('@CallbackUrls() on %s, behind a ValidationPipe that strips and transforms', (platform) => {
  it('gives plain JSON with the URL of each method that the request asked for', async () => {
    const { app, base } = await scene({}, platform);
    const { status, body } = await post(app, `callback_url=${encodeURIComponent(base)}`);
    expect(status).toBe(201);
    expect(body).toEqual({ paid: base.replace('?', '/orders/a%2F1?'), ping: base, own: base.replace('?', '/own?') });
  });

  it.each(['', 'callback_url=', 'callback_url', 'other=1', 'callback_urls[]=a'])(
    'gives none for the query %j',
    async (query) => {
      const { app } = await scene({}, platform);
      expect(await post(app, query)).toEqual({ status: 201, body: {} });
    },
  );

  it.each([
    ['callback_url=https://a.example&callback_url=https://b.example', 'must be one value, but is an array'],
    ['callback_url=&callback_url=', 'must be one value, but is an array'],
    ['callback_url[]=https://a.example', 'must be one value, but its name is followed by brackets'],
    ['callback_url%5B%5D=', 'must be one value, but its name is followed by brackets'],
    ['callback_url[0]=https://a.example', 'must be one value, but its name is followed by brackets'],
    ['callback_url[href]=https://a.example', 'must be one value, but its name is followed by brackets'],
  ])('answers 400 to the query %s', async (query, reason) => {
    const { app } = await scene({}, platform);
    const message = `The callback URL cannot be used: the query parameter callback_url ${reason}.`;
    expect(await post(app, query)).toMatchObject({ status: 400, body: { message } });
  });

  it.each([
    ['/events', 'is not an absolute http: or https: URL'],
    ['ftp://x.example', 'is not an absolute http: or https: URL'],
    ['https://user:secret@x.example', 'contains credentials'],
    // Not which of them is open.
    ['https://169.254.169.254/latest', 'callback_url: its host or port is not allowed.'],
    ['https://10.0.0.1', 'callback_url: its host or port is not allowed.'],
    ['https://localhost:1', 'callback_url: its host or port is not allowed.'],
    [`https://${'a'.repeat(64)}.example`, 'its host is not a valid host name'],
    ['https://a..example', 'its host is not a valid host name'],
    [`https://${'a.'.repeat(127)}example`, 'its host is not a valid host name'],
    ['https://*.example', 'its host is not a valid host name'],
  ])('answers 400 to %s, naming the parameter', async (url, reason) => {
    const { app } = await scene({}, platform);
    const { status, body } = await post(app, `callback_url=${encodeURIComponent(url)}`);
    expect({ status, body }).toMatchObject({ status: 400, body: { message: expect.stringContaining(reason) } });
    expect(JSON.stringify(body)).toContain('the query parameter callback_url');
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('callbacks.urls()', () => {
  it('resolves expressions that need the response', async () => {
    const { callbacks } = await scene();
    const request = { query: { callback_url: 'http://127.0.0.1/hook' }, body: { id: '1' } };
    expect(callbacks.urls(OrderCallbacks, { request })).not.toHaveProperty('numbered');
    expect(callbacks.urls(OrderCallbacks, { request, response: { body: { number: 7 } } })).toEqual({
      paid: 'http://127.0.0.1/hook/orders/1',
      numbered: 'http://127.0.0.1/hook/7',
      ping: 'http://127.0.0.1/hook',
      own: 'http://127.0.0.1/hook/own',
    });
  });

  it('names a value that is missing', async () => {
    const { callbacks } = await scene();
    const request = { query: { callback_url: 'http://127.0.0.1/hook' }, body: {} };
    expect(() => callbacks.urls(OrderCallbacks, { request })).toThrow('id of the request body has no value');
  });
});

describe('callbacks.send()', () => {
  it('sends body, query and headers, and returns the reply as its model', async () => {
    const { client, receiver, urls } = await scene();
    const result = await client.paid(EVENT, ['a', 'b'], 'trace-1');
    const url = `${urls.paid}&tag=a&tag=b`;
    expect(result).toEqual({
      status: 'delivered',
      id: expect.stringMatching(/^msg_[\w-]+$/),
      url,
      statusCode: 200,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      body: Object.assign(new Reply(), REPLY),
      attempts: 1,
    });
    if (result.status === 'delivered') expect(result.body).toBeInstanceOf(Reply);
    const received = await receiver.next('paid');
    expect(received).toMatchObject({ args: [EVENT, ['a', 'b'], 'trace-1'], url });
    expect(received.rawBody.toString()).toBe(JSON.stringify(EVENT));
    expect(received.headers).toMatchObject({ 'content-type': 'application/json', accept: 'application/json' });
    expect(received.headers).not.toHaveProperty('webhook-signature');
  });

  it('is skipped if the request gave no URL', async () => {
    const { callbacks, receiver } = await scene();
    expect(await callbacks.send(OrderCallbacks, {}).paid(EVENT)).toEqual({ status: 'skipped' });
    const fromTheDatabase = JSON.parse('{"paid":null}') as object;
    expect(await callbacks.send(OrderCallbacks, fromTheDatabase).paid(EVENT)).toEqual({ status: 'skipped' });
    expect(receiver.received('paid')).toEqual([]);
  });

  it('sends nothing that is invalid, and names every wrong field without its value', async () => {
    const { client, receiver } = await scene();
    const wrong = { description: 17_171, paid: 'perhaps', lines: [{ text: 'fine' }, { text: 23_232 }] };
    const error = await failure(client.paid(wrong as never), CallbackContractError);
    expect(error.callback).toBe('OrderCallbacks.paid');
    expect(error.issues.map(({ path }) => path)).toEqual(['description', 'paid', 'lines[1].text']);
    expect(error.message).not.toMatch(/17171|perhaps|23232/);
    expect([...receiver.received('paid'), ...receiver.refused()]).toEqual([]);
  });

  it('validates with a Standard Schema, and sends the given value', async () => {
    const { client, receiver } = await scene();
    const error = await failure(client.numbered({ at: 'never' }), CallbackContractError);
    expect(error.issues).toMatchObject([{ path: 'at' }]);
    await client.numbered({ at: '2026-01-01' });
    expect(receiver.received('numbered').map(({ rawBody }) => rawBody.toString())).toEqual(['{"at":"2026-01-01"}']);
  });

  it.each([
    ['{"ok":"yes"}', 'ok: ok must be a boolean value'],
    ['[]', 'the body must be an object (Reply)'],
    ['null', 'the body must be an object (Reply)'],
    ['', 'the body is empty, but the callback class documents one.'],
    ['<html>', 'the body is not valid JSON'],
  ])('refuses the reply %j', async (body, message) => {
    const { client, receiver } = await scene();
    receiver.replyWith('paid', body, { unchecked: true });
    const error = await failure(client.paid(EVENT), CallbackReplyError);
    expect(error).toMatchObject({ statusCode: 200, callback: 'OrderCallbacks.paid' });
    expect(error.message).toContain(message);
  });

  it.each([
    [204, '@ApiNoContentResponse()'],
    [205, '@ApiResponse({ status: 205 })'],
  ])('says that a reply of %i has no body, if the class documents one', async (statusCode, decorator) => {
    const { client, receiver } = await scene();
    receiver.replyWith('numbered', '', { unchecked: true, statusCode });
    const error = await failure(client.numbered({ at: '2026-01-01' }), CallbackReplyError);
    expect(error.message).toBe(
      `The reply to OrderCallbacks.numbered (${statusCode}) does not match its documentation: the body is empty, as in every ${statusCode} reply, but the callback class documents one. Fix: if the receiver may reply ${statusCode}, put ${decorator} on the handler.`,
    );
  });

  it('names the body as what is wrong', async () => {
    const { client } = await scene();
    const error = await failure(client.paid('Payment celebration' as never), CallbackContractError);
    expect(error.message).toBe('The body of OrderCallbacks.paid must be an object (Event). Nothing was sent.');
  });

  it('reads a reply that begins with a byte order mark', async () => {
    const { client, receiver } = await scene();
    receiver.replyWith('paid', `\uFEFF${JSON.stringify(REPLY)}`, { unchecked: true });
    expect(await client.paid(EVENT)).toMatchObject({ body: REPLY });
  });

  it('accepts any 2xx: a range without a model allows any body', async () => {
    const { client, receiver } = await scene();
    receiver.replyWith('paid', 'later', { statusCode: 202, unchecked: true });
    expect(await client.paid(EVENT)).toMatchObject({ statusCode: 202, body: 'later' });
  });

  it.each([
    [500, {}],
    [302, { location: 'http://127.0.0.1:1/elsewhere' }],
    [410, {}],
  ])('fails on %i, with the beginning of the reply', async (status, headers) => {
    const { client, receiver } = await scene();
    receiver.failWith(status, { headers, body: 'go away' });
    const error = await failure(client.paid(EVENT), CallbackDeliveryError);
    expect(error).toMatchObject({ reason: 'status', statusCode: status, replyExcerpt: 'go away' });
    expect(receiver.received('paid')).toHaveLength(1);
  });

  it('refuses an address that is not allowed', async () => {
    const { callbacks, receiver } = await scene();
    const error = await failure(
      callbacks.send(OrderCallbacks, { paid: 'http://10.0.0.1/a?token=top-secret' }).paid(EVENT),
      CallbackUrlError,
    );
    expect(error.message).toContain('10.0.0.1');
    expect([...receiver.received('paid'), ...receiver.refused()]).toEqual([]);
  });

  it('has no secret, query string or body in an error, however it is printed', async () => {
    const { client, receiver } = await scene({ signing: { secret: SECRET } });
    receiver.failWith(500, { body: 'echo Payment celebration' });
    const error = await failure(client.paid(EVENT), CallbackDeliveryError);
    const written = [error.message, JSON.stringify(error), inspect(error, { depth: 10 }), String(error.stack)].join(
      '\n',
    );
    expect(written).not.toMatch(/top-secret|celebration|whsec_|Bw cH/);
  });

  it("sends through the app's own axios instance, with its interceptors", async () => {
    const instance = axios.create();
    instance.interceptors.request.use((config) => {
      config.headers.set('x-app', 'invoices');
      return config;
    });
    const { client, receiver } = await scene({ axios: instance });
    await client.paid(EVENT);
    expect((await receiver.next('paid')).headers['x-app']).toBe('invoices');
  });
});

it('uses one connection for several callbacks, and closes it with the app', async () => {
  const receiver = await startReceiver();
  closing(receiver);
  const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
  const app = await createApp({ imports: [CallbacksModule.forRoot({ egress })] });
  const { ping, own } = app.get(Callbacks).send(OrderCallbacks, { ping: receiver.url, own: receiver.url });
  for (const send of [ping, own, ping]) await send();
  expect(receiver.connections).toHaveLength(1);
  const [connection] = receiver.connections;
  const closed = connection!.destroyed ? undefined : once(connection!, 'close');
  await app.close();
  await closed;
  expect(connection!.destroyed).toBe(true);
});
