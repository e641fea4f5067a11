import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  countsOf,
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

const retryLater = (): ScriptedOutcome => ({ status: 'retry', delay: 3_600_000, error: 'the receiver replied 503' });

/** What a queue does for operators. */
export const OPERATING_TESTS: readonly QueueTest[] = [
  [
    'returns everything about a delivery: its data, its state, and each attempt',
    async ({ open }) => {
      const queue = open();
      const one = newDelivery({ key: 'invoice-1', context: '{"tenant":"acme","tags":[1,null]}' });
      const worker = new ScriptedWorker(({ attempt }) =>
        attempt === 1
          ? { status: 'retry', delay: 1, error: 'the receiver replied 503' }
          : { status: 'delivered', reply: '{"ok":true}' },
      );
      const begin = Date.now();
      await queue.add(one);
      const waiting = await queue.delivery(one.id);
      ok(waiting);
      const { enqueuedAt, updatedAt, nextAttemptAt, ...known } = waiting;
      deepEqual(known, {
        id: one.id,
        callback: 'TestCallbacks.notify',
        key: 'invoice-1',
        context: { tenant: 'acme', tags: [1, null] },
        url: one.request.url,
        state: 'queued',
        attempts: 0,
        history: [],
        body: one.request.body,
      });
      for (const time of [enqueuedAt, updatedAt, nextAttemptAt]) {
        ok(time instanceof Date && Math.abs(time.getTime() - begin) < 60_000, String(time));
      }
      await queue.start(worker);
      await isDelivered(queue, 1);
      const { history, state, attempts, error } = (await queue.delivery(one.id))!;
      deepEqual([state, attempts, error], ['delivered', 2, undefined]);
      deepEqual(
        history.map(({ at, ...attempt }) => (ok(at instanceof Date), attempt)),
        [
          { attempt: 1, duration: 5, error: 'the receiver replied 503' },
          { attempt: 2, duration: 5, statusCode: 200, reply: '{"ok":true}' },
        ],
      );
      equal(await queue.delivery('msg_nobody_knows'), undefined);
    },
  ],
  [
    'keeps the latest twenty attempts',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(({ attempt }) =>
        attempt < 23 ? { status: 'retry', delay: 0, error: `attempt ${attempt}` } : fails(),
      );
      const one = newDelivery();
      await queue.add(one);
      await queue.start(worker);
      await hasState(queue, one.id, 'failed');
      const { history, attempts, error } = (await queue.delivery(one.id))!;
      deepEqual([history.length, history[0]?.attempt, history.at(-1)?.attempt], [20, 4, 23]);
      deepEqual([attempts, error], [23, 'the receiver replied 410']);
    },
  ],
  [
    'lists matching deliveries, the last enqueued first',
    async ({ open }) => {
      const queue = open();
      const [bad, good, later] = [
        newDelivery({ host: 'gone.external.org', key: 'a key' }),
        newDelivery({ host: 'fine.external.org:8443', callback: 'TestCallbacks.other' }),
        newDelivery({ host: 'busy.external.org' }),
      ];
      const worker = new ScriptedWorker(({ delivery: { id } }) => {
        if (id === bad.id) return fails();
        return id === later.id ? retryLater() : { status: 'delivered' };
      });
      for (const one of [bad, good, later]) {
        await queue.add(one);
        await sleep(5);
      }
      deepEqual(await matchingIds(queue), [later.id, good.id, bad.id]);
      await queue.start(worker);
      await hasState(queue, bad.id, 'failed');
      await hasState(queue, good.id, 'delivered');
      await until('the third was attempted', async () => (await queue.delivery(later.id))?.attempts === 1);
      deepEqual(await matchingIds(queue), [later.id, good.id, bad.id]);
      deepEqual(await matchingIds(queue, { state: 'failed' }), [bad.id]);
      deepEqual(await matchingIds(queue, { state: 'queued' }), [later.id]);
      deepEqual(await matchingIds(queue, { state: 'cancelled' }), []);
      deepEqual(await matchingIds(queue, { host: 'fine.external.org:8443' }), [good.id]);
      deepEqual(await matchingIds(queue, { host: 'fine.external.org' }), []);
      deepEqual(await matchingIds(queue, { callback: 'TestCallbacks.other' }), [good.id]);
      deepEqual(await matchingIds(queue, { key: 'a key' }), [bad.id]);
      deepEqual(await matchingIds(queue, { key: 'a key', state: 'delivered' }), []);
      const [failure] = (await queue.deliveries({ state: 'failed' }, { limit: 1 })).deliveries;
      const { updatedAt, error, attempts } = failure!;
      deepEqual([error, attempts], ['the receiver replied 410', 1]);
      ok((await matchingIds(queue, { since: updatedAt })).includes(bad.id));
      ok(!(await matchingIds(queue, { until: updatedAt })).includes(bad.id));
      deepEqual(await matchingIds(queue, { since: new Date(Date.now() + 60_000) }), []);
      deepEqual(await matchingIds(queue, { state: 'failed', since: updatedAt }), [bad.id]);
      deepEqual(await matchingIds(queue, { state: 'failed', until: updatedAt }), []);
    },
  ],
  [
    'lists each delivery on exactly one page, although deliveries change between the pages',
    async ({ open }) => {
      const queue = open();
      const all = Array.from({ length: 25 }, () => newDelivery());
      for (const one of all) await queue.add(one);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await queue.deliveries({ state: 'queued' }, { limit: 4, ...(cursor !== undefined && { cursor }) });
        ok(page.deliveries.length <= 4);
        seen.push(...page.deliveries.map(({ id }) => id));
        // Changes of listed deliveries and new deliveries do not move others to another page.
        await queue.retry(seen.slice(-2));
        await queue.cancel(seen.slice(-1));
        await queue.add(newDelivery());
        cursor = page.next;
      } while (cursor !== undefined && seen.length < 100);
      deepEqual(seen.toSorted(), all.map(({ id }) => id).toSorted());
    },
  ],
  [
    'rejects a cursor that is not from a page',
    async ({ open }) => {
      const queue = open();
      await queue.add(newDelivery());
      for (const cursor of ['nonsense', 'NaN', 'Infinity', '1e999', ' 7', '0x7', "1' OR 1=1"]) {
        await rejects(queue.deliveries({}, { limit: 4, cursor }), TypeError, cursor);
      }
    },
  ],
  [
    'attempts a waiting delivery now, with the next number, when it is retried',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(({ attempt }) => (attempt === 1 ? retryLater() : { status: 'delivered' }));
      const one = newDelivery();
      await queue.start(worker);
      await queue.add(one);
      await until('it was attempted', async () => (await queue.delivery(one.id))?.attempts === 1);
      deepEqual(await queue.retry([one.id, 'msg_nobody_knows']), [one.id]);
      await isDelivered(queue, 1);
      deepEqual(
        worker.asked.map(({ attempt }) => attempt),
        [1, 2],
      );
    },
  ],
  [
    'restarts failed and cancelled deliveries with the same bytes when they are retried',
    async ({ open }) => {
      const queue = open();
      let outcome: ScriptedOutcome = fails();
      const [failed, waiting] = [newDelivery(), newDelivery()];
      const worker = new ScriptedWorker(({ delivery: { id } }) =>
        id === waiting.id && outcome.status === 'failed' ? retryLater() : outcome,
      );
      await queue.start(worker);
      for (const one of [failed, waiting]) await queue.add(one);
      await hasState(queue, failed.id, 'failed');
      await until('the other was attempted', async () => (await queue.delivery(waiting.id))?.attempts === 1);
      await queue.cancel([waiting.id]);
      outcome = { status: 'delivered' };
      deepEqual([...(await queue.retry([failed.id, waiting.id]))].toSorted(), [failed.id, waiting.id].toSorted());
      await isDelivered(queue, 2);
      for (const one of [failed, waiting]) {
        const asked = worker.asked.filter(({ delivery: { id } }) => id === one.id);
        deepEqual(
          asked.map(({ delivery, attempt }) => [delivery, attempt]),
          [
            [one, 1],
            [one, 1],
          ],
        );
        equal((await queue.delivery(one.id))?.history.length, 2);
      }
    },
  ],
  [
    'ignores deliveries in flight, and delivered ones without a body, when they are retried',
    async ({ open }) => {
      const queue = open();
      const [sending, delivered] = [newDelivery({ path: '/slow' }), newDelivery()];
      const worker = new ScriptedWorker(({ delivery: { id } }) =>
        id === sending.id ? forever() : { status: 'delivered' },
      );
      await queue.start(worker);
      for (const one of [sending, delivered]) await queue.add(one);
      await hasState(queue, sending.id, 'inFlight');
      await isDelivered(queue, 1);
      deepEqual(await queue.retry([sending.id, delivered.id]), []);
    },
  ],
  [
    'cancels waiting deliveries at once, and never attempts them',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(retryLater);
      const [due, waiting] = [newDelivery(), newDelivery()];
      await queue.start(worker);
      await queue.add(waiting);
      await until('it was attempted', async () => (await queue.delivery(waiting.id))?.attempts === 1);
      await queue.stop(5_000);
      await queue.add(due);
      deepEqual(await queue.cancel([due.id, waiting.id, 'msg_nobody_knows']), {
        cancelled: [due.id, waiting.id],
        inFlight: [],
      });
      deepEqual(await countsOf(queue), { cancelled: 2 });
      deepEqual(await queue.cancel([due.id]), { cancelled: [], inFlight: [] });
      equal((await queue.delivery(due.id))?.nextAttemptAt, undefined);
    },
  ],
  [
    'lets the attempt in flight decide the state of a cancelled delivery',
    async ({ open }) => {
      const queue = open();
      let end = () => undefined as void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      const [good, bad] = [newDelivery({ path: '/good' }), newDelivery({ path: '/bad' })];
      const worker = new ScriptedWorker(async ({ delivery: { id } }) => {
        await ended;
        return id === good.id
          ? { status: 'delivered' }
          : { status: 'retry', delay: 0, error: 'the receiver replied 503' };
      });
      await queue.start(worker);
      for (const one of [good, bad]) await queue.add(one);
      await until('both are in flight', () => worker.asked.length === 2);
      deepEqual(await queue.cancel([good.id, bad.id]), { cancelled: [], inFlight: [good.id, bad.id] });
      end();
      await hasState(queue, good.id, 'delivered');
      await hasState(queue, bad.id, 'cancelled');
      await until('the worker is called', () => worker.cancellations.length === 1);
      deepEqual(worker.cancellations, [bad.id]);
      equal(worker.asked.length, 2);
    },
  ],
  [
    'forgets only deliveries that have ended',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(({ delivery: { id } }) => {
        if (id === failed.id) return fails();
        return id === waiting.id ? retryLater() : { status: 'delivered' };
      });
      const [delivered, failed, waiting] = [newDelivery(), newDelivery(), newDelivery()];
      await queue.start(worker);
      for (const one of [delivered, failed, waiting]) await queue.add(one);
      await hasState(queue, delivered.id, 'delivered');
      await hasState(queue, failed.id, 'failed');
      await until('the third was attempted', async () => (await queue.delivery(waiting.id))?.attempts === 1);
      const all = [delivered.id, failed.id, waiting.id];
      deepEqual([...(await queue.forget(all))].toSorted(), [delivered.id, failed.id].toSorted());
      deepEqual(await matchingIds(queue), [waiting.id]);
      deepEqual(await countsOf(queue), { queued: 1 });
      deepEqual(await queue.add(delivered), { status: 'queued' });
    },
  ],
  [
    'returns how many deliveries are due, and since when',
    async ({ open }) => {
      const queue = open();
      const worker = new ScriptedWorker(retryLater);
      await queue.start(worker);
      const waiting = newDelivery();
      await queue.add(waiting);
      await until('it was attempted', async () => (await queue.delivery(waiting.id))?.attempts === 1);
      await queue.stop(5_000);
      const { due, oldestDueAt } = await queue.stats();
      deepEqual([due, oldestDueAt], [0, undefined]);
      const begin = Date.now();
      for (let count = 0; count < 3; count++) await queue.add(newDelivery());
      const later = await queue.stats();
      equal(later.due, 3);
      ok(Math.abs(later.oldestDueAt!.getTime() - begin) < 60_000);
    },
  ],
];
