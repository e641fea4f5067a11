import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { ok, Outcomes, receiving, replying, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { newFile } from '../support/queue-work.js';

afterEach(closeAll);

/** A callback class with its own options. */
function classWith(options: object) {
  @CallbackController({ url: '{$request.query.callback_url}', ...options })
  class Events {
    @Post() paid(@Body() event: object): void {
      return receiverReplies(event);
    }
  }
  return Events;
}

/** Enqueued by an app that sends nothing, and sent by another one, which does not know the class: both on one file. */
async function sentByAnother(options: object, port: number, given: CallbacksModuleOptions = {}) {
  const file = await newFile();
  const providers = { providers: [Outcomes] };
  const first = await start(port, { queue: sqliteQueue({ file }), concurrency: { total: 0 }, ...given }, providers);
  const urls = { paid: `http://127.0.0.1:${port}/` };
  const enqueued = await first.callbacks.enqueue(classWith(options), urls).paid({});
  const id = enqueued.status === 'queued' ? enqueued.id : '';
  const second = await start(port, { queue: sqliteQueue({ file }) }, providers);
  await eventually(async () => expect(await second.callbacks.delivery(id)).toMatchObject({ state: 'failed' }));
  return { second, details: await second.callbacks.delivery(id) };
}

describe('the options of a callback class hold in a process that does not know it:', () => {
  it('`timeout`, and `retry`', async () => {
    const receiver = await receiving(() => undefined);
    const { second, details } = await sentByAnother({ timeout: 150, retry: { schedule: [10] } }, receiver.port);
    expect(details).toMatchObject({ attempts: 2 });
    expect(details!.error).toContain('there was no reply within 150 ms');
    expect(second.outcomes.told.map(([name]) => name)).toEqual(['attemptFailed', 'attemptFailed', 'failed']);
    expect(receiver.requests).toHaveLength(2);
  });

  it('what `retry` leaves out, as in the options of the app that enqueued it', async () => {
    const receiver = await receiving(replying(500));
    const given = { retry: { schedule: [1, 1, 1], jitter: 0 } };
    const { details } = await sentByAnother({ retry: { jitter: 0.1 } }, receiver.port, given);
    expect(details).toMatchObject({ attempts: 4 });
  });

  it('`expiresAfter`', async () => {
    const receiver = await receiving(ok);
    const { second, details } = await sentByAnother({ expiresAfter: 1 }, receiver.port);
    expect(details).toMatchObject({ attempts: 1 });
    expect(second.outcomes.told.at(-1)).toMatchObject(['failed', { error: { reason: 'expired' } }]);
    expect(receiver.requests).toHaveLength(0);
  });

  it('of a class without options are those of the sending app', async () => {
    const receiver = await receiving(replying(500));
    const { details } = await sentByAnother({}, receiver.port, { retry: { schedule: [] } });
    expect(details).toMatchObject({ attempts: 3 });
  });
});

it('send() has the `timeout` of the class', async () => {
  const receiver = await receiving(() => undefined);
  const { callbacks } = await start(receiver.port);
  const client = callbacks.send(classWith({ timeout: 100 }), { paid: `${receiver.url}/` });
  await expect(client.paid({})).rejects.toThrow('there was no reply within 100 ms');
});

it('a shutdown waits for as long as an attempt of the class may take', async () => {
  let reply = () => {};
  const receiver = await receiving((_, response) => void (reply = () => response.end()));
  const { app, callbacks, outcomes, lines } = await start(receiver.port, { timeout: 200 });
  await callbacks.enqueue(classWith({ timeout: 20_000 }), { paid: `${receiver.url}/` }).paid({});
  await eventually(() => expect(receiver.requests).toHaveLength(1));
  const closing = app.close();
  // Longer than the app's own attempts may take.
  setTimeout(() => reply(), 500);
  await closing;
  expect(outcomes.told.map(([name]) => name)).toEqual(['delivered']);
  expect(lines.join('\n')).not.toContain('Dropped');
});

it('all options that are wrong are named at once', () => {
  const options = { url: 7, name: 8, id: 'a.b', timeout: 0, retry: { schedule: [-1], jitter: 2 }, expiresAfter: '1h' };
  expect(() => classWith({ ...options, colour: 'red' })).toThrow(
    new TypeError(
      `7 options of @CallbackController() are wrong:

1. The option \`url\` of @CallbackController() must be a string.
2. The option \`name\` of @CallbackController() must be a string.
3. The option \`id\` of @CallbackController() must be a string without dots and white space, such as { id: 'InvoiceCallbacks' }.
4. The option \`timeout\` of @CallbackController() must be a number of milliseconds from 1 to 2147483647.
5. The option \`retry\` of @CallbackController() must be an object whose \`schedule\` is an array of milliseconds from 0 to 604800000, and an object whose \`jitter\` is a number from 0 to 1.
6. The option \`expiresAfter\` of @CallbackController() must be a number of milliseconds, at least 1.
7. @CallbackController() has no option \`colour\`. Its options: url, name, id, timeout, retry, expiresAfter.`,
    ),
  );
});
