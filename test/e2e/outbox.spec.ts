import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable, Scope } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import Database from 'libsql';
import { CallbackOutbox, CallbackQueueError, Callbacks, memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue, CallbacksModuleOptions, PreparedCallback } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { create, event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';
import type { Receiver } from '../support/start-receiver.js';

interface Row {
  readonly id: number;
  readonly delivery: string;
}

let database: Database.Database;
let receiver: Receiver;

beforeEach(async () => {
  database = new Database(await newFile());
  database.exec(
    `PRAGMA synchronous = OFF; CREATE TABLE invoices (id TEXT PRIMARY KEY);
     CREATE TABLE outbox (id INTEGER PRIMARY KEY, delivery TEXT, refused TEXT)`,
  );
  receiver = await receiving(ok);
});
afterEach(async () => {
  await closeAll();
  database.close();
});

/** An outbox as an app writes it, on a database that takes its time. */
@Injectable()
class InvoiceOutbox extends CallbackOutbox<number> {
  async pending(limit: number): Promise<Row[]> {
    await sleep(1);
    const select = 'SELECT id, delivery FROM outbox WHERE refused IS NULL ORDER BY id LIMIT ?';
    return database.prepare(select).all(limit) as Row[];
  }

  async settled(id: number): Promise<void> {
    await sleep(1);
    database.prepare('DELETE FROM outbox WHERE id = ?').run(id);
  }

  async refused(id: number, reason: string): Promise<void> {
    await sleep(1);
    database.prepare('UPDATE outbox SET refused = ? WHERE id = ?').run(reason, id);
  }
}

async function startWith<T extends CallbackOutbox<number> = InvoiceOutbox>(
  options: CallbacksModuleOptions = {},
  outboxClass: Type<T> = InvoiceOutbox as unknown as Type<T>,
) {
  const started = await start(receiver.port, options, { controllers: [InvoicesController], providers: [outboxClass] });
  return { ...started, outbox: started.app.get(outboxClass) };
}

const urlsOf = (invoice: string, url = receiver.url) => ({ invoiceNotification: `${url}/invoices/${invoice}` });

function prepare(callbacks: Callbacks, invoice: string): Promise<PreparedCallback> {
  return callbacks.prepare(InvoiceCallbacks, urlsOf(invoice)).invoiceNotification(event);
}

function save(delivery: unknown): void {
  const text = typeof delivery === 'string' ? delivery : JSON.stringify(delivery);
  database.prepare('INSERT INTO outbox (delivery) VALUES (?)').run(text);
}

const rows = () => database.prepare('SELECT id, refused FROM outbox ORDER BY id').all() as { refused: string | null }[];
const called = () => receiver.requests.map(({ url }) => url.replace('/invoices/', '')).toSorted();
const arrived = (...invoices: string[]) => eventually(() => expect(called()).toEqual(invoices.toSorted()));
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

/** A queue of the app's own that can be out of reach. */
function unreliableQueue(): CallbackQueue & { isAway: boolean; refusals: number } {
  const queue = memoryQueue();
  const add = queue.add.bind(queue);
  const unreliable = Object.assign(queue, { isAway: false, refusals: 0 });
  unreliable.add = async (delivery) => {
    if (!unreliable.isAway) return add(delivery);
    unreliable.refusals += 1;
    throw new CallbackQueueError('The queue is out of reach.');
  };
  return unreliable;
}

describe('a saved row', () => {
  it('is sent once the transaction has committed, and never if it was rolled back', async () => {
    const { callbacks, outbox } = await startWith();
    const [paid, refused, next] = [
      await prepare(callbacks, 'paid'),
      await prepare(callbacks, 'refused'),
      await prepare(callbacks, 'next'),
    ];
    const pay = (invoice: string, delivery: PreparedCallback, isRefused = false) =>
      database.transaction(() => {
        database.prepare('INSERT INTO invoices VALUES (?)').run(invoice);
        save(delivery);
        // Too early: the row is not committed, and may never be.
        outbox.flush();
        if (isRefused) throw new Error('the payment was refused');
      });
    pay('paid', paid)();
    expect(pay('refused', refused, true)).toThrow('the payment was refused');
    pay('next', next)();
    await arrived('paid', 'next');
    await eventually(() => expect(rows()).toEqual([]));
    expect(database.prepare('SELECT id FROM invoices ORDER BY id').all()).toEqual([{ id: 'next' }, { id: 'paid' }]);
  });

  it('is sent when the app starts, if a crash came between commit and flush()', async () => {
    const crashed = await startWith();
    save(await prepare(crashed.callbacks, 'left'));
    await crashed.app.close();
    expect(called()).toEqual([]);
    await startWith();
    await arrived('left');
  });

  it('is sent though nobody calls flush(), as if the replica that saved it had crashed', async () => {
    const read: number[] = [];
    @Injectable()
    class WatchedOutbox extends InvoiceOutbox {
      override async pending(limit: number): Promise<Row[]> {
        const found = await super.pending(limit);
        read.push(found.length);
        return found;
      }
    }
    const { callbacks } = await startWith({}, WatchedOutbox);
    await eventually(() => expect(read).toEqual([0]));
    save(await prepare(callbacks, 'unannounced'));
    await arrived('unannounced');
    await eventually(() => expect(rows()).toEqual([]));
  });

  it('is settled without being sent if the client did not ask for it', async () => {
    const { callbacks, outbox } = await startWith();
    save(await callbacks.prepare(InvoiceCallbacks, {}).invoiceNotification(event));
    outbox.flush();
    await eventually(() => expect(rows()).toEqual([]));
    expect(called()).toEqual([]);
  });

  it('may be an object, as JSON columns give it', async () => {
    @Injectable()
    class JsonOutbox extends InvoiceOutbox {
      override async pending(limit: number) {
        const found = await super.pending(limit);
        return found.map(({ id, delivery }) => ({ id, delivery: JSON.parse(delivery) as never }));
      }
    }
    const { callbacks, outbox } = await startWith({}, JsonOutbox);
    save(await prepare(callbacks, 'one'));
    outbox.flush();
    await arrived('one');
    await eventually(() => expect(rows()).toEqual([]));
  });

  it('stays in the outbox while the queue is unreachable, and is sent once it is back', async () => {
    const queue = unreliableQueue();
    const { callbacks, outbox, lines } = await startWith({ queue });
    queue.isAway = true;
    save(await prepare(callbacks, 'one'));
    outbox.flush();
    await eventually(() => expect(queue.refusals).toBeGreaterThan(0));
    const refusals = queue.refusals;
    for (let flushes = 0; flushes < 200; flushes += 1) {
      outbox.flush();
      await sleep(1);
    }
    // Without the pause, each flush would have called the queue again. On a slow machine, some pauses have passed.
    expect(queue.refusals).toBeLessThan(refusals + 100);
    expect(rows()).toEqual([{ id: 1, refused: null }]);
    save(await prepare(callbacks, 'two'));
    queue.isAway = false;
    await arrived('one', 'two');
    await eventually(() => expect(rows()).toEqual([]));
    expect(lines.filter((line) => line.includes('wait in the outbox'))).toEqual([
      '[InvoiceOutbox] Callbacks wait in the outbox and are tried again every 1000 ms: The queue is out of reach.',
    ]);
    expect(lines).toContain('[InvoiceOutbox] The queue accepts callbacks of the outbox again.');
  });

  it("is sent once the app's own database answers again", async () => {
    const { callbacks, outbox, lines } = await startWith();
    save(await prepare(callbacks, 'one'));
    database.exec('ALTER TABLE outbox RENAME TO elsewhere');
    outbox.flush();
    await eventually(() => expect(lines.join()).toContain('no such table: outbox'));
    database.exec('ALTER TABLE elsewhere RENAME TO outbox');
    await arrived('one');
  });
});

describe('a row that is not settled', () => {
  const wrong: [title: string, save: (callbacks: Callbacks) => Promise<unknown>, reason: RegExp][] = [
    [
      'its URL is not allowed any more',
      async (callbacks) => {
        const prepared = await prepare(callbacks, 'one');
        if (prepared.status !== 'prepared') return prepared;
        return { ...prepared, request: { ...prepared.request, url: 'https://10.0.0.5/' } };
      },
      /10\.0\.0\.5 is a private address/,
    ],
    ['it is damaged', async () => '{ "secret": damaged', /^Its delivery is not valid JSON\.$/],
    ['it is something else', async () => ({ paid: true }), /pass the result of prepare\(\) unchanged/],
    [
      'its key was used for another body',
      async (callbacks) => {
        const prepareOne = (description: string) =>
          callbacks
            .prepare(InvoiceCallbacks, urlsOf('twice'), { key: 'twice' })
            .invoiceNotification({ ...event, description });
        await callbacks.submit(await prepareOne('one body'));
        return prepareOne('another one');
      },
      /its key 'twice' was used before for another body/,
    ],
  ];

  it.each(wrong)('is refused if %s, and holds up none', async (_, refusedRow, reason) => {
    const { callbacks, outbox, lines } = await startWith();
    const refused = await refusedRow(callbacks);
    for (let count = 0; count < 60; count += 1) save(refused);
    save(await prepare(callbacks, 'behind'));
    outbox.flush();
    await eventually(() => expect(called()).toContain('behind'));
    await eventually(() => expect(rows()).toHaveLength(60));
    for (const row of rows()) expect(row.refused).toMatch(reason);
    expect(lines.filter((line) => line.includes('No queue will accept row'))).toHaveLength(60);
    expect(lines.join()).not.toContain('secret');
  });

  it('is left to newer versions of the package if one of them prepared it, without delaying others', async () => {
    const { callbacks, outbox } = await startWith();
    const newer = { ...(await prepare(callbacks, 'newer')), version: 2 };
    for (let count = 0; count < 120; count += 1) save(newer);
    save(await prepare(callbacks, 'behind'));
    outbox.flush();
    await arrived('behind');
    save(await prepare(callbacks, 'later'));
    outbox.flush();
    await arrived('behind', 'later');
    await eventually(() => expect(rows()).toHaveLength(120));
    expect(rows().filter(({ refused }) => refused !== null)).toEqual([]);
  });

  it.each(['settled', 'refused'])('holds up none if %s() throws', async (method) => {
    @Injectable()
    class FailingOutbox extends InvoiceOutbox {
      override async settled(id: number) {
        if (id <= 60) throw new Error('the database is read-only');
        await super.settled(id);
      }
      override async refused(id: number) {
        throw new Error(`the database is read-only: ${id}`);
      }
    }
    const { callbacks, outbox, lines } = await startWith({}, FailingOutbox);
    const one = method === 'settled' ? await prepare(callbacks, 'one') : { paid: true };
    for (let count = 0; count < 60; count += 1) save(one);
    save(await prepare(callbacks, 'behind'));
    outbox.flush();
    await arrived(...(method === 'settled' ? ['one'] : []), 'behind');
    expect(lines.join()).toContain('the database is read-only');
    await eventually(() => expect(rows()).toHaveLength(60));
  });

  it('does not delay others if the queue accepts them but not this one', async () => {
    const queue = unreliableQueue();
    const { add } = queue;
    queue.add = async (delivery) => {
      if (delivery.request.url.endsWith('strange')) throw new TypeError('a bug of this queue');
      return add(delivery);
    };
    const { callbacks, outbox } = await startWith({ queue });
    save(await prepare(callbacks, 'strange'));
    save(await prepare(callbacks, 'one'));
    outbox.flush();
    await arrived('one');
    await eventually(() => expect(rows()).toEqual([{ id: 1, refused: null }]));
    save(await prepare(callbacks, 'two'));
    outbox.flush();
    await arrived('one', 'two');
  });

  it('is rarely submitted again if settled() leaves it pending, and the log says so', async () => {
    let submitted = 0;
    @Injectable()
    class ForgetfulOutbox extends InvoiceOutbox {
      override async settled() {
        submitted += 1;
      }
    }
    const { callbacks, outbox, lines } = await startWith({}, ForgetfulOutbox);
    save(await prepare(callbacks, 'one'));
    outbox.flush();
    await arrived('one');
    await eventually(() =>
      expect(lines.join()).toContain('pending() returned row 1 again, which was settled or refused'),
    );
    expect(submitted).toBe(1);
  });

  it('is another one if the database gives it the id of a row that was deleted', async () => {
    const { callbacks, outbox, lines } = await startWith();
    for (const invoice of ['one', 'two', 'three']) {
      save(await prepare(callbacks, invoice));
      outbox.flush();
      await eventually(() => expect(rows()).toEqual([]));
    }
    await arrived('one', 'two', 'three');
    expect(lines.join()).not.toContain('again');
  });
});

describe('flush()', () => {
  it('may be called at any time, as often as one likes: one pass runs at a time', async () => {
    let reading = 0;
    let most = 0;
    @Injectable()
    class ReentrantOutbox extends InvoiceOutbox {
      override async pending(limit: number) {
        this.flush();
        reading += 1;
        most = Math.max(most, reading);
        const found = await super.pending(limit);
        reading -= 1;
        return found;
      }
      override async settled(id: number) {
        this.flush();
        await super.settled(id);
        this.flush();
      }
    }
    const { callbacks, outbox } = await startWith({}, ReentrantOutbox);
    const invoices = numbered('invoice', 60);
    for (const invoice of invoices) {
      save(await prepare(callbacks, invoice));
      for (let count = 0; count < 10; count += 1) outbox.flush();
    }
    await arrived(...invoices);
    await eventually(() => expect(rows()).toEqual([]));
    expect(most).toBe(1);
  });

  it('sends each callback once, however many replicas read the same rows', async () => {
    const file = await newFile();
    const replicas: Awaited<ReturnType<typeof startWith>>[] = [];
    for (let count = 0; count < 3; count += 1) replicas.push(await startWith({ queue: sqliteQueue({ file }) }));
    const invoices = numbered('invoice', 60);
    for (const [index, invoice] of invoices.entries()) {
      save(await prepare(replicas[index % 3]!.callbacks, invoice));
      if (index % 10 === 0) for (const { outbox } of replicas) outbox.flush();
    }
    for (const { outbox } of replicas) outbox.flush();
    await arrived(...invoices);
    await eventually(() => expect(rows()).toEqual([]));
    expect(called()).toHaveLength(60);
    const ended = { queued: 0, inFlight: 0, delivered: 60, failed: 0 };
    await eventually(async () => expect(await replicas[0]!.callbacks.stats()).toMatchObject(ended));
  });

  it('does not lend the transaction of its caller to the queries of the outbox', async () => {
    const transaction = new AsyncLocalStorage<string>();
    const seen = new Set<string | undefined>();
    @Injectable()
    class ContextOutbox extends InvoiceOutbox {
      override async pending(limit: number) {
        seen.add(transaction.getStore());
        return super.pending(limit);
      }
      override async settled(id: number) {
        seen.add(transaction.getStore());
        await super.settled(id);
      }
    }
    const { callbacks, outbox } = await startWith({}, ContextOutbox);
    save(await prepare(callbacks, 'one'));
    transaction.run('of a request', () => outbox.flush());
    await arrived('one');
    await eventually(() => expect(rows()).toEqual([]));
    expect([...seen]).toEqual([undefined]);
  });
});

describe('an outbox', () => {
  it('stops with its app, and pending rows stay', async () => {
    let reads = 0;
    @Injectable()
    class CountingOutbox extends InvoiceOutbox {
      override async pending(limit: number) {
        reads += 1;
        return super.pending(limit);
      }
    }
    const { app, callbacks, outbox } = await startWith({}, CountingOutbox);
    const invoices = numbered('invoice', 200);
    for (const invoice of invoices) save(await prepare(callbacks, invoice));
    outbox.flush();
    await app.close();
    const [readsAtEnd, left] = [reads, rows()];
    expect(left.length).toBeGreaterThan(0);
    outbox.flush();
    await sleep(50);
    expect([reads, rows()]).toEqual([readsAtEnd, left]);
    const known = left.length + called().length;
    expect(known).toBe(200);
  });

  it('may have hooks of its own, a factory, and further parameters', async () => {
    class FactoryOutbox extends InvoiceOutbox {
      readonly hooks: string[] = [];
      constructor(
        callbacks: Callbacks,
        readonly name: string,
      ) {
        super(callbacks);
      }
      onApplicationBootstrap() {
        this.hooks.push('bootstrap');
      }
      beforeApplicationShutdown() {
        this.hooks.push('shutdown');
      }
    }
    const useFactory = (callbacks: Callbacks) => new FactoryOutbox(callbacks, 'a factory');
    const providers = [
      { provide: 'OUTBOX', useFactory, inject: [Callbacks] },
      { provide: FactoryOutbox, useExisting: 'OUTBOX' },
    ];
    const first = await startWith();
    save(await prepare(first.callbacks, 'one'));
    await first.app.close();
    const { app } = await start(receiver.port, {}, { controllers: [InvoicesController], providers });
    await arrived('one');
    const outbox = app.get(FactoryOutbox);
    await app.close();
    expect([outbox.name, ...outbox.hooks]).toEqual(['a factory', 'bootstrap', 'shutdown']);
  });

  it.each([
    ['request', Scope.REQUEST],
    ['injection', Scope.TRANSIENT],
  ])('cannot be made for each %s', async (_, scope) => {
    @Injectable({ scope })
    class ScopedOutbox extends InvoiceOutbox {
      @Inject(Callbacks) readonly own!: Callbacks;
    }
    const app = await create(receiver.port, {}, { providers: [ScopedOutbox] });
    await expect(app.init()).rejects.toThrow(
      'ScopedOutbox is an outbox, and must not be created for each request or injection. Fix: give it the default scope',
    );
    await app.close();
  });
});
