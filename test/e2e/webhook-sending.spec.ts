import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import {
  CallbackContractError,
  CallbackController,
  CallbackReplyError,
  CallbackUrlError,
  receiverReplies,
  WebhookController,
} from 'nestjs-callbacks';
import type { CallbackQueue, CallbacksModuleOptions } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { AccountWebhooks, paid } from '../support/account-webhooks.js';
import { closeAll } from '../support/closing.js';
import { event, ok, Outcomes, receiving, replying, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { failure } from '../support/failure.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

const VERBS = ['send', 'enqueue', 'prepare'] as const;
const outcomes = { providers: [Outcomes] };

describe('a webhook', () => {
  it.each(['/hooks', '/hooks/', '/', '/hooks/?token=a%20b', '/invoicePaid'])(
    'is sent to its URL as it is: %s',
    async (target) => {
      const receiver = await receiving(ok);
      const { callbacks } = await start(receiver.port);
      const url = `${receiver.url}${target}`;
      const result = await callbacks.send(AccountWebhooks, url).invoicePaid(paid);
      expect(result).toMatchObject({ status: 'delivered', url, statusCode: 200, body: { ok: true }, attempts: 1 });
      expect(receiver.requests).toEqual([
        expect.objectContaining({ method: 'POST', url: target, body: Buffer.from(JSON.stringify(paid)) }),
      ]);
    },
  );

  it('has the method, the headers and the query parameters of its handler', async () => {
    const receiver = await receiving(replying(204));
    const { callbacks } = await start(receiver.port);
    await callbacks.send(AccountWebhooks, receiver.url).balanceChanged('rich', 'EUR', 7);
    expect(receiver.requests).toEqual([
      expect.objectContaining({
        method: 'PUT',
        url: '/?currency=EUR',
        body: Buffer.from('{"balance":7}'),
        headers: expect.objectContaining({ 'x-account': 'rich' }),
      }),
    ]);
  });

  it('is normalised like every URL', async () => {
    const { callbacks } = await start(1);
    const prepared = await callbacks.prepare(AccountWebhooks, 'HTTP://127.1:1/a/../hooks').invoicePaid(paid);
    expect(prepared).toMatchObject({
      callback: 'AccountWebhooks.invoicePaid',
      receiver: 'http://127.0.0.1:1/hooks',
      request: { url: 'http://127.0.0.1:1/hooks' },
    });
  });

  it('goes to one receiver, whichever handler it is of, and whatever query parameters the handler adds', async () => {
    const { callbacks } = await start(1);
    const url = 'http://127.0.0.1:1/hooks?token=a';
    const prepared = [
      await callbacks.prepare(AccountWebhooks, url).invoicePaid(paid),
      await callbacks.prepare(AccountWebhooks, url).balanceChanged('rich', 'EUR', 7),
    ];
    expect(prepared).toEqual([expect.objectContaining({ receiver: url }), expect.objectContaining({ receiver: url })]);
  });

  it('is enqueued, retried, listed and reported, with its key and context', async () => {
    const receiver = await receiving(replying(503), ok);
    const { callbacks, outcomes: told } = await start(receiver.port, {}, outcomes);
    const options = { key: 'paid-1', context: { account: 'rich' } };
    const url = `${receiver.url}/hooks`;
    const enqueued = await callbacks.enqueue(AccountWebhooks, url, options).invoicePaid(paid);
    expect(enqueued).toMatchObject({ status: 'queued' });
    await eventually(() => expect(told.told.map(([name]) => name)).toEqual(['attemptFailed', 'delivered']));
    const about = { callback: 'AccountWebhooks.invoicePaid', key: 'paid-1', context: { account: 'rich' } };
    expect(told.told.at(-1)).toMatchObject(['delivered', { ...about, body: { ok: true }, attempt: 2 }]);
    expect(await callbacks.enqueue(AccountWebhooks, url, options).invoicePaid(paid)).toMatchObject({
      status: 'duplicate',
      state: 'delivered',
    });
    const { deliveries } = await callbacks.deliveries({ callback: 'AccountWebhooks.invoicePaid' });
    expect(deliveries).toEqual([expect.objectContaining({ ...about, state: 'delivered' })]);
  });

  it('is prepared as plain JSON, and submitted', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes: told } = await start(receiver.port, {}, outcomes);
    const prepared = await callbacks.prepare(AccountWebhooks, receiver.url).invoicePaid(paid);
    expect(await callbacks.submit(JSON.parse(JSON.stringify(prepared)))).toMatchObject({ status: 'queued' });
    await eventually(() => expect(told.told.map(([name]) => name)).toEqual(['delivered']));
  });

  it.each(VERBS)('that is wrong, or has a wrong URL, is rejected by %s()', async (verb) => {
    const { callbacks } = await start(1);
    const wrong = { ...paid, type: 'invoice.voided' };
    const { message } = await failure(
      callbacks[verb](AccountWebhooks, 'http://127.0.0.1:1/').invoicePaid(wrong),
      CallbackContractError,
    );
    expect(message).toContain('AccountWebhooks.invoicePaid was not sent: type: type must be equal to invoice.paid');
    for (const url of ['hooks', '/hooks', 'ftp://127.0.0.1:1/', 'http://a:b@127.0.0.1:1/', 'http://10.0.0.1:1/'])
      await failure(callbacks[verb](AccountWebhooks, url).invoicePaid(paid), CallbackUrlError);
  });

  it.each(VERBS)('without a URL is skipped by %s()', async (verb) => {
    const { callbacks } = await start(undefined);
    for (const url of [null, undefined, '']) {
      expect(await callbacks[verb](AccountWebhooks, url).invoicePaid(paid)).toEqual({ status: 'skipped' });
    }
  });
});

