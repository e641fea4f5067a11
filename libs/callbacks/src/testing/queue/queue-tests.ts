import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import { countsOf, forever, isDelivered, newDelivery, ScriptedWorker, until } from './queue-test.js';
import type { QueueTest, ScriptedOutcome } from './queue-test.js';

/** What every queue does. */
export const QUEUE_TESTS: readonly QueueTest[] = [
  [
    'attempts deliveries that it holds at its start, and those that are added later',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker();
      const [before, after] = [newDelivery(), newDelivery({ body: '{"name":"Zoë 🎉 \\u0000"}' })];
      await queue.add(before);
      deepEqual(worker.ids, []);
      await queue.start(worker);
      await queue.add(after);
      await isDelivered(queue, 2);
      deepEqual(worker.asked.map((asked) => asked.delivery).toSorted(byId), [before, after].toSorted(byId));
      deepEqual(await countsOf(queue), { delivered: 2 });
    },
  ],
  [
    'keeps a large body unchanged',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker();
      const large = newDelivery({ body: JSON.stringify('é'.repeat(500_000)) });
      await queue.start(worker);
      await queue.add(large);
      await isDelivered(queue, 1);
      deepEqual(worker.asked[0]?.delivery, large);
    },
  ],
  [
    'attempts again after the delay, and counts the attempts',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(({ attempt }) =>
        attempt < 3
          ? { status: 'retry', delay: attempt * 200, error: 'the connection was reset' }
          : { status: 'delivered' },
      );
      await queue.start(worker);
      await queue.add(newDelivery());
      await isDelivered(queue, 1);
      deepEqual(
        worker.asked.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      const [first, second, third] = worker.asked.map(({ at }) => at) as [number, number, number];
      // Two clocks may differ by a few milliseconds.
      ok(second - first >= 195 && third - second >= 395, `attempted at ${first}, ${second} and ${third}`);
    },
  ],
  [
    'repeats a postponed attempt after the delay, with the same number',
    async ({ open }) => {
      const queue = open();
      const outcomes: ScriptedOutcome[] = [
        { status: 'retry', delay: 1, error: 'the connection was reset' },
        { status: 'postponed', delay: 200, error: 'this machine has no file descriptors left' },
      ];
      const worker = new ScriptedWorker(() => outcomes.shift() ?? { status: 'delivered' });
      await queue.start(worker);
      await queue.add(newDelivery());
      await isDelivered(queue, 1);
      equal(worker.asked.map(({ attempt }) => attempt).join(), '1,2,2');
      ok(worker.asked[2]!.at - worker.asked[1]!.at >= 195, 'it was not postponed');
    },
  ],
  [
    'counts deliveries that wait for their next attempt as queued',
    async ({ open }) => {
      const queue = open();
      const error = 'the receiver replied 503';
      const worker = new ScriptedWorker(() => ({ status: 'retry', delay: 3_600_000, error }));
      await queue.start(worker);
      await queue.add(newDelivery());
      // It is also queued before its first attempt.
      await until('it was attempted', async () => worker.asked.length === 1);
      await until('it waits', async () => (await queue.stats()).queued === 1);
      deepEqual(await countsOf(queue), { queued: 1 });
    },
  ],
  [
    'never has more in flight than the worker has slots, in total and to one receiver',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(async () => (await sleep(5), { status: 'delivered' }), 6, 2);
      for (let index = 0; index < 60; index++) await queue.add(newDelivery({ host: `host-${index % 4}.external.org` }));
      await queue.start(worker);
      await isDelivered(queue, 60);
      ok(worker.most.total <= 6, `${worker.most.total} in flight`);
      ok(worker.most.receiver <= 2, `${worker.most.receiver} in flight to one receiver`);
      equal(worker.asked.length, 60);
    },
  ],
  [
    'continues with other receivers while one has no slots left',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(
        ({ delivery: { request } }) => (request.url.includes('dead') ? forever() : { status: 'delivered' }),
        10,
        2,
      );
      for (let index = 0; index < 50; index++) await queue.add(newDelivery({ host: 'dead.external.org' }));
      for (let index = 0; index < 20; index++) await queue.add(newDelivery({ host: 'alive.external.org' }));
      await queue.start(worker);
      await isDelivered(queue, 20);
      equal(worker.ids.length, 22);
    },
  ],
  [
    'enqueues but does not send if the worker has no slots',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(undefined, 0);
      await queue.start(worker);
      await queue.add(newDelivery());
      await sleep(300);
      deepEqual(worker.asked, []);
      deepEqual(await countsOf(queue), { queued: 1 });
    },
  ],
  [
    'waits for attempts in flight when it stops, and begins none after that',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(async () => (await sleep(200), { status: 'delivered' }));
      await queue.start(worker);
      await queue.add(newDelivery());
      await until('it is in flight', () => worker.asked.length === 1);
      equal((await queue.stats()).inFlight, 1);
      await queue.stop(10_000);
      equal((await queue.stats()).delivered, 1);
      await queue.add(newDelivery());
      await sleep(300);
      equal(worker.asked.length, 1);
      equal((await queue.stats()).queued, 1);
    },
  ],
  [
    'waits for attempts in flight only as long as it may',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(forever);
      await queue.start(worker);
      await queue.add(newDelivery());
      await until('it is in flight', () => worker.asked.length === 1);
      await queue.stop(100);
    },
  ],
  [
    'stops if stop() is called twice at once',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(async () => (await sleep(200), { status: 'delivered' }));
      await queue.start(worker);
      await queue.add(newDelivery());
      await until('it is in flight', () => worker.asked.length === 1);
      const stopped = Promise.all([queue.stop(60_000), queue.stop(60_000)]);
      const late = new AbortController();
      const hung = sleep(10_000, 'hung', { signal: late.signal }).catch(() => 'stopped');
      equal(await Promise.race([stopped.then(() => 'stopped'), hung]), 'stopped');
      late.abort();
    },
  ],
  [
    'begins no attempts once it is closed',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(forever);
      await queue.start(worker);
      await queue.add(newDelivery());
      await until('it is in flight', () => worker.asked.length === 1);
      await queue.stop(0);
      await queue.close();
      await rejects(queue.add(newDelivery()), { code: 'CALLBACK_QUEUE' });
    },
  ],
  [
    'can be started again after it was closed',
    async ({ open }) => {
      const queue = open();
      for (let round = 1; round <= 2; round++) {
        const worker = new ScriptedWorker();
        await queue.start(worker);
        const one = newDelivery();
        await queue.add(one);
        await until('it is delivered', () => worker.ids.includes(one.id));
        await queue.stop(10_000);
        await queue.close();
      }
    },
  ],
  [
    'rejects a second start',
    async ({ open }) => {
      const queue = open();
      await queue.start(new ScriptedWorker());
      await rejects(queue.start(new ScriptedWorker()), { code: 'CALLBACK_QUEUE' });
    },
  ],
];

function byId(one: CallbackDelivery, other: CallbackDelivery): number {
  return one.id < other.id ? -1 : 1;
}
