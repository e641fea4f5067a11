import { beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { newDelivery } from '../../../../../test/support/queue-work.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { OutboxLoop } from './outbox-loop.js';

beforeEach(() => Logger.overrideLogger(false));

it('an outbox that was stopped while the queue was unreachable works again once it is started', async () => {
  const rows = new Map([[1, newDelivery()]]);
  let tries = 0;
  let isAway = true;
  const loop = new OutboxLoop<number>({
    title: 'TestOutbox',
    pending: () => [...rows].map(([id, delivery]) => ({ id, delivery })),
    settled: (id) => void rows.delete(id),
    refused: (id) => void rows.delete(id),
    submit: async () => {
      tries++;
      if (isAway) throw new Error('There is no queue.');
    },
  });
  loop.start();
  await eventually(() => expect(tries).toBe(1));
  // The pass ends in this turn of the event loop, and the pause begins.
  await new Promise((resolve) => setImmediate(resolve));
  await loop.stop(1_000);
  isAway = false;
  // The first row rests for a while.
  rows.set(2, newDelivery());
  loop.start();
  await eventually(() => expect([...rows.keys()]).toEqual([1]));
  await loop.stop(1_000);
});
