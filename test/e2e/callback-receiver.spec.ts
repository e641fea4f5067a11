import { once } from 'node:events';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { closeApps } from '../support/create-app.js';
import { createCertificate } from '../support/create-certificate.js';
import { Event, EVENT, InvoiceCallbacks, post, sender } from '../support/received-invoices.js';

afterEach(closeApps);

@CallbackController()
class Outcomes {
  @Post('{$request.body#/success_url}') success(): void {
    return receiverReplies();
  }
  @Post('{$request.body#/failure_url}') failure(): void {
    return receiverReplies();
  }
}

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const OTHER_SECRET = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

describe('a CallbackReceiver', () => {
  it('receives what an app sends to its URL', async () => {
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

  it('returns callbacks one by one, including earlier ones', async () => {
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

  it('says after a timeout what was received instead, and why it was rejected', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    await expect(receiver.next('notify', { timeout: 1 })).rejects.toThrow(
      'No notify arrived within 1 ms. Nothing was received at all.',
    );
    await post(`${receiver.url}/later`, '');
    await post(`${receiver.url}/invoices/1`, '{"description":"a"}');
    await post(`${receiver.url}/elsewhere`, '{}');
    const told = await receiver.next('notify', { timeout: 1 }).catch(String);
    expect(told).toContain('POST /later: later, answered with 202');
    expect(told).toContain(
      'POST /invoices/1: refused with 400. The request does not match notify: paid: paid must be a boolean',
    );
    expect(told).toContain('POST /elsewhere: refused with 404');
  });

  it('rejects pending calls when it is closed', async () => {
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

  it('rejects a class that is not a callback class, and an invalid secret', async () => {
    await expect(CallbackReceiver.listen(Event)).rejects.toThrow(
      "Put @CallbackController('{$request.query.callback_url}') on Event.",
    );
    for (const secret of ['whsec_secret', '', [SECRET, ''], [], 7 as never]) {
      const failure = CallbackReceiver.listen(InvoiceCallbacks, { secret });
      await expect(failure).rejects.toThrow('The option `secret` of CallbackReceiver must be "whsec_"');
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

  it('cannot distinguish callbacks with similar URLs without the option `only`', async () => {
    await using both = await CallbackReceiver.listen(Outcomes);
    const refused = await post(`${both.url}/hook`, '');
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({
      message:
        "The request matches several callbacks with similar URLs: success, failure. Fix: use one receiver for each, { only: ['success'] }.",
    });
    await using failures = await CallbackReceiver.listen(Outcomes, { only: ['failure'] });
    expect((await post(`${failures.url}/hook`, '')).status).toBe(201);
    expect(failures.received('failure')).toHaveLength(1);
  });
});

describe('the receiver refuses', () => {
  it('with 404 if the class does not document it, listing what it documents', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const response = await post(`${receiver.url}/nowhere`, '{}');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      message: expect.stringContaining(
        'The request is not one of the callbacks of InvoiceCallbacks: POST {$request.query.callback_url}/invoices/{$request.body#/id}',
      ),
      issues: [],
    });
  });

  it.each([
    ['invoices/1', '{"description":7,"paid":true}', [{ path: 'description', message: 'description must be a string' }]],
    ['invoices/1', '{', [{ path: '', message: 'the body is not valid JSON' }]],
    ['schema', '{"n":10}', [{ path: 'n', message: expect.stringContaining('9') }]],
  ])('with 400 a wrong body of %s: %s', async (path, body, issues) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const response = await post(`${receiver.url}/${path}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.stringContaining('The request does not match'), issues });
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

  it('with 401 without a valid signature', async () => {
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

it('the receiver reports an interrupted request', async () => {
  await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
  const socket = connect(Number(new URL(receiver.url).port), '127.0.0.1');
  const waiting = receiver.next('later', { timeout: 2_000 }).catch(String);
  socket.end('POST /later HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12');
  await once(socket.resume(), 'close');
  await receiver.close();
  expect(await waiting).toContain('POST /later: not answered: Error: aborted');
});
