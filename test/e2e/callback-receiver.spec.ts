import { once } from 'node:events';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsString } from 'class-validator';
import {
  ApiCallback,
  CallbackController,
  CallbackDeliveryError,
  CallbackReplyError,
  Callbacks,
  CallbacksModule,
  CallbackUrls,
  receiverReplies,
} from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { z } from 'zod';
import { closeApps, createApp } from '../support/create-app.js';
import { createCertificate } from '../support/create-certificate.js';

class Event {
  @ApiProperty() @IsString() description!: string;
  @ApiProperty() @IsBoolean() paid!: boolean;
}
class Received {
  @ApiProperty() @IsBoolean() ok!: boolean;
}

@CallbackController('{$request.query.callback_url}')
class InvoiceCallbacks {
  @Post('invoices/{$request.body#/id}')
  @ApiOkResponse({ type: Received })
  @ApiHeader({ name: 'x-trace', required: false })
  notify(@Body() event: Event, @Headers('x-trace') trace?: string): Received {
    return receiverReplies();
  }
  @Post('schema') schema(@Body({ schema: z.object({ n: z.number().max(9) }) }) body: { n: number }) {}
  @Get('ping') @HttpCode(204) ping(@Query('limit') limit: number) {}
  @Post('later') @ApiAcceptedResponse() later() {}
}

@CallbackController()
class Outcomes {
  @Post('{$request.body#/success_url}') success() {}
  @Post('{$request.body#/failure_url}') failure() {}
}

@Controller('invoices')
class Invoices {
  constructor(private readonly callbacks: Callbacks) {}

  @Post()
  @ApiCallback(InvoiceCallbacks, { only: ['notify'] })
  async create(
    @Body() invoice: { id: string },
    @Query('callback_url') callbackUrl: string,
    @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
  ) {
    const result = await this.callbacks.send(InvoiceCallbacks, urls).notify(EVENT);
    return result.status === 'delivered' ? result.body : {};
  }
}

const EVENT = { description: 'Payment celebration', paid: true };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

afterEach(closeApps);

/** An app that may call a receiver back, and the URLs of its callbacks there. */
async function sender(receiver: CallbackReceiver<InvoiceCallbacks>, options: CallbacksModuleOptions = {}) {
  const app = await createApp({
    imports: [CallbacksModule.forRoot({ egress: receiver.egress, ...options })],
    controllers: [Invoices],
  });
  const callbacks = app.get(Callbacks);
  const exchange = { request: { query: { callback_url: `${receiver.url}/hook?token=1` }, body: { id: 'a/1' } } };
  const client = callbacks.send(InvoiceCallbacks, callbacks.urls(InvoiceCallbacks, exchange));
  return { app, client };
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });

describe('a CallbackReceiver', () => {
  it('gets what an app sends to the URL that the app was given', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.replyWith('notify', { ok: true });
    const { app } = await sender(receiver);
    await app.listen(0, '127.0.0.1');
    const callbackUrl = encodeURIComponent(`${receiver.url}/hook?token=1`);
    const response = await post(`${await app.getUrl()}/invoices?callback_url=${callbackUrl}`, '{"id":"a/1"}');
    expect(await response.json()).toEqual({ ok: true });
    const { args, headers, url, id, rawBody, statusCode } = await receiver.next('notify');
    expect(args).toStrictEqual([Object.assign(new Event(), EVENT)]);
    expect(headers).toMatchObject({ 'content-type': 'application/json' });
    expect(url).toBe(`${receiver.url}/hook/invoices/a%2F1?token=1`);
    expect(id).toBeUndefined();
    expect(rawBody.toString()).toBe(JSON.stringify(EVENT));
    expect(statusCode).toBe(200);
  });

  it('hands over callbacks one by one, those that came before it was asked too', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    await client.schema({ n: 1 });
    await client.ping(5);
    await client.schema({ n: 2 });
    const waiting = [
      receiver.next('schema'),
      receiver.next('schema'),
      receiver.next('schema'),
      receiver.next('schema'),
    ];
    await client.schema({ n: 3 });
    await client.schema({ n: 4 });
    expect((await Promise.all(waiting)).map(({ args }) => args[0].n)).toEqual([1, 2, 3, 4]);
    expect(receiver.received('schema').map(({ args }) => args[0].n)).toEqual([1, 2, 3, 4]);
    expect((await receiver.next('ping')).args).toEqual([5]);
  });

  it('says after a time-out what came instead, and why it was refused', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    await expect(receiver.next('notify', { timeout: 1 })).rejects.toThrow(
      'No notify came within 1 ms. Nothing came at all.',
    );
    await post(`${receiver.url}/later`, '');
    await post(`${receiver.url}/invoices/1`, '{"description":"a"}');
    await post(`${receiver.url}/elsewhere`, '{}');
    const told = await receiver.next('notify', { timeout: 1 }).catch(String);
    expect(told).toContain('POST /later: later, answered with 202');
    expect(told).toContain('POST /invoices/1: refused with 400. It does not fit notify: paid: paid must be a boolean');
    expect(told).toContain('POST /elsewhere: refused with 404');
  });

  it('tells whoever waits that it was closed', async () => {
    const receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const waiting = receiver.next('notify').catch(String);
    await receiver.close();
    expect(await waiting).toContain('before the receiver was closed');
    await expect(receiver.next('notify')).rejects.toThrow('before the receiver was closed');
    await receiver.close();
    await expect(fetch(receiver.url)).rejects.toThrow('fetch failed');
  });

  it.each(['nope', 'constructor'])('has no callback %s', async (name) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const wrong = name as 'notify';
    const message = `InvoiceCallbacks has no callback \`${name}\`. Its callbacks: notify, schema, ping, later.`;
    for (const act of [
      () => receiver.received(wrong),
      () => receiver.next(wrong),
      () => receiver.replyWith(wrong, { ok: true }),
      () => receiver.hang({ only: [wrong] }),
    ]) {
      expect(act).toThrow(message);
    }
    await expect(CallbackReceiver.listen(InvoiceCallbacks, { only: [wrong] })).rejects.toThrow(message);
  });

  it('refuses a class that is no callback class, and a secret that is none', async () => {
    await expect(CallbackReceiver.listen(Event)).rejects.toThrow('Put @CallbackController() on Event.');
    for (const secret of ['whsec_secret', '', [SECRET, ''], [], 7 as never]) {
      const failure = CallbackReceiver.listen(InvoiceCallbacks, { secret });
      await expect(failure).rejects.toThrow('The option `secret` of CallbackReceiver has to be "whsec_"');
    }
  });

  it('listens by https:', async () => {
    const tls = await createCertificate('receiver.example');
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks, { tls });
    expect(receiver.egress.http).toBe(false);
    expect(receiver.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const options = { method: 'POST', ca: tls.cert, servername: 'receiver.example', agent: false as const };
    const call = () => requestTls(`${receiver.url}/later`, options).end();
    const [response] = (await once(call(), 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(202);
    expect(await receiver.next('later')).toMatchObject({ url: `${receiver.url}/later` });
    receiver.reset();
    await expect(once(call(), 'response')).rejects.toThrow('socket hang up');
  });

  it('cannot tell callbacks apart whose URLs look alike, unless it is told which is meant', async () => {
    await using both = await CallbackReceiver.listen(Outcomes);
    const refused = await post(`${both.url}/hook`, '');
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({
      message:
        "It can be any of success, failure, whose URLs look alike. Fix: one receiver for each, { only: ['success'] }.",
    });
    await using failures = await CallbackReceiver.listen(Outcomes, { only: ['failure'] });
    expect((await post(`${failures.url}/hook`, '')).status).toBe(201);
    expect(failures.received('failure')).toHaveLength(1);
  });
});

