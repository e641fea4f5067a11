import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Get, Post } from '@nestjs/common';
import { CallbackContractError, CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { CallbackUrls } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { event, receiving, start } from '../support/enqueueing.js';
import { failure } from '../support/failure.js';
import { InvoiceCallbacks, InvoiceEvent } from '../support/invoices.js';

afterEach(closeAll);

/** As a database gives them back: of no type. */
const stored = (urls: unknown) => urls as CallbackUrls<InvoiceCallbacks>;

const VERBS = ['send', 'enqueue', 'prepare'] as const;

describe.each(VERBS)('%s() with URLs that were stored before the handler was renamed', (verb) => {
  it.each([
    ['one', { any: 'https://x.example/a' }, '"any"'],
    ['several', { any: 'https://x.example/a', other: 'https://x.example/b' }, '"any", "other"'],
    ['one, and null for the handler', { any: 'https://x.example/a', invoiceNotification: null }, '"any"'],
    ['one, and an empty string for the handler', { any: 'https://x.example/a', invoiceNotification: '' }, '"any"'],
    [
      'one that was stored under the name of the class',
      { InvoiceCallbacks: { any: 'https://x.example' } },
      'InvoiceCa',
    ],
  ])('%s: fails, and names the keys, the handlers and the fix', async (_, urls, keys) => {
    const { callbacks } = await start(undefined);
    const error = await failure(
      callbacks[verb](InvoiceCallbacks, stored(urls)).invoiceNotification(event),
      CallbackContractError,
    );
    expect(error.message).toContain(`InvoiceCallbacks.invoiceNotification was not sent: the stored URLs have `);
    expect(error.message).toContain(keys);
    expect(error.message).toContain(
      'Its handlers: invoiceNotification. Fix: if the handler was renamed, store its URL under',
    );
    expect(error.message).not.toContain('x.example');
  });

  it.each([
    ['an array', []],
    ['an array', ['https://x.example/a']],
    ['an empty Map', new Map([['invoiceNotification', 'https://x.example/a']])],
    ['an empty Set', new Set(['https://x.example/a'])],
    ['an empty URL', new URL('https://x.example/a')],
    ['a promise', Promise.resolve({ invoiceNotification: 'https://x.example/a' })],
  ])('%s is refused', async (what, urls) => {
    const { callbacks } = await start(undefined);
    expect(() => callbacks[verb](InvoiceCallbacks, stored(urls))).toThrow(CallbackContractError);
    expect(() => callbacks[verb](InvoiceCallbacks, stored(urls))).toThrow(`but are ${what}`);
  });

  it.each([
    ['an array', ['https://x.example/a']],
    ['of type object', new URL('https://x.example/a')],
    ['of type number', 7],
  ])('a URL that is %s is refused', async (what, url) => {
    const { callbacks } = await start(undefined);
    const call = callbacks[verb](InvoiceCallbacks, stored({ invoiceNotification: url })).invoiceNotification(event);
    expect((await failure(call, CallbackContractError)).message).toContain(`its URL must be a string, but is ${what}`);
  });

  it.each([
    ['nothing', {}],
    ['null', { invoiceNotification: null }],
    ['undefined', { invoiceNotification: undefined }],
    ['an empty string', { invoiceNotification: '' }],
    ['an unknown key without a URL', { any: null, other: undefined, third: '' }],
    ['an object without a prototype', Object.create(null)],
  ])('%s is skipped: the client asked for no callback', async (_, urls) => {
    const { callbacks, lines } = await start(undefined);
    const call = callbacks[verb](InvoiceCallbacks, stored(urls)).invoiceNotification(event);
    expect(await call).toEqual({ status: 'skipped' });
    expect(lines.join('\n')).not.toContain('stored URLs');
  });
});

@CallbackController('{$request.query.callback_url}')
class Renamed {
  @Post('paid') paid(@Body() given: InvoiceEvent) {
    return receiverReplies(given);
  }
  @Get('sent') sent() {
    return receiverReplies();
  }
}

it('an unknown key beside the right one is warned of once, and another handler of the class is none', async () => {
  const receiver = await receiving((_, response) => response.end());
  const { callbacks, lines } = await start(receiver.port);
  const urls = {
    paid: `${receiver.url}/paid`,
    sent: `${receiver.url}/sent`,
    old: 'https://x.example',
    older: 'https://x.example',
  };
  for (let round = 0; round < 3; round++) {
    await callbacks.send(Renamed, urls).paid(event);
    await callbacks.send(Renamed, { sent: urls.sent, paid: urls.paid }).sent();
  }
  expect(receiver.requests).toHaveLength(6);
  const warnings = lines.filter((line) => line.includes('stored URLs'));
  expect(warnings).toEqual([
    expect.stringContaining(
      'Renamed.paid is sent, but the stored URLs have "old", "older", which are not handlers of Renamed.',
    ),
  ]);
  expect(await callbacks.send(Renamed, { sent: urls.sent }).paid(event)).toEqual({ status: 'skipped' });
});
