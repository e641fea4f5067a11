import { once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Headers, Post, Query, ValidationPipe } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProperty, ApiQuery, ApiResponse } from '@nestjs/swagger';
import axios from 'axios';
import { IsBoolean, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import {
  ApiCallback,
  CallbackContractError,
  CallbackController,
  CallbackDeliveryError,
  CallbackReplyError,
  Callbacks,
  CallbacksModule,
  CallbackUrlError,
  CallbackUrls,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { closeApps, createApp, documentOf, PLATFORMS } from '../support/create-app.js';
import type { Platform } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { startReceiver } from '../support/start-receiver.js';

class Line {
  @ApiProperty() @IsString() text!: string;
}
class Event {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
  @ApiProperty({ type: [Line] })
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}
class Reply {
  @ApiProperty() @IsBoolean() ok!: boolean;
}
class Order {
  @ApiProperty() @IsString() id!: string;
}
class OrderQuery {
  @ApiProperty({ required: false }) @IsOptional() callback_url?: unknown;
}

@CallbackController('{$request.query.callback_url}')
class OrderCallbacks {
  @Post('orders/{$request.body#/id}')
  @ApiOkResponse({ type: Reply })
  @ApiResponse({ status: '2XX', description: 'anything' })
  @ApiQuery({ name: 'tag', required: false, isArray: true, type: String })
  @ApiHeader({ name: 'x-trace', required: false })
  paid(@Body() event: Event, @Query('tag') tag?: string[], @Headers('x-trace') trace?: string): Reply {
    return receiverReplies();
  }
  @Post('{$response.body#/number}')
  @ApiOkResponse({ type: Reply })
  numbered(@Body({ schema: z.object({ at: z.coerce.date() }) }) body: { at: string }): Reply {
    return receiverReplies();
  }
  @Get() ping() {}
  @Get('own') own(@Headers('Webhook-Id') id?: string) {}
}

@Controller('orders')
class Orders {
  @Post()
  @ApiCallback(OrderCallbacks, { only: ['paid', 'ping', 'own'] })
  create(
    @Body() order: Order,
    @Query() query: OrderQuery,
    @CallbackUrls(OrderCallbacks) urls: CallbackUrls<OrderCallbacks>,
  ) {
    return urls;
  }
}

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OLD_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await closeApps();
  await Promise.all(closing.splice(0).map((item) => item.close()));
});

/** A receiver, and an app that may call it back at these URLs. */
async function scene(options: CallbacksModuleOptions = {}, platform: Platform = 'express') {
  const receiver = await CallbackReceiver.listen(OrderCallbacks);
  closing.push(receiver);
  receiver.replyWith('paid', REPLY);
  receiver.replyWith('numbered', { ok: true });
  const app = await createApp(
    { imports: [CallbacksModule.forRoot({ egress: receiver.egress, ...options })], controllers: [Orders] },
    platform,
  );
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  const callbacks = app.get(Callbacks);
  const base = `${receiver.url}/events?token=top-secret`;
  const request = { query: { callback_url: base }, body: { id: 'a/1' } };
  const urls = callbacks.urls(OrderCallbacks, { request, response: { body: { number: 7 } } });
  return { app, receiver, callbacks, base, urls, client: callbacks.send(OrderCallbacks, urls) };
}

async function post(app: INestApplication, query: string): Promise<{ status: number; body: unknown }> {
  if (!app.getHttpServer().listening) await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/orders?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'a/1', unknown: true }),
  });
  return { status: response.status, body: await response.json() };
}

