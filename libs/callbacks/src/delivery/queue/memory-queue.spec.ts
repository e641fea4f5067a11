import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { failed, newDelivery, until, workerOf } from '../../../../../test/support/queue-work.js';
import { memoryQueue } from './memory-queue.js';

beforeEach(() => Logger.overrideLogger(false));

/** A gate that everybody waits at until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('memoryQueue()', () => {
  it('counts nothing of an attempt that outlives its queue', async () => {
    const { opened, open } = gate();
    const slow = workerOf(() => opened.then(failed));
    const queue = memoryQueue();
    await queue.start(slow);
    await queue.add(newDelivery());
    await until('it is attempted', () => slow.ids.length === 1);
    await queue.stop(0);
    await queue.close();
    await queue.start(workerOf());
    const empty = { queued: 0, due: 0, inFlight: 0, delivered: 0, failed: 0, cancelled: 0 };
    expect(await queue.stats()).toEqual(empty);
    open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await queue.stats()).toEqual(empty);
    await queue.close();
  });

  it('stops once the listeners of its cancelled deliveries have ended', async () => {
    const [attempt, listener] = [gate(), gate()];
    const told: string[] = [];
    const worker = workerOf(() => attempt.opened.then(failed));
    const cancelled = async ({ id }: { id: string }) => {
      told.push('begun');
      await listener.opened;
      told.push(id);
    };
    const queue = memoryQueue();
    const delivery = newDelivery();
    await queue.start({ ...worker, cancelled });
    await queue.add(delivery);
    await until('it is attempted', () => worker.ids.length === 1);
    await queue.cancel([delivery.id]);
    attempt.open();
    await until('its listener is called', () => told.length === 1);
    const stopped = queue.stop(30_000).then(() => told.push('stopped'));
    setImmediate(() => listener.open());
    await stopped;
    expect(told).toEqual(['begun', delivery.id, 'stopped']);
    await queue.close();
  });
});
