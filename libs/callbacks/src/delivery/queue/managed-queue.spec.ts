import { describe, expect, it } from '@jest/globals';
import { workerOf } from '../../../../../test/support/queue-work.js';
import type { CallbackQueue } from './callback-queue.js';
import { ManagedQueue } from './managed-queue.js';
import { memoryQueue } from './memory-queue.js';

/** The queue of a user: it is told of every call, and may fail in any of them. */
function recorded(own: Partial<CallbackQueue> = {}) {
  const calls: string[] = [];
  const inner = memoryQueue();
  const queue: CallbackQueue = {
    title: 'The queue of a test',
    add: (delivery) => inner.add(delivery),
    delivery: (id) => inner.delivery(id),
    deliveries: (filter, page) => inner.deliveries(filter, page),
    retry: (ids) => inner.retry(ids),
    cancel: (ids) => inner.cancel(ids),
    forget: (ids) => inner.forget(ids),
    stats: () => inner.stats(),
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
    close: async () => void calls.push('close'),
    ...own,
  };
  return { queue, calls };
}

const worker = workerOf();

describe('ManagedQueue', () => {
  it('closes a queue once, and stops no closed one', async () => {
    const { queue, calls } = recorded();
    const [one, other] = [new ManagedQueue(queue), new ManagedQueue(queue)];
    await one.start(worker);
    await one.stop(0);
    await Promise.all([one.close(), one.close()]);
    for (const closed of [one, other]) {
      await closed.stop(0);
      await closed.close();
    }
    expect(calls).toEqual(['start', 'stop', 'close']);
  });

  it('closes a queue that was never started, since it may hold a file', async () => {
    const { queue, calls } = recorded();
    await new ManagedQueue(queue).close();
    expect(calls).toEqual(['close']);
  });

  it('starts a queue for the next app only once it is closed', async () => {
    const calls: string[] = [];
    const close = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      calls.push('closed');
    };
    const { queue } = recorded({ start: async () => void calls.push('start'), close });
    const one = new ManagedQueue(queue);
    await one.start(worker);
    const closing = one.close();
    // The owner has given it up by then.
    await Promise.resolve();
    await new ManagedQueue(queue).start(worker);
    await closing;
    expect(calls).toEqual(['start', 'closed', 'start']);
  });

  it('belongs to nobody after a start that throws at once', async () => {
    let isBroken = true;
    const start = () => {
      if (isBroken) throw new Error('There is no disk.');
      return Promise.resolve();
    };
    const managed = new ManagedQueue(recorded({ start }).queue);
    await expect(managed.start(worker)).rejects.toThrow('There is no disk.');
    isBroken = false;
    await expect(managed.start(worker)).resolves.toBeUndefined();
  });

  it('stops and closes after a start in progress, even if it fails', async () => {
    const calls: string[] = [];
    const start = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      calls.push('started');
      throw new Error('There is no disk.');
    };
    const { queue } = recorded({
      start,
      stop: async () => void calls.push('stop'),
      close: async () => void calls.push('close'),
    });
    const managed = new ManagedQueue(queue);
    const starting = managed.start(worker);
    await Promise.all([managed.stop(0), managed.close(), expect(starting).rejects.toThrow('There is no disk.')]);
    expect(calls).toEqual(['started', 'stop', 'close']);
  });
});