async function failure<T extends Error>(act: Promise<unknown>, type: abstract new (...args: never[]) => T): Promise<T> {
  const error = await act.then(
    () => new Error('It did not fail.'),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}

const EVENT = { description: 'Payment celebration', paid: true };
const REPLY = { ok: true, more: 1 };

describe.each(PLATFORMS)('@CallbackUrls() on %s, behind a ValidationPipe that strips and transforms', (platform) => {
  it('gives plain JSON with the URL of each method that the request asked for', async () => {
    const { app, base } = await scene({}, platform);
    const { status, body } = await post(app, `callback_url=${encodeURIComponent(base)}`);
    expect(status).toBe(201);
    expect(body).toEqual({ paid: base.replace('?', '/orders/a%2F1?'), ping: base, own: base.replace('?', '/own?') });
  });

  it.each(['', 'callback_url=', 'other=1', 'callback_url=https://a.example&callback_url=https://b.example'])(
    'gives none for the query %j',
    async (query) => {
      const { app } = await scene({}, platform);
      expect(await post(app, query)).toEqual({ status: 201, body: {} });
    },
  );

  it.each([
    ['/events', 'is not an absolute http: or https: URL'],
    ['ftp://x.example', 'is not an absolute http: or https: URL'],
    ['https://user:secret@x.example', 'has credentials in it'],
    ['https://169.254.169.254/latest', 'link-local address'],
    ['https://10.0.0.1', 'private address'],
    ['https://localhost:1', 'port 1 is not allowed'],
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
  it('sends body, query and headers, and gives the reply as its model', async () => {
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

  it('is skipped where the request gave no URL', async () => {
    const { callbacks, receiver } = await scene();
    expect(await callbacks.send(OrderCallbacks, {}).paid(EVENT)).toEqual({ status: 'skipped' });
    expect(receiver.received('paid')).toEqual([]);
  });

  it('sends nothing that does not fit, and names every field of it without its value', async () => {
    const { client, receiver } = await scene();
    const wrong = { description: 17_171, paid: 'perhaps', lines: [{ text: 'fine' }, { text: 23_232 }] };
    const error = await failure(client.paid(wrong as never), CallbackContractError);
    expect(error.callback).toBe('OrderCallbacks.paid');
    expect(error.issues.map(({ path }) => path)).toEqual(['description', 'paid', 'lines[1].text']);
    expect(error.message).not.toMatch(/17171|perhaps|23232/);
    expect([...receiver.received('paid'), ...receiver.refused()]).toEqual([]);
  });

  it('validates by a Standard Schema, and sends what was written', async () => {
    const { client, receiver } = await scene();
    const error = await failure(client.numbered({ at: 'never' }), CallbackContractError);
    expect(error.issues).toMatchObject([{ path: 'at' }]);
    await client.numbered({ at: '2026-01-01' });
    expect(receiver.received('numbered').map(({ rawBody }) => rawBody.toString())).toEqual(['{"at":"2026-01-01"}']);
  });

  it.each([
    ['{"ok":"yes"}', 'ok: ok must be a boolean value'],
    ['[]', 'must be an object'],
    ['null', 'must be an object'],
    ['', 'it is no JSON'],
    ['<html>', 'it is no JSON'],
  ])('refuses the reply %j', async (body, message) => {
    const { client, receiver } = await scene();
    receiver.replyWith('paid', body, { unchecked: true });
    const error = await failure(client.paid(EVENT), CallbackReplyError);
    expect(error).toMatchObject({ statusCode: 200, callback: 'OrderCallbacks.paid' });
    expect(error.message).toContain(message);
  });

  it('accepts any 2xx: a range without a model says nothing of the body', async () => {
    const { client, receiver } = await scene();
    receiver.replyWith('paid', 'later', { statusCode: 202, unchecked: true });
    expect(await client.paid(EVENT)).toMatchObject({ statusCode: 202, body: 'later' });
  });

  it.each([
    [500, {}],
    [302, { location: 'http://127.0.0.1:1/elsewhere' }],
    [410, {}],
  ])('fails on %i, and tells what the receiver said', async (status, headers) => {
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

  it('tells no secret, query string or body in an error, however it is written', async () => {
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
  closing.push(receiver);
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

describe('signing', () => {
  it('is by Standard Webhooks, with every secret', async () => {
    const { client, receiver } = await scene({ signing: { secret: [SECRET, OLD_SECRET] } });
    const result = await client.paid(EVENT);
    const { id, rawBody, headers } = await receiver.next('paid');
    for (const secret of [SECRET, OLD_SECRET])
      expect(new Webhook(secret).verify(rawBody, headers as Record<string, string>)).toEqual(EVENT);
    const forged = () => new Webhook(SECRET).verify(`${rawBody.toString()} `, headers as Record<string, string>);
    expect(forged).toThrow('No matching signature found');
    expect(result).toMatchObject({ id });
  });

  it('asks for the secret of a delivery', async () => {
    const asked: unknown[] = [];
    const secret = (delivery: object) => {
      asked.push(delivery);
      return Promise.resolve(SECRET);
    };
    const { client, receiver, base } = await scene({ signing: { secret } });
    await client.ping();
    expect(asked).toEqual([{ id: expect.stringMatching(/^msg_/), callback: 'OrderCallbacks.ping', url: base }]);
    const { headers, rawBody } = await receiver.next('ping');
    expect(rawBody).toHaveLength(0);
    expect(headers['webhook-signature']).toMatch(/^v1,/);
  });

  it('is documented on each callback while it is on', async () => {
    const headersOf = (app: INestApplication, name = 'ping') => {
      const callback = callbacksOf(documentOf(app), 'POST /orders')[name]!;
      const operation = Object.values(callback)[0]!['get']!;
      return (operation['parameters'] as { in: string; name: string }[]).map(
        (parameter) => `${parameter.in} ${parameter.name}`,
      );
    };
    expect(headersOf((await scene()).app)).toEqual([]);
    expect(headersOf((await scene({ signing: { secret: SECRET } })).app)).toEqual([
      'header webhook-id',
      'header webhook-timestamp',
      'header webhook-signature',
    ]);
    expect(headersOf((await scene({ signing: { secret: SECRET } })).app, 'own')).toEqual([
      'header Webhook-Id',
      'header webhook-timestamp',
      'header webhook-signature',
    ]);
  });
});
