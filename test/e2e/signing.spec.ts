import { inspect } from 'node:util';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { memoryQueue } from 'nestjs-callbacks';
import type { SignedDelivery } from 'nestjs-callbacks';
import { Webhook } from 'standardwebhooks';
import { closeAll } from '../support/closing.js';
import { closeApps, documentOf } from '../support/create-app.js';
import { callbacksOf } from '../support/find-operation.js';
import { EVENT, OLD_SECRET, OrderCallbacks, scene, SECRET } from '../support/orders.js';

afterEach(async () => {
  await closeApps();
  await closeAll();
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

  it("prints no secret with the worker that a queue of the app's own is given", async () => {
    const queue = memoryQueue();
    const start = jest.spyOn(queue, 'start');
    const { app } = await scene({ signing: { secret: SECRET }, queue });
    await app.init();
    expect(inspect(start.mock.calls, { depth: 10 })).not.toContain(SECRET);
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

  it("asks with key and context, so that the tenant decides whose secret signs, and not the client's URL", async () => {
    const secretOfTenant: Record<string, string> = { alice: SECRET, bob: OLD_SECRET };
    const asked: SignedDelivery[] = [];
    const secret = (delivery: SignedDelivery) => {
      asked.push(delivery);
      return secretOfTenant[String(delivery.context)]!;
    };
    const { app, callbacks, receiver, urls } = await scene({ signing: { secret } });
    await app.init();
    for (const context of ['alice', 'bob']) {
      await callbacks.enqueue(OrderCallbacks, urls, { key: context, context }).paid(EVENT);
      const { headers, rawBody } = await receiver.next('paid');
      const verify = (tenant: string) =>
        new Webhook(secretOfTenant[tenant]!).verify(rawBody, headers as Record<string, string>);
      expect(verify(context)).toEqual(EVENT);
      expect(() => verify(context === 'alice' ? 'bob' : 'alice')).toThrow('No matching signature found');
    }
    const delivery = { id: expect.any(String), callback: 'OrderCallbacks.paid', url: urls.paid };
    expect(asked).toEqual(['alice', 'bob'].map((tenant) => ({ ...delivery, key: tenant, context: tenant })));
  });

  it('of one tenant can be forged by no other one, though both are on one host', async () => {
    const secretOfTenant: Record<string, string> = { alice: SECRET, bob: OLD_SECRET };
    const secret = ({ context }: SignedDelivery) => secretOfTenant[String(context)]!;
    const { callbacks, receiver, urls } = await scene({ signing: { secret } });
    const sent = new Map<string, [body: string, headers: Record<string, string>]>();
    for (const context of ['alice', 'bob']) {
      await callbacks.send(OrderCallbacks, urls, { context }).paid(EVENT);
      const { headers, rawBody } = await receiver.next('paid');
      sent.set(context, [rawBody.toString(), headers as Record<string, string>]);
    }
    for (const [tenant, other] of [
      ['alice', 'bob'],
      ['bob', 'alice'],
    ] as const) {
      const verifier = new Webhook(secretOfTenant[tenant]!);
      const [body, headers] = sent.get(tenant)!;
      expect(verifier.verify(body, headers)).toEqual(EVENT);
      // A request to the other one, and a request that it signs itself with its own secret.
      const forged = {
        ...headers,
        'webhook-signature': new Webhook(secretOfTenant[other]!).sign(headers['webhook-id']!, new Date(), body),
      };
      for (const message of [sent.get(other)!, [body, forged] as const]) {
        expect(() => verifier.verify(message[0], message[1])).toThrow('No matching signature found');
      }
    }
  });

  it('asks with the context of send() too', async () => {
    const asked: SignedDelivery[] = [];
    const secret = (delivery: SignedDelivery) => {
      asked.push(delivery);
      return SECRET;
    };
    const { callbacks, urls } = await scene({ signing: { secret } });
    const context = { tenant: 'alice' };
    await callbacks.send(OrderCallbacks, urls, { context }).ping();
    expect(asked).toEqual([expect.objectContaining({ context })]);
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
