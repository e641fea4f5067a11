import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import Database from 'libsql';
import { Callbacks, CallbacksModule } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import type { SqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeApps, createApp } from '../support/create-app.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import { newDelivery, newFile, until, workerOf } from '../support/queue-work.js';
import { startReceiver } from '../support/start-receiver.js';

const OPEN: SqliteQueue[] = [];

/** An app's database, with invoices in it, and the queue beside them. */
async function openInvoices() {
  const database = new Database(await newFile());
  database.exec("CREATE TABLE invoices (id TEXT PRIMARY KEY, paid INTEGER); INSERT INTO invoices VALUES ('one', 0)");
  const queue = sqliteQueue({ database });
  OPEN.push(queue);
  const pay = () => database.prepare('UPDATE invoices SET paid = 1').run();
  const isPaid = () => (database.prepare('SELECT paid FROM invoices').get() as { paid: number }).paid === 1;
  return { database, queue, pay, isPaid };
}

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await closeApps();
  for (const queue of OPEN.splice(0)) {
    await queue.stop(0);
    await queue.close();
  }
});

describe('insert()', () => {
  it('commits with what the app writes', async () => {
    const { database, queue, pay, isPaid } = await openInvoices();
    const worker = workerOf();
    await queue.start(worker);
    const one = newDelivery();
    database.transaction(() => {
      pay();
      queue.insert(one);
    })();
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toEqual([one.id]);
    expect(isPaid()).toBe(true);
  });

  it('rolls back with what the app writes', async () => {
    const { database, queue, pay, isPaid } = await openInvoices();
    const worker = workerOf();
    await queue.start(worker);
    const attempt = database.transaction(() => {
      pay();
      queue.insert(newDelivery());
      throw new Error('the payment was refused');
    });
    expect(attempt).toThrow('the payment was refused');
    const marker = newDelivery();
    await queue.add(marker);
    await until('the next one is delivered', async () => (await queue.stats()).delivered === 1);
    expect(worker.ids).toEqual([marker.id]);
    expect(await queue.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 1, failed: 0 });
    expect(isPaid()).toBe(false);
  });

  it('goes out once a transaction commits that was open for long, and holds up nothing for ever', async () => {
    const { database, queue } = await openInvoices();
    const worker = workerOf();
    await queue.start(worker);
    database.exec('BEGIN IMMEDIATE');
    const [inserted, added] = [newDelivery(), newDelivery()];
    queue.insert(inserted);
    let isAdded = false;
    const adding = queue.add(added).then(() => (isAdded = true));
    await sleep(600);
    expect([worker.ids, isAdded]).toEqual([[], false]);
    database.exec('COMMIT');
    await adding;
    await until('both are delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids.toSorted()).toEqual([inserted.id, added.id].toSorted());
  });

  it('comes before the queue has started, in a transaction that is rolled back, and then in one that is not', async () => {
    const { database, queue } = await openInvoices();
    const [lost, kept] = [newDelivery(), newDelivery()];
    database.exec('BEGIN');
    queue.insert(lost);
    database.exec('ROLLBACK');
    database.exec('BEGIN');
    queue.insert(kept);
    queue.insert(newDelivery());
    database.exec('COMMIT');
    const worker = workerOf();
    await queue.start(worker);
    await until('they are delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids).toContain(kept.id);
    expect(worker.ids).not.toContain(lost.id);
  });

  it('holds one delivery of an id, whoever gives it', async () => {
    const { queue } = await openInvoices();
    const one = newDelivery();
    expect(queue.insert(one)).toEqual({ status: 'queued', id: one.id });
    expect(await queue.add(one)).toEqual({ status: 'duplicate', state: 'queued', digest: one.digest });
    expect(queue.insert(one)).toEqual({ status: 'duplicate', id: one.id, state: 'queued' });
    expect((await queue.stats()).queued).toBe(1);
    const worker = workerOf();
    await queue.start(worker);
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(queue.insert(one)).toEqual({ status: 'duplicate', id: one.id, state: 'delivered' });
    const request = { ...one.request, body: 'another one' };
    expect(() => queue.insert({ ...one, key: 'a key', request })).toThrow(
      expect.objectContaining({ code: 'CALLBACK_KEY_REUSED' }),
    );
    expect(await queue.stats()).toMatchObject({ queued: 0, inFlight: 0, delivered: 1, failed: 0 });
  });

  it.each(['nowhere', 'mailto:someone@external.org', 'file:///etc/passwd'])(
    'refuses %s, which no callback can be sent to, and does not tell the whole of it',
    async (url) => {
      const { queue } = await openInvoices();
      const { request, ...rest } = newDelivery();
      const wrong = { ...rest, request: { ...request, url } };
      expect(() => queue.insert(wrong)).toThrow('request.url: must be an absolute http: or https: URL');
      expect((await queue.stats()).queued).toBe(0);
    },
  );

  it('leaves a callback away that nobody asked for, and refuses what prepare() did not give', async () => {
    const { queue } = await openInvoices();
    expect(queue.insert({ status: 'skipped' })).toEqual({ status: 'skipped' });
    const { request, ...rest } = newDelivery();
    expect(() => queue.insert({ ...rest, id: 'msg.dotted', request })).toThrow(
      expect.objectContaining({ code: 'CALLBACK_CONTRACT' }),
    );
    expect((await queue.stats()).queued).toBe(0);
  });

  it('works on the connection of the queue where the app gave a file', async () => {
    const file = await newFile();
    const queue = sqliteQueue({ file });
    OPEN.push(queue);
    queue.insert(newDelivery());
    const worker = workerOf();
    await queue.start(worker);
    queue.insert(newDelivery());
    await until('both are delivered', async () => (await queue.stats()).delivered === 2);
    expect(worker.ids).toHaveLength(2);
  });

  it('says what to do where another holds the file', async () => {
    const { database, queue } = await openInvoices();
    await queue.stats();
    const other = new Database((database.prepare('PRAGMA database_list').get() as { file: string }).file);
    other.exec('BEGIN IMMEDIATE');
    expect(() => queue.insert(newDelivery())).toThrow(
      expect.objectContaining({ code: 'CALLBACK_QUEUE', cause: expect.objectContaining({ code: 'SQLITE_BUSY' }) }),
    );
    other.exec('COMMIT');
    other.close();
  });
});

describe("the app's database", () => {
  it.each(['wal', 'delete', 'truncate'])('keeps its journal mode: %s', async (mode) => {
    const { database, queue } = await openInvoices();
    database.exec(`PRAGMA journal_mode = ${mode}`);
    await queue.start(workerOf());
    queue.insert(newDelivery());
    await queue.add(newDelivery());
    await until('both are delivered', async () => (await queue.stats()).delivered === 2);
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: mode });
  });

  it('stays open when the queue is closed', async () => {
    const { queue, pay, isPaid } = await openInvoices();
    await queue.start(workerOf());
    await queue.stop(0);
    await queue.close();
    pay();
    expect(isPaid()).toBe(true);
  });

  it('may be of any class with the same methods, which makes the connections of the queue', async () => {
    const connections: string[] = [];
    class Noting extends Database {
      constructor(file: string) {
        super(file);
        connections.push(file);
      }
    }
    const file = await newFile();
    const queue = sqliteQueue({ database: new Noting(file) });
    OPEN.push(queue);
    await queue.start(workerOf());
    queue.insert(newDelivery());
    await until('it is delivered', async () => (await queue.stats()).delivered === 1);
    expect(connections).toEqual([file, file, file]);
  });
});

it('an app pays an invoice and sends its callback, or does neither', async () => {
  const receiver = await startReceiver();
  const { database, queue, pay } = await openInvoices();
  const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
  const app = await createApp({
    imports: [CallbacksModule.forRoot({ queue, egress })],
    controllers: [InvoicesController],
  });
  await app.init();
  const callbacks = app.get(Callbacks);
  const urls = { invoiceNotification: `${receiver.url}/invoices/one` };
  const event = { description: 'Payment celebration', paid: true };
  const delivery = await callbacks.prepare(InvoiceCallbacks, urls, { key: 'one-paid' }).invoiceNotification(event);
  const paid = database.transaction(() => {
    pay();
    queue.insert(delivery);
  });
  paid();
  paid();
  await until('it is delivered', async () => (await callbacks.stats()).delivered === 1);
  expect(receiver.requests.map(({ url, body }) => [url, JSON.parse(body.toString()) as unknown])).toEqual([
    ['/invoices/one', event],
  ]);
  await app.close();
  await receiver.close();
});
