import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallbackDelivery } from '../../delivery/callback-delivery.js';
import {
  fails,
  forever,
  hasState,
  matchingIds,
  isDelivered,
  newDelivery,
  ScriptedWorker,
  until,
} from './queue-test.js';
import type { QueueTest, ScriptedOutcome } from './queue-test.js';

/** What a durable queue does. */
export const DURABLE_QUEUE_TESTS: readonly QueueTest[] = [
  [
    'keeps its deliveries through a restart: due ones with their attempts, and failed ones',
    async ({ open }) => {
      const first = open();
      const [bad, tried, due] = [newDelivery({ host: 'gone.external.org' }), newDelivery(), newDelivery()];
      await first.start(
        new ScriptedWorker(({ delivery: { id } }) =>
          id === bad.id ? fails() : { status: 'retry', delay: 500, error: 'the receiver replied 503' },
        ),
      );
      await first.add(bad);
      await first.add(tried);
      await until('both were attempted', async () => {
        const { failed, queued } = await first.stats();
        // A queued delivery may not have been attempted yet.
        return failed === 1 && queued === 1 && (await first.delivery(tried.id))?.attempts === 1;
      });
      await first.stop(10_000);
      await first.add(due);
      await first.close();

      const second = open();
      const worker = new ScriptedWorker();
      await second.start(worker);
      await isDelivered(second, 2);
      deepEqual(new Map(worker.asked.map((asked) => [asked.delivery.id, asked.attempt])).get(tried.id), 2);
      deepEqual(new Map(worker.asked.map((asked) => [asked.delivery.id, asked.attempt])).get(due.id), 1);
      deepEqual(await matchingIds(second, { state: 'failed' }), [bad.id]);
      await second.add(tried);
      equal((await second.stats()).queued, 0);
    },
  ],
  [
    'repeats the attempts in flight of another queue that is gone, under the same numbers',
    async ({ open }) => {
      const first = open();
      const [lost, worker] = [newDelivery(), new ScriptedWorker(forever)];
      await first.start(worker);
      await first.add(lost);
      await until('it is in flight', () => worker.asked.length === 1);
      await first.stop(0);
      await first.close();

      const second = open();
      const heir = new ScriptedWorker();
      await second.start(heir);
      await isDelivered(second, 1);
      deepEqual(
        heir.asked.map(({ delivery, attempt }) => [delivery, attempt]),
        [[lost, 1]],
      );
    },
  ],
  [
    'shares the work with another queue in the same storage, without sending anything twice',
    async ({ open }) => {
      const queues = [open(), open()] as const;
      const all = Array.from({ length: 200 }, (_, index) => newDelivery({ host: `host-${index % 10}.external.org` }));
      const attempted = new Map<string, number>();
      const script = async ({ delivery: { id } }: { delivery: CallbackDelivery }): Promise<ScriptedOutcome> => {
        attempted.set(id, (attempted.get(id) ?? 0) + 1);
        await sleep(20);
        return { status: 'delivered' };
      };
      const workers = queues.map(() => new ScriptedWorker(script, 5));
      for (const [index, queue] of queues.entries()) await queue.start(workers[index]!);
      await Promise.all(all.map((one, index) => queues[index % 2]!.add(one)));
      await isDelivered(queues[0], 200);
      deepEqual(
        [...attempted.values()],
        Array.from(all, () => 1),
      );
      ok(
        workers.every(({ asked }) => asked.length > 0),
        'each has done a part of the work',
      );
    },
  ],
  [
    'begins no attempts once it is closed, even if it was still starting',
    async ({ open }) => {
      const [queue, other] = [open(), open()];
      const worker = new ScriptedWorker();
      await queue.add(newDelivery());
      const starting = queue.start(worker).catch(() => undefined);
      await queue.close();
      await starting;
      await rejects(queue.add(newDelivery()), { code: 'CALLBACK_QUEUE' });
      const { length } = worker.asked;
      await other.add(newDelivery());
      await sleep(500);
      equal(worker.asked.length, length);
    },
  ],
  [
    'attempts deliveries that were added to another queue in the same storage',
    async ({ open }) => {
      const [web, worker] = [open(), open()];
      const sender = new ScriptedWorker();
      await web.start(new ScriptedWorker(undefined, 0));
      await worker.start(sender);
      await web.add(newDelivery());
      await isDelivered(web, 1);
      equal(sender.asked.length, 1);
    },
  ],
  [
    'stores an event that no listener took, and announces it once to the next worker',
    async ({ open }) => {
      const first = open();
      const untold = { name: 'delivered', event: { id: 'msg_1', statusCode: 200 } };
      await first.start(new ScriptedWorker(() => ({ status: 'delivered', untold: [untold] })));
      await first.add(newDelivery());
      await isDelivered(first, 1);
      await first.stop(10_000);
      await first.close();

      const second = open();
      const worker = new ScriptedWorker();
      await second.start(worker);
      await until('it is announced', () => worker.announced.length > 0);
      await second.stop(10_000);
      await second.close();
      const third = open();
      const last = new ScriptedWorker();
      await third.start(last);
      await third.add(newDelivery());
      await isDelivered(third, 2);
      deepEqual([worker.announced, last.announced], [[untold], []]);
    },
  ],
  [
    'fails a delivery that was changed, says why, and does not stop others',
    async ({ open }) => {
      const queue = open();
      const [other, good] = [newDelivery(), newDelivery()];
      await queue.add({ ...other, request: { ...other.request, body: 'another body' } });
      await queue.add(good);
      const worker = new ScriptedWorker();
      await queue.start(worker);
      await isDelivered(queue, 1);
      await hasState(queue, other.id, 'failed');
      deepEqual(worker.ids, [good.id]);
      match((await queue.delivery(other.id))?.error ?? '', /digest/);
    },
  ],
  [
    'keeps cancelled deliveries, with everything known about them, through a restart',
    async ({ open }) => {
      const first = open();
      const one = newDelivery({ key: 'a key', context: '{"tenant":"acme"}' });
      await first.start(new ScriptedWorker(undefined, 0));
      await first.add(one);
      await first.cancel([one.id]);
      const known = await first.delivery(one.id);
      await first.stop(10_000);
      await first.close();

      const second = open();
      const worker = new ScriptedWorker();
      await second.start(worker);
      deepEqual(await second.delivery(one.id), known);
      await second.retry([one.id]);
      await isDelivered(second, 1);
      deepEqual(
        worker.asked.map(({ delivery, attempt }) => [delivery.id, attempt]),
        [[one.id, 1]],
      );
    },
  ],
  [
    'sends the backlog of a receiver that has one slot in each of two processes, though its first answers were slow',
    async ({ open }) => {
      const queues = [open(), open()];
      for (let index = 0; index < 600; index++) await queues[0]!.add(newDelivery());
      const workers = queues.map(() => {
        const worker: ScriptedWorker = new ScriptedWorker(
          async () => {
            if (worker.asked.length === 1) await sleep(300);
            return { status: 'delivered' };
          },
          50,
          1,
        );
        return worker;
      });
      await Promise.all(queues.map((queue, index) => queue.start(workers[index]!)));
      await isDelivered(queues[0]!, 600);
      deepEqual(
        workers.map(({ most }) => most.receiver),
        [1, 1],
      );
    },
  ],
];
