import { afterEach, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Callbacks, CALLBACKS_OPTIONS, CallbacksModule } from 'nestjs-callbacks';
import { closeAll, closing } from '../support/closing.js';
import { createApp } from '../support/create-app.js';
import { event, ok, receiving, urlsAt } from '../support/enqueueing.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(closeAll);

@Module({ imports: [CallbacksModule.forRoot({ timeout: 5_000 })] })
class BillingModule {}

it('an app that imports CallbacksModule.forRoot() twice does not start', async () => {
  await expect(createApp({ imports: [CallbacksModule.forRoot(), BillingModule] })).rejects.toThrow(
    'CallbacksModule.forRoot() is imported 2 times, each time with its own options. Fix: import it once, in the root module.',
  );
});

it('a test gives a whole app other options', async () => {
  const receiver = await receiving(ok);
  const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
  const testing = Test.createTestingModule({ imports: [BillingModule] });
  const module = await testing.overrideProvider(CALLBACKS_OPTIONS).useValue({ egress }).compile();
  const app = closing(module.createNestApplication());
  await app.init();
  const sent = await app.get(Callbacks).send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
  expect(sent).toMatchObject({ status: 'delivered', statusCode: 200 });
});
