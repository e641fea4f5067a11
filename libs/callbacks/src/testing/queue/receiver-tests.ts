import { equal, ok } from 'node:assert/strict';
import { forever, isDelivered, newDelivery, ScriptedWorker, until } from './queue-test.js';
import type { QueueTest } from './queue-test.js';

/** How a queue shares the slots of its worker among receivers. */
export const RECEIVER_TESTS: readonly QueueTest[] = [
  [
    'distinguishes receivers of one host',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        ({ delivery: { request } }) => (request.url.endsWith('/slow') ? forever() : { status: 'delivered' }),
        10,
        2,
      );
      for (let index = 0; index < 30; index++) await queue.add(newDelivery({ path: '/slow' }));
      for (let index = 0; index < 10; index++) await queue.add(newDelivery({ path: '/fast' }));
      await queue.start(worker);
      await isDelivered(queue, 10);
      equal(worker.most.receiver, 2);
    },
  ],
  [
    'releases the slots that it does not use',
    async ({ open }) => {
      const queue = open();
      // Two slots in total, so a lost one would stop the receiver.
      const worker = new ScriptedWorker(undefined, 10, 2);
      await queue.start(worker);
      for (let round = 1; round <= 10; round++) {
        await queue.add(newDelivery());
        await isDelivered(queue, round);
      }
      equal(worker.acquire(newDelivery().receiver, 10), 2);
    },
  ],
  [
    'serves a new receiver although a hundred others with a long backlog have no slots left',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        ({ delivery: { request } }) => (request.url.includes('dead') ? forever() : { status: 'delivered' }),
        150,
        1,
      );
      for (let index = 0; index < 1_000; index++) {
        await queue.add(newDelivery({ host: `dead-${index % 100}.external.org` }));
      }
      await queue.start(worker);
      await until('each of the hundred has its slot', () => worker.asked.length === 100);
      await queue.add(newDelivery({ host: 'alive.external.org' }));
      await isDelivered(queue, 1);
      equal(worker.most.receiver, 1);
    },
  ],
  [
    'sends the backlog of a receiver with one slot as fast as it answers, although its first answer was slow',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        async () => {
          if (worker.asked.length === 1) await new Promise((resolve) => setTimeout(resolve, 300));
          return { status: 'delivered' };
        },
        50,
        1,
      );
      for (let index = 0; index < 600; index++) await queue.add(newDelivery());
      await queue.start(worker);
      await isDelivered(queue, 600);
      equal(worker.most.receiver, 1);
    },
  ],
  [
    'serves a new receiver though others are busy with a long backlog',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return { status: 'delivered' };
        },
        50,
        5,
      );
      for (let index = 0; index < 2_400; index++) {
        await queue.add(newDelivery({ host: `busy-${index % 9}.external.org` }));
      }
      await queue.start(worker);
      await until('all slots are in use', () => worker.asked.length > 200);
      const one = newDelivery({ host: 'alive.external.org' });
      await queue.add(one);
      await until('it is attempted', () => worker.ids.includes(one.id));
      // The others are not done yet.
      ok(worker.asked.length < 2_400);
    },
  ],
  [
    'attempts no delivery before it is due, though its receiver has a slot',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          return { status: 'retry', delay: 3_600_000, error: 'the receiver replied 503' };
        },
        50,
        1,
      );
      for (let index = 0; index < 12; index++) await queue.add(newDelivery());
      await queue.start(worker);
      await until('each was attempted', () => new Set(worker.ids).size === 12);
      equal(worker.asked.length, 12);
    },
  ],
];
