import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import type { DeliverySummary } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import type { SqliteQueue, SqliteQueueOptions } from 'nestjs-callbacks/sqlite';
import { digestOf } from '../../libs/callbacks/src/delivery/callback-delivery.js';
import { randomOf } from '../support/random-of.js';
import { failed, newDelivery, newFile, until, workerOf } from '../support/queue-work.js';

const OPEN: SqliteQueue[] = [];
const LINES: string[] = [];

/** A queue that is closed when the test ends. */
function open(options: SqliteQueueOptions): SqliteQueue {
  const queue = sqliteQueue(options);
  OPEN.push(queue);
  return queue;
}

beforeAll(() => {
  const note = (line: unknown) => void LINES.push(String(line));
  Logger.overrideLogger({ log: note, warn: note, error: note });
});
afterEach(async () => {
  LINES.length = 0;
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
});

/** Somebody who works on the file by hand. */
function byHand<Result>(file: string, work: (database: Database.Database) => Result): Result {
  const database = new Database(file);
  database.exec('PRAGMA busy_timeout = 5000');
  try {
    return work(database);
  } finally {
    database.close();
  }
}

async function all(queue: SqliteQueue): Promise<DeliverySummary[]> {
  return [...(await queue.deliveries({}, { limit: 500 })).deliveries];
}

