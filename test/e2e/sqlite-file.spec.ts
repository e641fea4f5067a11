import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import type { SqliteQueue } from 'nestjs-callbacks/sqlite';
import { newDelivery, newFile, until, workerOf } from '../support/queue-work.js';

const OPEN: SqliteQueue[] = [];
const LINES: string[] = [];

/** A queue that is closed when the test ends. */
function open(file: string): SqliteQueue {
  const queue = sqliteQueue({ file });
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

describe('a file that is gone under a running app', () => {
  it.each([
    ['deleted or moved', async (file: string) => rm(file)],
    [
      'replaced',
      async (file: string) => {
        await copyFile(file, `${file}.copy`);
        await rename(`${file}.copy`, file);
      },
    ],
  ])('is noticed: %s', async (what, change) => {
    const file = await newFile();
    const queue = open(file);
    await queue.start(workerOf());
    await queue.add(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    await change(file);
    const expected = expect.objectContaining({
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(new RegExp(`callbacks\\.db was ${what} while it was open, .*\\. Fix: stop`)),
    });
    await expect(queue.add(newDelivery())).rejects.toEqual(expected);
    expect(() => queue.insert(newDelivery())).toThrow(expected);
    await until('the log says so', () => LINES.some((line) => line.includes(what)));
  });
});

describe('the file of a queue that is closed', () => {
  it('holds all by itself: nothing is left in the log beside it', async () => {
    const file = await newFile();
    const queue = open(file);
    await queue.start(workerOf());
    await queue.add(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    await queue.stop(1_000);
    await queue.add(newDelivery());
    await queue.close();
    await copyFile(file, `${file}.copy`);
    const copy = new Database(`${file}.copy`);
    expect(copy.prepare('SELECT state FROM callback_deliveries ORDER BY sequence').all()).toEqual([
      { state: 'delivered' },
      { state: 'ready' },
    ]);
    copy.close();
  });
});

it('a file becomes smaller once the bodies in it are dropped', async () => {
  const file = await newFile();
  const queue = open(file);
  const body = 'x'.repeat(50_000);
  const all = Array.from({ length: 400 }, () => newDelivery(undefined, body));
  await Promise.all(all.map((one) => queue.add(one)));
  const pages = () => {
    const database = new Database(file);
    const [answer] = database.prepare('SELECT page_count AS count FROM pragma_page_count').all() as [{ count: number }];
    database.close();
    return answer.count;
  };
  const full = pages();
  expect(full * 4_096).toBeGreaterThan(20_000_000);
  await queue.start(workerOf());
  await until('it is small', async () => (await queue.stats()).delivered === 400 && pages() < full / 2);
  await queue.stop(1_000);
  await queue.close();
  expect((await stat(file)).size).toBeLessThan((full * 4_096) / 2);
});

describe('receivers without a slot', () => {
  it('keep no other one waiting, however many they are', async () => {
    const queue = open(await newFile());
    // More than one pass asks for, before and after the one that is served.
    const blocked = Array.from({ length: 2_500 }, (_, index) => newDelivery(`dead-${index}.external.org`));
    await Promise.all(blocked.map((one) => queue.add(one)));
    const worker = workerOf();
    let asked = 0;
    await queue.start({
      ...worker,
      acquire: (receiver, most) => (asked++, receiver.includes('dead') ? 0 : most),
    });
    await until('each was asked for', () => asked >= 2_500);
    for (const host of ['alive.external.org', 'dread.external.org', 'zebra.external.org']) {
      const one = newDelivery(host);
      await queue.add(one);
      await until(`${host} is served`, () => worker.ids.includes(one.id));
    }
    expect(worker.ids).toHaveLength(3);
    expect(await queue.stats()).toMatchObject({ queued: 2_500, due: 2_500, oldestDueAt: expect.any(Date) });
  });
});
