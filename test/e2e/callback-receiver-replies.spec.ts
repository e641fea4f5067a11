import { afterEach, describe, expect, it } from '@jest/globals';
import { CallbackDeliveryError, CallbackReplyError } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { failure } from '../support/failure.js';
import { closeApps } from '../support/create-app.js';
import { EVENT, InvoiceCallbacks, post, sender } from '../support/received-invoices.js';

afterEach(closeApps);

describe('the receiver replies', () => {
  it('the documented status without a body, if no reply is documented', async () => {
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

  it('500 if the scripted reply does not match the class, unless that is intended', async () => {
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

  it('500 if the scripted reply cannot be written', async () => {
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

  it('never with an invalid status', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    expect(() => receiver.replyWith('later', '', { statusCode: 404 })).toThrow('use failWith()');
    expect(() => receiver.failWith(200)).toThrow('use replyWith() for a success');
    expect(() => receiver.hang({ times: 0 })).toThrow('a whole number from 1, or Infinity');
  });
});

describe('the receiver fails', () => {
  it('with a status as often as scripted, and every attempt is received', async () => {
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

  it('only for the selected callbacks, and not for rejected ones', async () => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    receiver.failWith(503, { only: ['later'] });
    await post(`${receiver.url}/nowhere`, '');
    expect((await post(`${receiver.url}/schema`, '{"n":1}')).status).toBe(201);
    expect((await post(`${receiver.url}/later`, '')).status).toBe(503);
    expect((await post(`${receiver.url}/later`, '')).status).toBe(202);
  });

  it.each([
    ['hang', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.hang(), 'timeout'],
    ['reset', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.reset(), 'connection'],
  ])('by a connection that is made to %s', async (_, fail, reason) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver, { timeout: 1_000 });
    fail(receiver);
    const error = await failure(client.later(), CallbackDeliveryError);
    expect(error.reason).toBe(reason);
    expect(await receiver.next('later')).toMatchObject({ statusCode: undefined });
    expect(await client.later()).toMatchObject({ statusCode: 202 });
  });

  it.each([
    ['drip', (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.drip({ interval: 1 }), 'after 1000 ms'],
    [
      'reset in the middle of the reply',
      (receiver: CallbackReceiver<InvoiceCallbacks>) => receiver.reset({ midReply: true }),
      'is not complete: the connection was',
    ],
  ])('once it has delivered a 200, by a connection that is made to %s', async (_, fail, issue) => {
    await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
    const { client } = await sender(receiver, { timeout: 1_000 });
    fail(receiver);
    const error = await failure(client.later(), CallbackReplyError);
    expect(error.statusCode).toBe(200);
    expect(error.message).toContain(issue);
    expect(await receiver.next('later')).toMatchObject({ statusCode: 200 });
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
