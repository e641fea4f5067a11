import { afterEach, expect, it } from '@jest/globals';
import { Body, Headers, Post } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { CallbackContractError, CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { CallbackDelivery } from 'nestjs-callbacks';
import { closeAll } from '../support/closing.js';
import { ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';

afterEach(closeAll);

@CallbackController('{$request.query.callback_url}')
class StrictCallbacks {
  @Post('paid')
  @ApiHeader({ name: 'X-Trace', required: false })
  paid(@Body() event: object, @Headers('X-Event') name: string): void {
    return receiverReplies(event, name);
  }
}

@CallbackController('{$request.query.callback_url}')
class OpenCallbacks {
  @Post('paid')
  paid(@Body() event: object, @Headers() headers: Record<string, string>): void {
    return receiverReplies(event, headers);
  }
}

type Change = (request: CallbackDelivery['request']) => object;

/** What becomes of a delivery whose request somebody changed in the queue. */
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
