import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { receiverDocument } from 'nestjs-callbacks';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { closeAll } from '../support/closing.js';
import { documentOf } from '../support/create-app.js';
import { prepareExamples, runExamples } from '../support/documentation.js';
import { start } from '../support/enqueueing.js';
import { callbacksOf } from '../support/find-operation.js';
import { findFaults } from '../support/validate-documents.js';

/** What the page docs/camara.md exports, as far as it is used here. */
interface Notifications {
  roamingOn(event: { id: string; type: string; data: object }, authorization?: string): void;
  subscriptionEnded(event: { id: string; type: string; data: object }, authorization?: string): void;
}
interface Subscriptions {
  roamingOn(subscriptionId: string, countryCode: number): Promise<object>;
  end(subscriptionId: string): Promise<object>;
}

let callbackClass: Type<Notifications>;
let controllers: Type[];
let service: Type<Subscriptions>;

beforeAll(async () => {
  // The page starts its app.
  process.env['PORT'] = '0';
  await prepareExamples();
  const { exported } = await runExamples('docs/camara.md');
  callbackClass = exported['NotificationCallbacks'] as Type<Notifications>;
  controllers = [exported['SubscriptionsController'] as Type];
  service = exported['SubscriptionsService'] as Type<Subscriptions>;
});
afterEach(closeAll);
afterAll(() => {
  delete process.env['PORT'];
});

const TYPE = 'org.camaraproject.device-roaming-status-subscriptions.v1';

/** Subscribes, and gives the status and the reply. */
async function subscribe(app: INestApplication, sink: string, sinkCredential?: object): Promise<[number, string]> {
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/subscriptions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sink, sinkCredential, types: [`${TYPE}.roaming-on`] }),
  });
  const reply = (await response.json()) as { subscriptionId?: string; message?: string };
  return [response.status, reply.subscriptionId ?? reply.message ?? ''];
}

describe("CAMARA's notifications, as the guide has them,", () => {
  it('are documented at the sink, as CloudEvents with an optional bearer token', async () => {
    const { app } = await start(undefined, {}, { controllers, providers: [service] });
    const document = documentOf(app, {
      configure: (builder) => builder.addBearerAuth({ type: 'http', scheme: 'bearer' }, 'notificationsBearerAuth'),
    });
    const operation = (model: string) => ({
      '{$request.body#/sink}': {
        post: expect.objectContaining({
          parameters: [],
          requestBody: {
            required: true,
            content: { 'application/cloudevents+json': { schema: { $ref: `#/components/schemas/${model}` } } },
          },
          responses: { 204: { description: 'The notification was received.' } },
          security: expect.arrayContaining([{}, { notificationsBearerAuth: [] }]),
        }),
      },
    });
    expect(callbacksOf(document, 'POST /subscriptions')).toEqual({
      roamingOn: operation('RoamingOn'),
      subscriptionEnded: operation('SubscriptionEnded'),
    });
    expect(document.components?.securitySchemes).toEqual({
      notificationsBearerAuth: expect.objectContaining({ type: 'http', scheme: 'bearer' }),
    });
    const receiver = receiverDocument(document);
    const [item] = Object.values(receiver.paths);
    expect(Object.keys(receiver.paths)).toHaveLength(1);
    expect(JSON.stringify(item)).toContain('#/components/schemas/RoamingOn');
    expect(JSON.stringify(item)).toContain('#/components/schemas/SubscriptionEnded');
    expect(await findFaults([document, receiver])).toBe('');
  });

  it('of several types arrive at the one sink, with its token', async () => {
    await using receiver = await CallbackReceiver.listen(callbackClass);
    const { app } = await start(undefined, { egress: receiver.egress }, { controllers, providers: [service] });
    const credential = { credentialType: 'ACCESSTOKEN', accessToken: 'eyJ0.a-b_c', accessTokenType: 'bearer' };
    const [status, id] = await subscribe(app, `${receiver.url}/sink`, credential);
    expect(status).toBe(201);
    await app.get(service).roamingOn(id, 262);
    await app.get(service).end(id);
    const roaming = await receiver.next('roamingOn');
    const ended = await receiver.next('subscriptionEnded');
    for (const { url, headers, args, statusCode } of [roaming, ended]) {
      expect(url).toBe(`${receiver.url}/sink`);
      expect(statusCode).toBe(204);
      expect(headers).toMatchObject({
        authorization: 'Bearer eyJ0.a-b_c',
        'content-type': 'application/cloudevents+json',
      });
      expect(args[1]).toBe('Bearer eyJ0.a-b_c');
    }
    expect(JSON.parse(String(roaming.rawBody))).toEqual({
      id: expect.any(String),
      source: '/device-roaming-status-subscriptions/v1/subscriptions',
      specversion: '1.0',
      time: expect.any(String),
      type: `${TYPE}.roaming-on`,
      data: { subscriptionId: id, countryCode: 262 },
    });
    expect(ended.args[0].type).toBe(`${TYPE}.subscription-ended`);
    expect(receiver.refused()).toEqual([]);
  });

  it('have no token without a sinkCredential', async () => {
    await using receiver = await CallbackReceiver.listen(callbackClass);
    const { app } = await start(undefined, { egress: receiver.egress }, { controllers, providers: [service] });
    const [, id] = await subscribe(app, receiver.url);
    await app.get(service).roamingOn(id, 262);
    expect((await receiver.next('roamingOn')).headers).not.toHaveProperty('authorization');
  });

  it('are not subscribed to at a sink that cannot be called', async () => {
    const { app } = await start(undefined, {}, { controllers, providers: [service] });
    const [status, message] = await subscribe(app, 'https://169.254.169.254/latest');
    expect(status).toBe(400);
    expect(message).toContain('sink of the request body');
  });
});