describe.each(VERBS)('%s() says what is wrong, and how to write it,', (verb) => {
  it.each([
    [
      { invoicePaid: 'https://x.example' },
      'of type object. Fix: pass the URL itself, callbacks.enqueue(AccountWebhooks, urls["invoicePaid"])',
    ],
    [
      {},
      "of type object. Fix: pass the URL itself, callbacks.enqueue(AccountWebhooks, 'https://partner.example/hooks')",
    ],
    [
      7,
      "of type number. Fix: pass the URL itself, callbacks.enqueue(AccountWebhooks, 'https://partner.example/hooks')",
    ],
    [['https://x.example'], 'an array. Fix: call callbacks.enqueue(AccountWebhooks, url) for each URL'],
    [Promise.resolve('https://x.example'), 'a promise. Fix: await it'],
    [new URL('https://x.example'), 'a URL object. Fix: pass url.href'],
  ])('of %p for a webhook class', async (given, end) => {
    const { callbacks } = await start(undefined);
    expect(() => callbacks[verb](AccountWebhooks, given as unknown as string)).toThrow(
      new CallbackContractError('AccountWebhooks', [
        { path: '', message: `the URL of a class with @WebhookController() must be a string, but is ${end}` },
      ]),
    );
  });

  it('of a string for a callback class', async () => {
    const { callbacks } = await start(undefined);
    expect(() => callbacks[verb](InvoiceCallbacks, 'https://x.example/token')).toThrow(
      new CallbackContractError('InvoiceCallbacks', [
        {
          path: '',
          message:
            'the URLs must be an object, but are a string. Fix: pass what @CallbackUrls() or urls() returned, or { invoiceNotification: url }. One URL is for @WebhookController() classes',
        },
      ]),
    );
  });
});

it('urls() rejects a webhook class', async () => {
  const { callbacks } = await start(undefined);
  expect(() => callbacks.urls(AccountWebhooks, { request: {} })).toThrow(
    'AccountWebhooks is a webhook class, and its URL is not in a request. Fix: pass the URL that you have stored, callbacks.enqueue(AccountWebhooks, url)',
  );
});

