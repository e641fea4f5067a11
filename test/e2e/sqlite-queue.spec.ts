import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import type { AttemptOutcome } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import type { SqliteQueue, SqliteQueueOptions } from 'nestjs-callbacks/sqlite';
import { checkQueue } from '../support/check-queue.js';
import { delivered, failed, newDelivery, newFile, until, workerOf } from '../support/queue-work.js';

const OPEN: SqliteQueue[] = [];

/** A queue that is closed when the test ends. */
function open(options: SqliteQueueOptions): SqliteQueue {
  const queue = sqliteQueue(options);
  OPEN.push(queue);
  return queue;
}

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
});

/** What the table holds, as another process sees it. */
function rowsIn(file: string): Record<string, unknown>[] {
  const database = new Database(file);
  const rows = database.prepare('SELECT * FROM callback_deliveries ORDER BY rowid').all();
  database.close();
  return rows as Record<string, unknown>[];
}

function execute(file: string, sql: string): void {
  const database = new Database(file);
  database.exec(`PRAGMA busy_timeout = 5000; ${sql}`);
  database.close();
}

const storage = async () => {
  const file = await newFile();
  return () => sqliteQueue({ file });
};

checkQueue('the queue in a SQLite file', { storage, durable: true }, { isQuick: true });

describe('sqliteQueue()', () => {
  const inMemory = new Database(':memory:');
  const wrong: [title: string, options: Record<string, unknown>, message: RegExp][] = [
    ['neither a file nor a database', {}, /`file` or `database`/],
    ['both', { file: 'a.db', database: inMemory }, /`file` or `database`, but not both/],
    ['no path', { file: 1 }, /`file` .* path of a file/],
    ['an empty path', { file: '' }, /`file` .* path of a file/],
    ['a file in memory', { file: ':memory:' }, /`file` .* memoryQueue/],
    ['a URL', { file: 'libsql://db.example.org' }, /`file` .* path of a file/],
    ['a database in memory', { database: inMemory }, /`database` .* must be in a file/],
    ['a temporary database', { database: new Database('') }, /`database` .* must be in a file/],
    ['a path as database', { database: 'a.db' }, /`database` .* new Database\(file\)/],
    ['a wrapper of a database', { database: { ...inMemory, exec() {}, prepare() {} } }, /`database` .* new Database/],
    [
      'an option that does not exist',
      { file: 'a.db', path: 'b.db' },
      /no option `path`.*file, database, remember, rememberFailed, keepBodies/,
    ],
    ['a negative time to remember', { file: 'a.db', remember: -1 }, /`remember` .* at least 0/],
  ];

  it.each(wrong)('refuses %s', (_, options, message) => {
    // What no program that type-checks could pass.
    const attempt = () => sqliteQueue(options as unknown as SqliteQueueOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });
});

describe('a place where no queue can be', () => {
  const places: [title: string, prepare: (file: string) => Promise<string>, message: (file: string) => string][] = [
    [
      'a folder that does not exist',
      async (file) => join(dirname(file), 'none', 'callbacks.db'),
      (file) => `${file} cannot be opened: there is no folder ${dirname(file)}. Fix: create it`,
    ],
    [
      'a file that is no database',
      async (file) => (await writeFile(file, 'This is a letter to a friend. '.repeat(50)), file),
      (file) => `${file} is not a SQLite database. Fix:`,
    ],
    [
      'a folder',
      async (file) => (await mkdir(file), file),
      (file) => `${file} cannot be opened. Fix: use a path where this process may`,
    ],
  ];

  it.each(places)('%s keeps the app from starting, and takes no delivery', async (_, prepare, message) => {
    const file = await prepare(await newFile());
    const queue = open({ file });
    const expected = expect.objectContaining({
      code: 'CALLBACK_QUEUE',
      message: expect.stringContaining(message(file)),
      cause: expect.objectContaining({ message: expect.any(String) }),
    });
    await expect(queue.start(workerOf())).rejects.toEqual(expected);
    await expect(queue.add(newDelivery())).rejects.toEqual(expected);
    await expect(queue.stats()).rejects.toEqual(expected);
  });

  /** A connection class that limits some connections. */
  function limited(pragma: string) {
    return class extends Database {
      override exec(sql: string): this {
        super.exec(sql);
        if (sql.includes('callback_deliveries')) super.exec(pragma);
        return this;
      }
    };
  }

  it('a database that may only be read says so', async () => {
    const queue = open({ database: new (limited('PRAGMA query_only = 1'))(await newFile()) });
    await expect(queue.add(newDelivery())).rejects.toMatchObject({
      code: 'CALLBACK_QUEUE',
      message: expect.stringMatching(/callbacks\.db is read-only\. Fix: let this process write to the file/),
    });
  });

  it('a database that cannot grow refuses what does not fit, and holds what fits', async () => {
    const file = await newFile();
    const queue = open({ database: new (limited('PRAGMA max_page_count = 40'))(file) });
    const [before, beside, later] = [newDelivery(), newDelivery(), newDelivery()];
    await queue.add(before);
    const { request, ...rest } = newDelivery();
    const large = { ...rest, request: { ...request, body: 'x'.repeat(300_000) } };
    const [fits, refused] = await Promise.allSettled([queue.add(beside), queue.add(large)]);
    expect(fits).toMatchObject({ value: { status: 'queued' } });
    expect(refused).toMatchObject({
      reason: { code: 'CALLBACK_QUEUE', message: expect.stringMatching(/the disk is full\. Fix: free space/) },
    });
    await queue.add(later);
    expect(rowsIn(file).map(({ id }) => id)).toEqual([before.id, beside.id, later.id]);
  });

  it('a queue that is closed inserts nothing until it is started again', async () => {
    const queue = open({ file: await newFile() });
    await queue.add(newDelivery());
    await queue.close();
    expect(() => queue.insert(newDelivery())).toThrow(
      expect.objectContaining({ code: 'CALLBACK_QUEUE', message: expect.stringMatching(/is closed\. Fix:/) }),
    );
    await queue.start(workerOf());
    queue.insert(newDelivery());
    await until('both are delivered', async () => (await queue.stats()).delivered === 2);
  });
});

describe('what is added', () => {
  it('is in the file once add() resolves, however much is added at once', async () => {
    const file = await newFile();
    const queue = open({ file });
    const all = Array.from({ length: 1_200 }, () => newDelivery());
    await Promise.all(all.map((one) => queue.add(one)));
    expect(rowsIn(file).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  it('is refused alone where it cannot be written', async () => {
    const queue = open({ file: await newFile() });
    const { request, ...rest } = newDelivery();
    const outcomes = await Promise.allSettled([
      queue.add({ ...rest, request: { ...request, url: 'nowhere' } }),
      queue.add(newDelivery()),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('is refused alone where the database refuses it', async () => {
    const file = await newFile();
    const queue = open({ file });
    await queue.stats();
    execute(
      file,
      `CREATE TRIGGER refuse BEFORE INSERT ON callback_deliveries WHEN new.host = 'bad.external.org'
       BEGIN SELECT RAISE(ABORT, 'It is too large'); END`,
    );
    const hosts = ['good', 'bad', 'good', 'bad', 'good'].map((name) => `${name}.external.org`);
    const outcomes = await Promise.allSettled(hosts.map((host) => queue.add(newDelivery(host))));
    expect(outcomes.map(({ status }) => status)).toEqual(
      hosts.map((host) => (host.startsWith('bad') ? 'rejected' : 'fulfilled')),
    );
    expect((await queue.stats()).queued).toBe(3);
    await queue.add(newDelivery());
  });
});

describe('what was delivered', () => {
  it('is kept without its body, and forgotten after a while', async () => {
    const file = await newFile();
    const queue = open({ file, remember: 600 });
    const worker = workerOf();
    await queue.start(worker);
    const one = newDelivery();
    await queue.add(one);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(rowsIn(file)).toMatchObject([{ id: one.id, state: 'delivered', body: null, error: null, worker: null }]);
    expect(JSON.stringify(rowsIn(file))).not.toContain('paid');
    await until('it is forgotten', () => rowsIn(file).length === 0);
    expect(worker.ids).toEqual([one.id]);
    await queue.add(one);
    await until('it is delivered again', () => worker.ids.length === 2);
  });
});

describe('a row that is damaged', () => {
  it.each([
    ['', /it is not JSON/],
    ['{"status":"prep', /it is not JSON/],
    ['[]', /`status`/],
    ['{"status":"prepared","version":1,"id":"msg_other"}', /`callback`/],
    ['{"status":"skipped"}', /it was skipped/],
  ])('holds up no other: %j', async (text, damage) => {
    const file = await newFile();
    const queue = open({ file });
    const [bad, good] = [newDelivery(), newDelivery()];
    await queue.add(bad);
    await queue.add(good);
    execute(file, `UPDATE callback_deliveries SET delivery = '${text}' WHERE id = '${bad.id}'`);
    const worker = workerOf();
    await queue.start(worker);
    await until('both are done', async () => {
      const stats = await queue.stats();
      return stats.delivered === 1 && stats.failed === 1;
    });
    expect(worker.ids).toEqual([good.id]);
    const { error, ...details } = (await queue.delivery(bad.id))!;
    expect(details).toMatchObject({ callback: bad.callback, url: bad.receiver, attempts: 0, history: [] });
    expect(error).toMatch(/is damaged.* Fix: /);
    expect(error).toMatch(damage);
  });
});

describe('the worker', () => {
  it('writes down what came of an attempt once the file is free again', async () => {
    const file = await newFile();
    const queue = open({ file });
    let end: (outcome: AttemptOutcome) => void = () => undefined;
    const worker = workerOf(() => new Promise((resolve) => (end = resolve)));
    await queue.start(worker);
    await queue.add(newDelivery());
    await until('it is in flight', () => worker.ids.length === 1);
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    end(delivered());
    await sleep(300);
    expect((await queue.stats()).inFlight).toBe(1);
    other.exec('COMMIT');
    other.close();
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toHaveLength(1);
  });

  it('changes nothing of a delivery that another worker has taken over', async () => {
    const file = await newFile();
    const queue = open({ file });
    let end: (outcome: AttemptOutcome) => void = () => undefined;
    const worker = workerOf(() => new Promise((resolve) => (end = resolve)));
    await queue.start(worker);
    const one = newDelivery();
    await queue.add(one);
    await until('it is in flight', () => worker.ids.length === 1);
    execute(file, "UPDATE callback_deliveries SET worker = 'another', attempts = 1");
    end(failed());
    await queue.stop(10_000);
    expect(rowsIn(file)).toMatchObject([{ id: one.id, state: 'leased', worker: 'another', error: null }]);
  });

  it('never reads the whole table', async () => {
    const statements = new Set<string>();
    class Recording extends Database {
      override prepare<Parameters extends unknown[] | {} = unknown[]>(sql: string) {
        statements.add(sql);
        return super.prepare<Parameters>(sql);
      }
    }
    const database = new Recording(await newFile());
    const queue = open({ database });
    await queue.start(workerOf());
    queue.insert(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    const plans = [...statements]
      .filter((sql) => sql.includes('callback_deliveries'))
      .flatMap((sql) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[])
      .map(({ detail }) => detail);
    expect(plans.length).toBeGreaterThan(15);
    expect(plans.filter((plan) => /^SCAN callback_deliveries(?!_| USING (COVERING )?INDEX)/.test(plan))).toEqual([]);
    expect(plans.filter((plan) => plan.includes('TEMP B-TREE'))).toEqual([]);
  });
});