describe('the receiver refuses', () => {
  it('with 404 what the class does not document, and says what it does', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const response = await post(`${receiver.url}/nowhere`, '{}');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      message: expect.stringContaining(
        'It is none of the callbacks of InvoiceCallbacks: POST {$request.query.callback_url}/invoices/{$request.body#/id}',
      ),
      issues: [],
    });
  });

  it.each([
    ['invoices/1', '{"description":7,"paid":true}', [{ path: 'description', message: 'description must be a string' }]],
    ['invoices/1', '{', [{ path: '', message: 'the body is no JSON' }]],
    ['schema', '{"n":10}', [{ path: 'n', message: expect.stringContaining('9') }]],
  ])('with 400 a wrong body of %s: %s', async (path, body, issues) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const response = await post(`${receiver.url}/${path}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringContaining('It does not fit'), issues });
    expect([...receiver.received('notify'), ...receiver.received('schema')]).toEqual([]);
    const refused = { method: 'POST', url: `${receiver.url}/${path}`, statusCode: 400, issues };
    expect(receiver.refused()).toMatchObject([refused]);
  });

  it('with 400 a query parameter that is missing or wrong', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const issuesOf = async (target: string) => (await fetch(`${receiver.url}${target}`)).json();
    expect(await issuesOf('/ping')).toMatchObject({ issues: [{ path: 'limit', message: 'is missing' }] });
    expect(await issuesOf('/ping?limit=a')).toMatchObject({ issues: [{ path: 'limit', message: 'must be a number' }] });
  });

  it('with 401 what the secret has not signed', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks, { secret: [SECRET, OTHER_SECRET] });
    expect((await post(`${receiver.url}/later`, '')).status).toBe(401);
    const stranger = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    const { client } = await sender(receiver, { signing: { secret: stranger } });
    await expect(client.later()).rejects.toMatchObject({ statusCode: 401 });
    const { client: known } = await sender(receiver, { signing: { secret: OTHER_SECRET } });
    const result = await known.later();
    expect(await receiver.next('later')).toMatchObject({ id: 'id' in result && result.id });
    expect(receiver.received('later')).toHaveLength(1);
  });

  it('with 413 a body of more than a megabyte', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    expect((await post(`${receiver.url}/later`, ' '.repeat(1_048_577))).status).toBe(413);
    expect((await post(`${receiver.url}/later`, ' '.repeat(1_048_576))).status).toBe(202);
  });
});

it('the receiver tells of a request that broke off', async () => {
  await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
  const socket = connect(Number(new URL(receiver.url).port), '127.0.0.1');
  const waiting = receiver.next('later', { timeout: 2_000 }).catch(String);
  socket.end('POST /later HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12');
  await once(socket.resume(), 'close');
  await receiver.close();
  expect(await waiting).toContain('POST /later: not answered: Error: aborted');
});

describe('the receiver replies', () => {
  it('the documented status and nothing, where no reply is documented', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    expect(await client.ping(1)).toMatchObject({ statusCode: 204 });
    expect(await client.later()).toMatchObject({ statusCode: 202, body: undefined });
    expect(await client.schema({ n: 1 })).toMatchObject({ statusCode: 201, body: undefined });
  });

  it('501 until a documented reply is scripted', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    const error = (await client.notify(EVENT).catch((reason: unknown) => reason)) as CallbackDeliveryError;
    expect(error).toMatchObject({ statusCode: 501 });
    expect(error.replyExcerpt).toContain("Fix: call receiver.replyWith('notify', …).");
  });

  it('as scripted: some replies for a number of times, then the one that stays', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    receiver.replyWith('notify', { ok: false });
    receiver.replyWith('notify', { ok: true });
    receiver.replyWith('notify', { ok: false }, { times: 1, statusCode: 202, headers: { 'X-Reply': 'first' } });
    const results = [await client.notify(EVENT), await client.notify(EVENT), await client.notify(EVENT)];
    expect(results).toMatchObject([
      { statusCode: 202, headers: { 'x-reply': 'first' }, body: { ok: false } },
      { statusCode: 200, body: { ok: true } },
      { statusCode: 200, body: { ok: true } },
    ]);
  });

  it('500 where the scripted reply is not what the class documents, unless that is meant', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    receiver.replyWith('notify', { ok: 'yes' } as never);
    const error = (await client.notify(EVENT).catch((reason: unknown) => reason)) as CallbackDeliveryError;
    expect(error).toMatchObject({ statusCode: 500 });
    expect(error.replyExcerpt).toContain('ok must be a boolean value');
    receiver.replyWith('notify', { ok: 'yes' }, { unchecked: true });
    await expect(client.notify(EVENT)).rejects.toThrow(CallbackReplyError);
  });

  it('in the media type that its headers say', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.replyWith('later', '<p>thanks</p>', { headers: { 'Content-Type': 'text/html' } });
    expect((await post(`${receiver.url}/later`, '')).headers.get('content-type')).toBe('text/html');
  });

  it('500 where the scripted reply cannot be written', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.replyWith('later', { total: 1n });
    const response = await post(`${receiver.url}/later`, '');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'TypeError: Do not know how to serialize a BigInt' });
    expect(receiver.received('later')).toEqual([]);
  });

  it('a string as text', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    receiver.replyWith('later', 'thanks');
    expect(await client.later()).toMatchObject({ body: 'thanks', headers: { 'content-type': /^text\/plain/ } });
  });

  it('by no status that is none of a reply', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    expect(() => receiver.replyWith('later', '', { statusCode: 404 })).toThrow('For another use failWith()');
    expect(() => receiver.failWith(200)).toThrow('For a success use replyWith()');
    expect(() => receiver.hang({ times: 0 })).toThrow('a whole number from 1, or Infinity');
  });
});

describe('the receiver fails', () => {
  it('by a status as often as told, and every attempt is received', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver);
    receiver.replyWith('notify', { ok: true }, { times: 1 });
    receiver.failWith(503, { times: 2, retryAfter: 1, body: { message: 'busy' } });
    receiver.failWith(410);
    const errors = [client.notify, client.notify, client.notify].map((attempt) => () => attempt(EVENT));
    for (const [index, statusCode] of [503, 503, 410].entries()) {
      const replyExcerpt = statusCode === 503 ? '{"message":"busy"}' : '';
      await expect(errors[index]!()).rejects.toMatchObject({ statusCode, replyExcerpt });
    }
    expect(await client.notify(EVENT)).toMatchObject({ status: 'delivered' });
    expect(receiver.received('notify').map(({ statusCode }) => statusCode)).toEqual([503, 503, 410, 200]);
    expect(await receiver.next('notify')).toMatchObject({ statusCode: 503 });
  });

  it('with Retry-After in seconds', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.failWith(429, { retryAfter: 7, headers: { 'x-limit': '1' } });
    const { status, headers } = await post(`${receiver.url}/later`, '');
    expect([status, headers.get('retry-after'), headers.get('x-limit')]).toEqual([429, '7', '1']);
  });

  it('only the callbacks that are meant, and none that is refused', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.failWith(503, { only: ['later'] });
    await post(`${receiver.url}/nowhere`, '');
    expect((await post(`${receiver.url}/schema`, '{"n":1}')).status).toBe(201);
    expect((await post(`${receiver.url}/later`, '')).status).toBe(503);
    expect((await post(`${receiver.url}/later`, '')).status).toBe(202);
  });

  it.each([
    ['hang', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.hang(), 'timeout', undefined],
    ['drip', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.drip({ interval: 1 }), 'timeout', 200],
    ['reset', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.reset(), 'connection', undefined],
    [
      'reset in the middle of the reply',
      (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.reset({ midReply: true }),
      'connection',
      200,
    ],
  ])('by a connection that is made to %s', async (_, fail, reason, statusCode) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver, { timeout: 200 });
    fail(receiver);
    const error = (await client.later().catch((failure: unknown) => failure)) as CallbackDeliveryError;
    expect(error).toBeInstanceOf(CallbackDeliveryError);
    expect(error.reason).toBe(reason);
    expect(await receiver.next('later')).toMatchObject({ statusCode });
    expect(await client.later()).toMatchObject({ statusCode: 202 });
  });

  it('and closes with a connection that hangs, and one that drips', async () => {
    const receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.hang();
    const hanging = post(`${receiver.url}/later`, '').catch(String);
    await receiver.next('later');
    receiver.drip();
    const dripping = await post(`${receiver.url}/later`, '');
    const text = dripping.text().catch(String);
    await receiver.close();
    expect(await Promise.all([hanging, text])).toEqual(['TypeError: fetch failed', 'TypeError: terminated']);
  });
});
