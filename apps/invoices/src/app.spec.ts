import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallbackReceiver } from 'nestjs-callbacks/testing';
import { InvoiceCallbacks } from './invoices/invoice.callbacks.js';

const post = (url: string, body = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

let app: INestApplication;
afterAll(() => app.close());

it('tells the client that its invoice is paid', async () => {
  await using receiver = await CallbackReceiver.listen(InvoiceCallbacks);
  receiver.replyWith('invoiceNotification', { ok: true });
  process.env['RECEIVER_PORT'] = new URL(receiver.url).port;
  process.env['DATABASE'] = join(await mkdtemp(join(tmpdir(), 'invoices-')), 'invoices.db');
  // The module reads the environment when it is loaded.
  const { AppModule } = await import('./app.module.js');
  app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const invoices = `${await app.getUrl()}/invoices`;

  const callbackUrl = encodeURIComponent(`${receiver.url}/events`);
  await post(`${invoices}?callback_url=${callbackUrl}`, { id: 'a/1', customer: 'Mr. Richie Rich', total: 9999 });
  await post(`${invoices}/a%2F1/payment`);

  const { args, url } = await receiver.next('invoiceNotification');
  expect(args).toEqual([{ description: 'Payment celebration', paid: true }]);
  expect(url).toBe(`${receiver.url}/events/invoices/a%2F1`);
  const callback = await fetch(`${invoices}/a%2F1/callback`);
  expect(await callback.json()).toMatchObject({ url, attempts: expect.any(Number) });
});
