import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Get, Headers, Post } from '@nestjs/common';
import { ApiHeader, ApiOkResponse } from '@nestjs/swagger';
import { CallbackContractError, CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { CallbackDelivery, CallbackUrls } from 'nestjs-callbacks';
import { z } from 'zod';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { failure } from '../support/failure.js';
import { InvoiceCallbacks, InvoiceEvent } from '../support/invoices.js';

afterEach(closeAll);

/** A callback class of this name, as a minifier or a rename may leave it. */
function classOf(name: string, id?: string, path = 'paid') {
  @CallbackController({ url: '{$request.query.callback_url}', ...(id === undefined ? {} : { id }) })
  class Events {
    @Post(path)
    @ApiOkResponse({ standardSchema: z.strictObject({ other: z.string() }) })
    paid(@Body() body: object): void {
      return receiverReplies(body);
    }
  }
  Object.defineProperty(Events, 'name', { value: name });
  return Events;
}

describe('the `id` of a callback class', () => {
  it('names what is stored, whatever the class is called', async () => {
    const receiver = await receiving(ok);
    const signed: string[] = [];
    const { callbacks, outcomes, lines } = await start(receiver.port, {
      signing: { secret: ({ callback }) => (signed.push(callback), `whsec_${'C'.repeat(32)}`) },
    });
    const urls = { paid: `${receiver.url}/` };
    const prepare = (name: string, id?: string) =>
      callbacks.prepare(classOf(name, id), urls, { key: 'invoice-1-paid' }).paid({});
    const [before, renamed] = await Promise.all([prepare('Before', 'invoices'), prepare('After', 'invoices')]);
    expect(before).toMatchObject({ callback: 'invoices.paid' });
    expect(renamed).toEqual(before);
    expect(await prepare('Before')).toMatchObject({ callback: 'Before.paid' });

    await callbacks.enqueue(classOf('Listened', 'heard'), urls).paid({});
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    // The class is found by the id, and the reply is checked with its documentation.
    expect(outcomes.told[0]).toEqual([
      'delivered',
      expect.objectContaining({ callback: 'heard.paid', replyError: expect.anything() }),
    ]);
    expect(signed).toEqual(['heard.paid']);
    expect(lines.join('\n')).toContain('callback=heard.paid');
  });

  it.each(['', 'a.b', 'a b', 'a\n', 7])('must not be %j', (id) => {
    expect(() => CallbackController({ id: id as string })).toThrow(
      'The option `id` of @CallbackController() must be a string without dots and white space',
    );
  });
});

describe('the log says at start-up', () => {
  it('that two classes have one id', async () => {
    const { lines } = await start(1, { callbacks: [classOf('One', 'same'), classOf('Other', 'same', 'other')] });
    expect(lines.filter((line) => line.includes('Two classes are stored under the name same'))).toHaveLength(1);
  });

  it('that a name looks minified, and nothing once it has an id', async () => {
    const { lines } = await start(1, { callbacks: [classOf('e'), classOf('t', 'invoices', 'other')] });
    expect(lines.filter((line) => line.includes('looks minified'))).toEqual([
      expect.stringContaining('A class is stored under the name e, '),
    ]);
  });
});

@CallbackController('{$request.query.callback_url}')
class StrictCallbacks {
  @Post('paid')
  @ApiHeader({ name: 'X-Trace', required: false })
  paid(@Body() body: object, @Headers('X-Event') name: string): void {
    return receiverReplies(body, name);
  }
}

@CallbackController('{$request.query.callback_url}')
class OpenCallbacks {
  @Post('paid')
  paid(@Body() body: object, @Headers() headers: Record<string, string>): void {
    return receiverReplies(body, headers);
  }
}

type Change = (request: CallbackDelivery['request']) => object;

/** Attempts a delivery whose request was changed in the queue. */
async function attempted(callbackClass: typeof StrictCallbacks | typeof OpenCallbacks, change: Change) {
  const receiver = await receiving(ok);
  const { callbacks, outcomes } = await start(receiver.port);
  const urls = { paid: `${receiver.url}/` };
  const prepared =
    callbackClass === StrictCallbacks
      ? await callbacks.prepare(StrictCallbacks, urls).paid({}, 'paid')
      : await callbacks.prepare(OpenCallbacks, urls).paid({}, { 'x-any': '1' });
  const { request } = prepared as CallbackDelivery;
  await callbacks.submit({ ...prepared, request: { ...request, ...change(request) } });
  await eventually(() => expect(outcomes.told.at(-1)?.[0]).toMatch(/delivered|^failed/));
  return { receiver, last: outcomes.told.at(-1)! };
}

it.each<[what: string, callbackClass: Parameters<typeof attempted>[0], change: Change, issue: string]>([
  ['another method', StrictCallbacks, () => ({ method: 'DELETE' }), 'request.method: must be POST'],
  [
    'a header that the handler does not declare',
    StrictCallbacks,
    ({ headers }) => ({ headers: { ...headers, authorization: 'Bearer of a stranger' } }),
    'request.headers: has a header that the handler does not declare',
  ],
  [
    'a header that belongs to the connection',
    OpenCallbacks,
    ({ headers }) => ({ headers: { ...headers, host: 'elsewhere.example' } }),
    'host: is a header that only the HTTP client may set',
  ],
])('%s fails a delivery at once, and nothing is sent', async (_, callbackClass, change, issue) => {
  const { receiver, last } = await attempted(callbackClass, change);
  expect(last).toEqual(['failed', expect.objectContaining({ attempt: 1, error: expect.any(CallbackContractError) })]);
  expect(last[1]).toMatchObject({ error: { message: expect.stringContaining(issue) } });
  expect(JSON.stringify(last)).not.toContain('stranger');
  expect(receiver.requests).toHaveLength(0);
});

it.each<[what: string, callbackClass: Parameters<typeof attempted>[0], change: Change]>([
  ['one that the handler declares', StrictCallbacks, ({ headers }) => ({ headers: { ...headers, 'x-trace': '1' } })],
  ['any, if it takes all', OpenCallbacks, ({ headers }) => ({ headers: { ...headers, 'x-other': '1' } })],
])('a header is sent: %s', async (_, callbackClass, change) => {
  const { receiver, last } = await attempted(callbackClass, change);
  expect(last[0]).toBe('delivered');
  expect(receiver.requests).toHaveLength(1);
});

/** As a database returns them: without a type. */
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
    ['an empty query of Fastify', Object.create(Object.create(null))],
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

@CallbackController('{$request.query.callback_url}')
class NamedLikeMembers {
  @Post('text') toString(): string {
    return receiverReplies();
  }
}

it('a handler that is named like a member of every object is skipped without a URL, and sent with one', async () => {
  const receiver = await receiving((_, response) => response.end());
  const { callbacks } = await start(receiver.port);
  expect(await callbacks.send(NamedLikeMembers, {}).toString()).toEqual({ status: 'skipped' });
  const urls = { toString: `${receiver.url}/text` };
  expect(await callbacks.send(NamedLikeMembers, urls).toString()).toMatchObject({ status: 'delivered' });
});

it('an unknown key beside the right one is warned of once, and another handler of the class is known', async () => {
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
