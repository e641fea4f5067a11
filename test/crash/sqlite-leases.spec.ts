import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, jest } from '@jest/globals';
import Database from 'libsql';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { checkQueue } from '../support/check-queue.js';
import { eventually } from '../support/eventually.js';
import { delivered, newDelivery, newFile, until, workerOf } from '../support/queue-work.js';

checkQueue("the queue in the app's own SQLite database", {
  storage: async () => {
    const database = new Database(await newFile());
    return () => sqliteQueue({ database });
  },
  durable: true,
});

it('a SQLite queue keeps attempts that take longer than a lease', async () => {
  const file = await newFile();
  const [first, second] = [sqliteQueue({ file }), sqliteQueue({ file })];
  const [slow, heir] = [workerOf(() => sleep(13_000, delivered())), workerOf()];
  await first.start(slow);
  await first.add(newDelivery());
  await until('it is in flight', () => slow.ids.length === 1);
  await second.start(heir);
  await until('it is delivered', async () => (await second.stats()).delivered === 1);
  for (const queue of [first, second]) {
    await queue.stop(0);
    await queue.close();
  }
  expect([slow.ids.length, heir.ids.length]).toEqual([1, 0]);
});

it('a SQLite queue renews its leases after the clock was set back', async () => {
  const file = await newFile();
  const queue = sqliteQueue({ file });
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const worker = workerOf(() => ended.then(delivered));
  await queue.start(worker);
  await queue.add(newDelivery());
  await until('it is in flight', () => worker.ids.length === 1);
  const reader = new Database(file);
  const leasedUntil = () => (reader.prepare('SELECT due FROM callback_deliveries').get() as { due: number }).due;
  const before = leasedUntil();
  const clock = Date.now.bind(Date);
  const isSetBack = jest.spyOn(Date, 'now').mockImplementation(() => clock() - 60_000);
  try {
    await eventually(() => expect(leasedUntil()).toBeLessThan(before));
  } finally {
    isSetBack.mockRestore();
    reader.close();
    end();
    await queue.stop(1_000);
    await queue.close();
  }
});

it('what is added waits while another process holds the SQLite file, and is refused after some seconds', async () => {
  const file = await newFile();
  const queue = sqliteQueue({ file });
  await queue.stats();
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  const patient = queue.add(newDelivery());
  await sleep(300);
  other.exec('COMMIT');
  await patient;
  other.exec('BEGIN IMMEDIATE');
  await expect(queue.add(newDelivery())).rejects.toMatchObject({
    code: 'CALLBACK_QUEUE',
    message: expect.stringMatching(/callbacks\.db was locked for 5 s\. Fix:/),
    cause: { code: 'SQLITE_BUSY' },
  });
  other.exec('COMMIT');
  other.close();
  expect((await queue.stats()).queued).toBe(1);
  await queue.close();
});
