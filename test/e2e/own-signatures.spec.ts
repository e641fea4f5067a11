import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import type { AxiosInstance } from 'axios';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { prepareExamples, runExamples, SECRET } from '../support/documentation.js';
import { ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';

interface Recipe {
  readonly http: AxiosInstance;
  githubSignature(secret: string, body: string): string;
}

let recipe: Recipe;
beforeAll(async () => {
  Object.assign(process.env, { CALLBACKS_SECRET: SECRET, INVOICES_SECRET: SECRET, PORT: '0' });
  await prepareExamples();
  // What the page declares.
  recipe = (await runExamples('docs/signing.md')).exported as unknown as Recipe;
  await closeAll();
});
afterAll(() => {
  delete process.env['CALLBACKS_SECRET'];
  delete process.env['INVOICES_SECRET'];
  delete process.env['PORT'];
});
afterEach(closeAll);

const BODY = 'Hello, World!';

@CallbackController('{$request.query.callback_url}')
class Texts {
  @Post()
  @ApiConsumes('text/plain')
  told(@Body() text: string): void {
    return receiverReplies(text);
  }
}

it('an interceptor signs as GitHub and Stripe do, by the context of the delivery', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port, { axios: recipe.http });
  const urls = { told: `${receiver.url}/` };
  const enqueued = await callbacks.enqueue(Texts, urls, { context: 'alice' }).told(BODY);
  await eventually(() => expect(receiver.requests).toHaveLength(1));
  const { headers, body } = receiver.requests[0]!;
  expect(body.toString()).toBe(BODY);
  expect(headers).toMatchObject({
    'x-hub-signature-256': recipe.githubSignature(SECRET, BODY),
    'x-github-delivery': 'id' in enqueued && enqueued.id,
  });
  // As Stripe says how to verify: https://docs.stripe.com/webhooks#verify-manually
  const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['stripe-signature']))!;
  expect(createHmac('sha256', SECRET).update(`${time}.${BODY}`).digest('hex')).toBe(signature);
});

it("signs the example of GitHub's documentation", () => {
  // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
  expect(recipe.githubSignature("It's a Secret to Everybody", BODY)).toBe(
    'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
  );
});

it('an interceptor without a secret for the tenant sends nothing', async () => {
  const receiver = await receiving(ok);
  const { callbacks } = await start(receiver.port, { axios: recipe.http });
  const sending = callbacks.send(Texts, { told: `${receiver.url}/` }, { context: 'mallory' }).told(BODY);
  await expect(sending).rejects.toMatchObject({
    reason: 'request',
    cause: { message: expect.stringContaining('no signing secret') },
  });
  expect(receiver.requests).toHaveLength(0);
});
