import type { RequestListener } from 'node:http';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CallbackController, CallbackReplyError, receiverReplies } from 'nestjs-callbacks';
import type { CallbackDelivered } from 'nestjs-callbacks';
import { z } from 'zod';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, start, urlsAt } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(closeAll);

it('counts a reply that breaks the contract as delivered, and reports it', async () => {
  const receiver = await receiving((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":"yes"}'),
  );
  const { callbacks, outcomes, lines } = await start(receiver.port);
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(1));
  const [[name, told]] = outcomes.told as [['delivered', CallbackDelivered]];
  expect(name).toBe('delivered');
  expect(told.body).toBeUndefined();
  expect(told.replyError).toBeInstanceOf(CallbackReplyError);
  expect(lines.join('\n')).toContain('does not match its documentation: ok: ');
  expect(await callbacks.stats()).toMatchObject({ delivered: 1, failed: 0 });
  expect(receiver.requests).toHaveLength(1);
});

describe('a reply that cannot be checked', () => {
  @CallbackController('{$request.query.callback_url}')
  class CheckedCallbacks {
    @Post('hangs')
    @ApiOkResponse({ standardSchema: z.object({ ok: z.boolean() }).refine(() => new Promise(() => undefined)) })
    hangs(): void {
      return receiverReplies();
    }
    @Post('strict')
    @ApiOkResponse({ standardSchema: z.strictObject({ ok: z.boolean() }) })
    strict(): void {
      return receiverReplies();
    }
  }

  it('in time is reported, and its callback is delivered', async () => {
    const receiver = await receiving(ok);
    const { callbacks, outcomes } = await start(receiver.port, { timeout: 200 });
    await callbacks.enqueue(CheckedCallbacks, { hangs: `${receiver.url}/` }).hangs();
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    expect(outcomes.told[0]).toEqual(['delivered', expect.objectContaining({ body: undefined })]);
    expect((outcomes.told[0]![1] as CallbackDelivered).replyError!.message).toContain(
      'its check did not end within 200 ms',
    );
  });

  it('and holds line breaks does not break a line of the log', async () => {
    const receiver = await receiving((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"ok":true,"a\\nERROR":1}'),
    );
    const { callbacks, lines } = await start(receiver.port);
    await callbacks.enqueue(CheckedCallbacks, { strict: `${receiver.url}/` }).strict();
    await eventually(() => expect(lines.join(' ')).toContain('does not match its documentation'));
    expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    expect(lines.join(' ')).toContain('a\\u000aERROR');
  });
});

describe('a 2xx reply with an unreadable body counts as delivered, is never sent again, and is reported', () => {
  const drip: RequestListener = (_, response) => {
    response.writeHead(201);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  };
  const compressed =
    (encoding: string, body: Buffer): RequestListener =>
    (_, response) =>
      response.writeHead(201, { 'content-encoding': encoding }).end(body);

  it.each<[what: string, reply: RequestListener, message: string]>([
    ['too large', (_, response) => response.writeHead(201).end('a'.repeat(70_000)), 'is larger than 65536 bytes'],
    ['too large when it is decompressed', compressed('br', brotliCompressSync(Buffer.alloc(1e7))), 'is larger than'],
    ['endless', drip, 'is not complete after 300 ms'],
    [
      'not in its encoding',
      compressed('gzip', Buffer.from('{"ok":true}')),
      'cannot be decoded from its content encoding',
    ],
    ['in an unknown encoding', compressed('zstd', Buffer.from('{"ok":true}')), 'has an unknown content encoding'],
    [
      'cut off',
      ({ socket }, response) => {
        response.writeHead(201, { 'content-length': 100 }).write('{"ok":');
        setTimeout(() => socket.resetAndDestroy(), 20);
      },
      'is not complete: the connection was reset',
    ],
    ['empty, as a 204 always is', (_, response) => response.writeHead(204).end(), 'is empty, as in every 204 reply'],
  ])('%s', async (_, reply, message) => {
    const receiver = await receiving(reply);
    // All others end by themselves, however slow the machine is.
    const options = reply === drip ? { timeout: 300 } : {};
    const { callbacks, outcomes } = await start(receiver.port, options);
    const expected = expect.objectContaining({
      code: 'CALLBACK_REPLY',
      message: expect.stringContaining(`the body ${message}`),
    });
    await expect(callbacks.send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event)).rejects.toEqual(
      expected,
    );
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    expect(outcomes.told).toEqual([['delivered', expect.objectContaining({ attempt: 1, replyError: expected })]]);
    expect(await callbacks.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 1 });
    expect(receiver.requests).toHaveLength(2);
  });

  it('though this process does not know the class', async () => {
    const receiver = await receiving(drip);
    const { callbacks, outcomes } = await start(receiver.port, { timeout: 300 });
    const delivery = await callbacks.prepare(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await callbacks.submit({ ...delivery, callback: 'Strangers.notify' });
    await eventually(() => expect(outcomes.told).toHaveLength(1));
    expect(outcomes.told).toEqual([
      ['delivered', expect.objectContaining({ replyError: expect.any(CallbackReplyError) })],
    ]);
  });
});

it('a reply of another status decides by that, whatever its body', async () => {
  const receiver = await receiving((_, response) => response.writeHead(410).write('a'.repeat(70_000)));
  const { callbacks, outcomes } = await start(receiver.port);
  await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  await eventually(() => expect(outcomes.told).toHaveLength(2));
  expect(outcomes.told[1]).toMatchObject(['failed', { error: { reason: 'status', statusCode: 410 } }]);
});

it('is not checked if two classes have the name of the callback, and the log says so', async () => {
  const namesakes = ['a', 'b'].map((property) => {
    @CallbackController('{$request.query.callback_url}')
    class Namesakes {
      @Post('done')
      @ApiOkResponse({ standardSchema: z.strictObject({ [property]: z.boolean() }) })
      done(): void {
        return receiverReplies();
      }
    }
    return Namesakes;
  });
  const receiver = await receiving((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"a":true}'),
  );
  const { callbacks, outcomes, lines } = await start(receiver.port);
  for (const callbackClass of [...namesakes, ...namesakes]) {
    await callbacks.enqueue(callbackClass, { done: `${receiver.url}/` }).done();
  }
  await eventually(() => expect(outcomes.told).toHaveLength(4));
  expect(outcomes.told.slice(1).map(([, told]) => [told.attempt, 'replyError' in told])).toEqual([
    [1, false],
    [1, false],
    [1, false],
  ]);
  expect(lines.filter((line) => line.includes('Two classes are stored under the name Namesakes'))).toHaveLength(1);
});
