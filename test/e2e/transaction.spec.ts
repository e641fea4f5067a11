import { afterEach, describe, expect, it } from '@jest/globals';
import { CallbackUrlError, memoryQueue } from 'nestjs-callbacks';
import type { CallbackQueue, QueueTransaction } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, start, urlsAt } from '../support/enqueueing.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import { newFile } from '../support/queue-work.js';

/** Records its statements. */
function notingTransaction(): QueueTransaction & { statements: string[] } {
  const statements: string[] = [];
  return { statements, query: async (sql) => (statements.push(sql), []) };
}

/** A queue of the app's own that joins transactions: it runs one statement, and holds nothing. */
function transactionalQueue(): CallbackQueue {
  return Object.assign(memoryQueue(), {
    isTransactional: true,
    add: async ({ id }: { id: string }, transaction?: QueueTransaction) => {
      await transaction!.query('INSERT INTO deliveries VALUES ($1)', [id]);
      return { status: 'queued' as const };
    },
  });
}

afterEach(closeAll);

describe('enqueue() in a transaction', () => {
  it('hands it to the queue', async () => {
    const { callbacks } = await start(undefined, { queue: transactionalQueue(), egress: {} });
    const transaction = notingTransaction();
    const urls = { invoiceNotification: 'https://www.external.org/events' };
    const options = { key: 'one-paid', transaction };
    const enqueued = await callbacks.enqueue(InvoiceCallbacks, urls, options).invoiceNotification(event);
    expect(enqueued).toMatchObject({ status: 'queued' });
    expect(transaction.statements).toEqual(['INSERT INTO deliveries VALUES ($1)']);
  });

  it('runs no statement if the URL may not be called any more, so that the app can commit', async () => {
    const { callbacks } = await start(undefined, { queue: transactionalQueue(), egress: {} });
    const transaction = notingTransaction();
    const urls = { invoiceNotification: 'https://10.0.0.5/events' };
    const enqueued = callbacks.enqueue(InvoiceCallbacks, urls, { transaction }).invoiceNotification(event);
    await expect(enqueued).rejects.toThrow(CallbackUrlError);
    expect(transaction.statements).toEqual([]);
  });

  it.each([
    ['in memory', async () => memoryQueue()],
    ['in a SQLite file', async () => sqliteQueue({ file: await newFile() })],
  ])('is refused by the queue %s, also if there is nothing to send', async (_, queue) => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port, { queue: await queue() });
    const options = { transaction: notingTransaction() };
    for (const urls of [urlsAt(receiver), {}]) {
      expect(() => callbacks.enqueue(InvoiceCallbacks, urls, options)).toThrow(
        expect.objectContaining({
          code: 'CALLBACK_QUEUE',
          message: expect.stringMatching(
            /^The (?:in-memory queue|queue .*) cannot join a transaction: only postgresQueue\(\) of nestjs-callbacks\/postgres can\. Fix: .* CallbackOutbox\.$/,
          ),
        }),
      );
    }
    expect(await callbacks.stats()).toMatchObject({ queued: 0 });
  });

  class EntityManager {
    async query() {
      return [];
    }
  }
  it.each([
    ['the manager of an ORM', new EntityManager()],
    ['a promise', Promise.resolve(notingTransaction())],
    ['an object without query()', {}],
    ['null', null],
  ])('refuses %s', async (_, given) => {
    const { callbacks } = await start(undefined, { queue: transactionalQueue() });
    const transaction = given as unknown as QueueTransaction;
    expect(() => callbacks.enqueue(InvoiceCallbacks, {}, { transaction })).toThrow(
      new TypeError(
        'The `transaction` of enqueue() must be the result of fromPg(), fromTypeOrm(), fromPrisma(), fromDrizzle() or fromKysely() of nestjs-callbacks/postgres, or an object literal { query(sql, values) }. Fix: enqueue(..., { transaction: fromTypeOrm(manager) }), for example.',
      ),
    );
  });
});
