import type { INestApplication } from '@nestjs/common';
import { Callbacks } from 'nestjs-callbacks';
import { Deliveries } from './deliveries.js';
import { InvoiceCallbacks } from './invoice.callbacks.js';
import type { Receiver } from './start-receiver.js';

const INVOICE = { id: '2expen51ve', customer: 'Mr. Richie Rich', total: 9999 };
const EVENT = { description: 'Payment celebration', paid: true };

/** Creates an invoice, sends one callback for it and queues another. */
export async function callBack(app: INestApplication, { port, received }: Receiver) {
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/invoices?callback_url=http://127.0.0.1:${port}/events`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(INVOICE) });
  if (!response.ok) throw new Error(await response.text());
  const urls = (await response.json()) as { invoiceNotification?: string };
  const callbacks = app.get(Callbacks);
  const sent = await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(EVENT);
  const queued = await callbacks.enqueue(InvoiceCallbacks, urls).invoiceNotification(EVENT);
  const delivered = await app.get(Deliveries).outcome;
  return {
    statuses: [sent.status, queued.status],
    replies: [sent.status === 'delivered' ? sent.body : undefined, delivered.body],
    received,
  };
}