describe('the reply to a webhook is what it documents,', () => {
  it('or send() throws', async () => {
    const receiver = await receiving((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"ok":"yes"}'),
    );
    const { callbacks } = await start(receiver.port);
    const { issues } = await failure(
      callbacks.send(AccountWebhooks, receiver.url).invoicePaid(paid),
      CallbackReplyError,
    );
    expect(issues).toEqual([{ path: 'ok', message: 'ok must be a boolean value' }]);
  });

  it('or it is reported by a process that has only listed the class', async () => {
    const receiver = await receiving((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"ok":"yes"}'),
    );
    const file = await newFile();
    const startOn = (queue: CallbackQueue, options: CallbacksModuleOptions) =>
      start(receiver.port, { queue, ...options }, outcomes);
    const first = await startOn(sqliteQueue({ file }), { concurrency: { total: 0 } });
    await first.callbacks.enqueue(AccountWebhooks, receiver.url).invoicePaid(paid);
    await first.app.close();
    const { outcomes: told } = await startOn(sqliteQueue({ file }), { webhooks: [AccountWebhooks] });
    await eventually(() => expect(told.told).toHaveLength(1));
    expect(told.told).toEqual([['delivered', expect.objectContaining({ replyError: expect.any(CallbackReplyError) })]]);
  });

  it('and a stored request that its handler could not have made is not sent', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes: told } = await start(receiver.port, { webhooks: [AccountWebhooks] }, outcomes);
    const prepared = await callbacks.prepare(AccountWebhooks, receiver.url).invoicePaid(paid);
    const { request } = prepared as Extract<typeof prepared, { request: object }>;
    await callbacks.submit({ ...prepared, request: { ...request, method: 'DELETE' } });
    await eventually(() => expect(told.told.map(([name]) => name)).toContain('failed'));
    expect(receiver.requests).toHaveLength(0);
  });
});

describe('@WebhookController() has options of its deliveries:', () => {
  const classWith = (options: object) => {
    @WebhookController(options)
    class Hooks {
      @Post() changed(@Body() given: object): void {
        return receiverReplies(given);
      }
    }
    return Hooks;
  };

  it('`id`, `retry`, `timeout` and `expiresAfter` are in what is stored', async () => {
    const { callbacks } = await start(1);
    const options = { id: 'hooks', timeout: 150, retry: { schedule: [10] }, expiresAfter: 60_000 };
    const prepared = await callbacks.prepare(classWith(options), 'http://127.0.0.1:1/').changed({});
    expect(prepared).toMatchObject({
      callback: 'hooks.changed',
      timeout: 150,
      retry: { schedule: [10], jitter: 0 },
      expiresAt: expect.any(Number),
    });
  });

  it('`timeout` is that of each attempt', async () => {
    const receiver = await receiving(() => undefined);
    const { callbacks } = await start(receiver.port);
    const client = callbacks.send(classWith({ timeout: 100 }), receiver.url);
    await expect(client.changed({})).rejects.toThrow('there was no reply within 100 ms');
  });

  it('all wrong ones are named at once', () => {
    expect(() => classWith({ id: 'a.b', timeout: 0, url: 'https://x.example' })).toThrow(
      new TypeError(`3 options of @WebhookController() are wrong:

1. The option \`id\` of @WebhookController() must be a string without dots and white space, such as { id: 'InvoiceCallbacks' }.
2. The option \`timeout\` of @WebhookController() must be a number of milliseconds from 1 to 2147483647.
3. @WebhookController() has no option \`url\`. Its options: id, timeout, retry, expiresAfter.`),
    );
  });

  it('two classes of one id are reported with the decorator that has it', async () => {
    const { lines } = await start(1, { webhooks: [classWith({ id: 'same' }), AccountWebhooks] });
    expect(lines.join('\n')).not.toContain('stored under the name');
    @WebhookController({ id: 'InvoiceCallbacks' })
    class Namesake {
      @Post('told') told(): void {
        return receiverReplies();
      }
    }
    const { lines: told } = await start(1, { webhooks: [Namesake] });
    expect(told.filter((line) => line.includes('stored under the name'))).toEqual([
      expect.stringContaining("@WebhookController({ id: '...' })"),
    ]);
  });
});

describe('a class is of one kind:', () => {
  it('both decorators on it are an error', () => {
    expect(() => {
      @WebhookController()
      @CallbackController('{$callback_url}')
      class Both {}
      return Both;
    }).toThrow('Both has both @CallbackController() and @WebhookController(). Fix: write a class for each.');
  });

  it('one that extends a class of the other kind is what its own decorator says', async () => {
    @WebhookController()
    class Hooks extends InvoiceCallbacks {}
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    await callbacks.send(Hooks, `${receiver.url}/hooks`).invoiceNotification(event);
    await callbacks.send(InvoiceCallbacks, { invoiceNotification: `${receiver.url}/told` }).invoiceNotification(event);
    expect(receiver.requests.map(({ url }) => url)).toEqual(['/hooks', '/told']);
    expect(() => callbacks.urls(Hooks, { request: {} })).toThrow('Hooks is a webhook class');
  });
});
