import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fails, forever, hasState, isDelivered, newDelivery, ScriptedWorker, until } from './queue-test.js';
import type { QueueTest } from './queue-test.js';

/** How a queue treats a delivery whose id it knows. */
export const DUPLICATE_TESTS: readonly QueueTest[] = [
  [
    'reports the state and the digest of a delivery whose id it knows',
    async ({ open }) => {
      const queue = open();
      const bodies = { waiting: '1', sending: '2', delivered: '3', failed: '4', cancelled: '5' };
      const of = (body: string) => newDelivery({ path: `/${body}`, body });
      const { waiting, sending, delivered, failed, cancelled } = Object.fromEntries(
        Object.entries(bodies).map(([name, body]) => [name, of(body)]),
      ) as Record<keyof typeof bodies, ReturnType<typeof newDelivery>>;
      const worker = new ScriptedWorker(({ delivery: { id } }) => {
        if (id === waiting.id || id === cancelled.id) {
          return { status: 'retry', delay: 3_600_000, error: 'the receiver replied 503' };
        }
        if (id === sending.id) return forever();
        return id === failed.id ? fails() : { status: 'delivered' };
      });
      await queue.start(worker);
      for (const one of [waiting, sending, delivered, failed, cancelled]) {
        deepEqual(await queue.add(one), { status: 'queued' });
      }
      await until('each was attempted', () => worker.asked.length === 5);
      await hasState(queue, waiting.id, 'queued');
      await hasState(queue, cancelled.id, 'queued');
      await queue.cancel([cancelled.id]);
      await hasState(queue, delivered.id, 'delivered');
      await hasState(queue, failed.id, 'failed');
      const states = {
        waiting: 'queued',
        sending: 'inFlight',
        delivered: 'delivered',
        failed: 'failed',
        cancelled: 'cancelled',
      };
      for (const [name, one] of Object.entries({ waiting, sending, delivered, failed, cancelled })) {
        const again = { ...one, digest: 'another one', request: { ...one.request, body: 'another one' } };
        const state = states[name as keyof typeof states];
        deepEqual(await queue.add(again), { status: 'duplicate', state, digest: one.digest });
      }
      await sleep(50);
      equal(worker.asked.length, 5);
    },
  ],
  [
    'holds one delivery if the same id is added many times at once',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker();
      const one = newDelivery();
      const added = await Promise.all(Array.from({ length: 20 }, () => queue.add(one)));
      equal(added.filter(({ status }) => status === 'queued').length, 1);
      await queue.start(worker);
      await isDelivered(queue, 1);
      equal(worker.asked.length, 1);
    },
  ],
  [
    'tells what it holds if different bodies of the same id are added at once',
    async ({ open }) => {
      const queue = open();
      const one = newDelivery();
      const variants = Array.from({ length: 20 }, (_, number) => ({ ...one, digest: `digest ${number}` }));
      const added = await Promise.all(variants.map((variant) => queue.add(variant)));
      const first = added.findIndex(({ status }) => status === 'queued');
      const { digest } = variants[first]!;
      const duplicate = { status: 'duplicate', state: 'queued', digest };
      deepEqual(
        added.toSpliced(first, 1),
        Array.from({ length: 19 }, () => duplicate),
      );
      await queue.cancel([one.id]);
      const again = await Promise.all(variants.map((variant) => queue.add(variant)));
      deepEqual(
        again,
        Array.from({ length: 20 }, () => ({ ...duplicate, state: 'cancelled' })),
      );
    },
  ],
];