describe('a row that a newer version wrote', () => {
  it.each([
    ['in its column', "UPDATE callback_deliveries SET version = 2 WHERE id = 'ID'"],
    [
      'in its JSON alone',
      `UPDATE callback_deliveries SET delivery = json_set(delivery, '$.version', 2) WHERE id = 'ID'`,
    ],
  ])('is left alone, and is told of once: %s', async (_, sql) => {
    const file = await newFile();
    const queue = open({ file });
    const [newer, good] = [newDelivery(), newDelivery()];
    await queue.add(newer);
    await queue.add(good);
    byHand(file, (database) => database.exec(sql.replace('ID', newer.id)));
    const worker = workerOf();
    await queue.start(worker);
    await until('it is told', () => LINES.some((line) => line.includes('format 2')));
    await until('the other one is delivered', async () => (await queue.stats()).delivered === 1);
    const later = newDelivery();
    await queue.add(later);
    await until('a later one is delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids).toEqual([good.id, later.id]);
    expect(await queue.delivery(newer.id)).toMatchObject({ state: 'queued', attempts: 0 });
    for (const change of ['retry', 'forget'] as const) expect(await queue[change]([newer.id])).toEqual([]);
    expect(await queue.cancel([newer.id])).toEqual({ cancelled: [], inFlight: [] });
    expect((await queue.deliveries({ state: 'queued' }, { limit: 10 })).deliveries.map(({ id }) => id)).toEqual([
      newer.id,
    ]);
    expect(LINES.filter((line) => line.includes('format 2'))).toEqual([
      expect.stringMatching(/^The queue in .*callbacks\.db holds deliveries of format 2.* Fix: update/),
    ]);
  });

  it('in a table of another layout stops a queue, and says what to do', async () => {
    const file = await newFile();
    byHand(file, (database) => database.exec('CREATE TABLE callback_deliveries ( -- layout 2\n id TEXT)'));
    const queue = open({ file });
    const expected = expect.objectContaining({
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(/callback_deliveries .* another version .*\. Fix: update nestjs-callbacks/),
    });
    await expect(queue.start(workerOf())).rejects.toEqual(expected);
    await expect(queue.add(newDelivery())).rejects.toEqual(expected);
    const database = new Database(file);
    expect(() => open({ database }).insert(newDelivery())).toThrow(expected);
    database.close();
  });
});

describe('what nobody could have written', () => {
  const poison: [title: string, change: string][] = [
    ['bytes that are not UTF-8 in the JSON', `delivery = CAST(X'7bff7d' AS TEXT)`],
    ['bytes that are not UTF-8 in the body', `body = CAST(X'ff' AS TEXT)`],
    ['bytes that are not UTF-8 in the receiver', `receiver = CAST(X'ff61' AS TEXT)`],
    ['bytes that are not UTF-8 in the id', `id = CAST(X'ff61' AS TEXT)`],
    ['no receiver', `receiver = ''`],
    ['another receiver', `receiver = 'https://elsewhere.external.org/'`],
    ['a NUL', `delivery = 'a' || char(0) || 'b'`],
    ['an endless count of attempts', `attempts = 9223372036854775807`],
    ['a negative count of attempts', `attempts = -1`],
    ['a URL that is none', `delivery = json_set(delivery, '$.request.url', 'nowhere')`],
    ['a header that is no string', `delivery = json_set(delivery, '$.request.headers.a', 1)`],
    ['a retry schedule that is none', `delivery = json_set(delivery, '$.retry', 'daily')`],
    ['a context that is not JSON', `delivery = json_set(delivery, '$.context', '{')`],
  ];

  it.each(poison)('%s is a failed delivery that says why, and stops nobody', async (_, change) => {
    const file = await newFile();
    const queue = open({ file });
    const [bad, good] = [newDelivery(), newDelivery()];
    await queue.add(bad);
    await queue.add(good);
    byHand(file, (database) => database.exec(`UPDATE callback_deliveries SET ${change} WHERE id = '${bad.id}'`));
    const worker = workerOf();
    await queue.start(worker);
    await until('both have ended', async () => {
      const stats = await queue.stats();
      return stats.delivered === 1 && stats.failed === 1;
    });
    expect(worker.ids).toEqual([good.id]);
    const [failure] = (await queue.deliveries({ state: 'failed' }, { limit: 10 })).deliveries;
    expect(failure?.error).toMatch(/is damaged: .*\. Fix: /);
  });

  it.each([
    ['waits for a thousand years', "state = 'waiting', due = 33000000000000"],
    ['waits for ever', "state = 'waiting', due = 9223372036854775807"],
    ['has been due for ever', 'due = -9223372036854775807'],
    ['is leased for a thousand years', "state = 'leased', worker = 'nobody', due = 33000000000000"],
    ['was enqueued before time began', 'enqueued_at = -9223372036854775807, updated_at = 9223372036854775807'],
    ['has a history that is none', `history = '[1,{"at":"soon"}'`],
    ['has a history that is not UTF-8', `history = CAST(X'5bff5d' AS TEXT), error = CAST(X'ff' AS TEXT)`],
  ])('a delivery that %s is attempted', async (_, change) => {
    const file = await newFile();
    const queue = open({ file });
    const one = newDelivery();
    await queue.add(one);
    byHand(file, (database) => database.exec(`UPDATE callback_deliveries SET ${change}`));
    await queue.stats();
    await queue.start(workerOf());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    const details = (await queue.delivery(one.id))!;
    expect(details.history).toHaveLength(1);
    for (const time of [details.enqueuedAt, details.updatedAt]) expect(time.getTime()).not.toBeNaN();
  });

  it('bytes that flip, anywhere in the rows, stop nobody', async () => {
    const random = randomOf(20_261_126);
    const columns = ['id', 'callback', 'host', 'receiver', 'key', 'digest', 'delivery', 'body'];
    for (let round = 0; round < 4; round++) {
      const file = await newFile();
      const queue = open({ file });
      const rows = Array.from({ length: 60 }, (_, index) => ({
        ...newDelivery(`host-${index % 5}.org`),
        key: `k${index}`,
      }));
      await Promise.all(rows.map((row) => queue.add(row)));
      const flipped = rows.filter((_, index) => index % 3 === 0);
      byHand(file, (database) => {
        for (const { id } of flipped) {
          const column = columns[random(columns.length)]!;
          const [{ hex }] = database
            .prepare(`SELECT hex(${column}) AS hex FROM callback_deliveries WHERE id = ?`)
            .all(id) as [{ hex: string }];
          const bytes = Buffer.from(hex, 'hex');
          const position = random(bytes.length);
          bytes[position] = bytes[position]! ^ (1 << random(8));
          database.exec(
            `UPDATE callback_deliveries SET ${column} = CAST(X'${bytes.toString('hex')}' AS TEXT) WHERE id = '${id}'`,
          );
        }
      });
      const worker = workerOf();
      await queue.start(worker);
      await until('all have ended, or are of a newer version', async () => {
        const { delivered, failed: failures, queued, inFlight } = await queue.stats();
        const newer = byHand(file, (database) =>
          database.prepare('SELECT id FROM callback_deliveries WHERE version > 1').all(),
        );
        return inFlight === 0 && queued === newer.length && delivered + failures + queued === 60;
      });
      const sound = rows.filter((row) => !flipped.includes(row)).map(({ id }) => id);
      expect(worker.ids).toEqual(expect.arrayContaining(sound));
      expect(await all(queue)).toHaveLength(60);
      for (const { id } of rows) await queue.delivery(id);
    }
  });
});

describe('what has ended', () => {
  it('is sent again with its body if bodies are kept', async () => {
    const queue = open({ file: await newFile(), keepBodies: true });
    const bodies: (string | undefined)[] = [];
    const worker = workerOf();
    const attempt = worker.attempt.bind(worker);
    await queue.start({
      ...worker,
      attempt: (delivery, count) => (bodies.push(delivery.request.body), attempt(delivery, count)),
    });
    const one = newDelivery();
    await queue.add(one);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(await queue.retry([one.id])).toEqual([one.id]);
    await until('it is delivered again', () => bodies.length === 2);
    expect(bodies).toEqual([one.request.body, one.request.body]);
  });

  it('is sent again if it never had a body', async () => {
    const queue = open({ file: await newFile() });
    const worker = workerOf();
    await queue.start(worker);
    const { request, ...rest } = newDelivery();
    const { body: _, ...bodiless } = request;
    await queue.add({ ...rest, digest: digestOf(bodiless), request: bodiless });
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(await queue.retry([rest.id])).toEqual([rest.id]);
    await until('it is delivered again', () => worker.ids.length === 2);
  });

  it('is forgotten after a while if it failed, or was cancelled', async () => {
    const queue = open({ file: await newFile(), remember: 300, rememberFailed: 600 });
    const [bad, waiting] = [newDelivery(), newDelivery()];
    await queue.start(workerOf(failed));
    await queue.add(bad);
    await until('it failed', async () => (await queue.stats()).failed === 1);
    await queue.stop(1_000);
    await queue.add(waiting);
    await queue.cancel([waiting.id]);
    expect(await all(queue)).toHaveLength(2);
    await queue.start(workerOf());
    await until('both are forgotten', async () => (await all(queue)).length === 0);
    expect(await queue.stats()).toMatchObject({ failed: 0, cancelled: 0 });
  });
});
