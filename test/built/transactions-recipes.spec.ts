import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import type Database from 'libsql';
import type { CallbackUrls } from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { prepareExamples, runExamples } from '../support/documentation.js';
import { event, ok, receiving, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks, InvoicesController } from '../support/invoices.js';

interface Payments {
  pay(id: string, urls: CallbackUrls<InvoiceCallbacks>): Promise<void>;
}
interface Page {
  readonly OutboxPayments: Type<Payments>;
  readonly InvoiceOutbox: Type;
  readonly invoices: Database.Database;
  readonly database: Database.Database;
  unlessRefused(enqueueing: Promise<unknown>): Promise<unknown>;
}

const ROOT = process.cwd();
let page: Page;

beforeEach(async () => {
  process.chdir(await prepareExamples());
  // What the page exports.
  page = (await runExamples('docs/transactions.md')).exported as unknown as Page;
});
afterEach(async () => {
  await closeAll();
  process.chdir(ROOT);
});

it('the outbox sends what is paid, and keeps what may not be called', async () => {
  const { OutboxPayments, InvoiceOutbox, invoices, database } = page;
  for (const file of [invoices, database]) closing({ close: async () => file.close() });
  invoices.exec("INSERT INTO invoices VALUES ('one', 0), ('two', 0)");
  const receiver = await receiving(ok);
  const metadata = { controllers: [InvoicesController], providers: [OutboxPayments, InvoiceOutbox] };
  const { app, callbacks } = await start(receiver.port, {}, metadata);
  const urls = { invoiceNotification: `${receiver.url}/one` };
  await app.get(OutboxPayments).pay('one', urls);
  await eventually(() => expect(receiver.requests).toHaveLength(1));
  await eventually(() => expect(invoices.prepare('SELECT id FROM outbox').all()).toEqual([]));
  expect(invoices.prepare("SELECT paid FROM invoices WHERE id = 'one'").get()).toMatchObject({ paid: 1 });

  const refused = { ...(await callbacks.prepare(InvoiceCallbacks, urls).invoiceNotification(event)), digest: 7 };
  invoices.prepare('INSERT INTO outbox (delivery) VALUES (?)').run(JSON.stringify(refused));
  await app.get(OutboxPayments).pay('two', { invoiceNotification: `${receiver.url}/two` });
  await eventually(() => expect(receiver.requests).toHaveLength(2));
  expect(invoices.prepare('SELECT refused FROM outbox').all()).toEqual([
    { refused: expect.stringContaining('digest: must be a string') },
  ]);

  const blocked = { invoiceNotification: 'https://10.0.0.5/' };
  const { unlessRefused } = page;
  const enqueue = (given: CallbackUrls<InvoiceCallbacks>) =>
    unlessRefused(callbacks.enqueue(InvoiceCallbacks, given).invoiceNotification(event));
  expect(await enqueue(urls)).toMatchObject({ status: 'queued' });
  expect(await enqueue(blocked)).toEqual({
    status: 'refused',
    reason: expect.stringContaining('10.0.0.5 is a private address'),
  });
  await expect(unlessRefused(Promise.reject(new Error('another one')))).rejects.toThrow('another one');
});
