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
  expect(lines.join('\n')).toContain('is not what it documents: ok: ');
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
      'its check had not ended after 200 ms',
    );
  });

  it('and holds line breaks does not break a line of the log', async () => {
    const receiver = await receiving((_, response) =>
      response.setHeader('content-type', 'application/json').end('{"ok":true,"a\\nERROR":1}'),
    );
    const { callbacks, lines } = await start(receiver.port);
    await callbacks.enqueue(CheckedCallbacks, { strict: `${receiver.url}/` }).strict();
    await eventually(() => expect(lines.join(' ')).toContain('is not what it documents'));
    expect(lines.filter((line) => line.includes('\n'))).toEqual([]);
    expect(lines.join(' ')).toContain('a\\u000aERROR');
  });
});

it('is not checked where two classes have the name of the callback, and the log says so', async () => {
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
  expect(
    lines.filter((line) => line.includes('Two callback classes are stored under the name Namesakes')),
  ).toHaveLength(1);
});
