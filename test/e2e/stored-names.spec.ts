import { afterEach, describe, expect, it } from '@jest/globals';
import { Body, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CallbackController, receiverReplies } from 'nestjs-callbacks';
import { z } from 'zod';
import { closeAll } from '../support/closing.js';
import { ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';

afterEach(closeAll);

/** A callback class of this name, as a minifier or a rename may leave it. */
function classOf(name: string, id?: string, path = 'paid') {
  @CallbackController({ url: '{$request.query.callback_url}', ...(id === undefined ? {} : { id }) })
  class Events {
    @Post(path)
    @ApiOkResponse({ standardSchema: z.strictObject({ other: z.string() }) })
    paid(@Body() event: object): void {
      return receiverReplies(event);
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
