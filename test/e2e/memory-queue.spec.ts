import { expect, it } from '@jest/globals';
import { memoryQueue } from 'nestjs-callbacks';
import { checkQueue } from '../support/check-queue.js';
import { newDelivery, workerOf } from '../support/queue-work.js';

checkQueue('the queue in memory', { storage: () => () => memoryQueue(), durable: false });

it('the queue in memory does not count what was in flight when it was closed', async () => {
  const queue = memoryQueue();
  await queue.start(workerOf(() => new Promise(() => undefined)));
  await queue.add(newDelivery());
  await queue.stop(0);
  await queue.close();
  expect(await queue.stats()).toEqual({ queued: 0, inFlight: 1, delivered: 0, failed: 0 });
});
