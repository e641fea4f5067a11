import { afterEach, expect, it } from '@jest/globals';
import { Injectable, Post } from '@nestjs/common';
import { CallbacksModule, receiverReplies, WebhookController } from 'nestjs-callbacks';
import { closeApps, createApp } from '../support/create-app.js';
import { event } from '../support/enqueueing.js';
import { InvoiceCallbacks } from '../support/invoices.js';

afterEach(closeApps);

const FIX =
  'Fix: inject Callbacks instead of the class, and call callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event)';

@WebhookController()
class InvoiceWebhooks {
  @Post('invoicePaid')
  async invoicePaid(): Promise<void> {
    return receiverReplies();
  }
}

@Injectable()
class Payments {
  constructor(
    readonly callbacks: InvoiceCallbacks,
    readonly webhooks: InvoiceWebhooks,
  ) {}
}

it('a handler of an injected class throws, and says what to call', async () => {
  const providers = [Payments, InvoiceCallbacks, InvoiceWebhooks];
  const payments = (await createApp({ imports: [CallbacksModule.forRoot()], providers })).get(Payments);
  expect(() => payments.callbacks.invoiceNotification(event)).toThrow(FIX);
  await expect(payments.webhooks.invoicePaid()).rejects.toThrow(FIX);
  expect(() => new InvoiceCallbacks().invoiceNotification(event)).toThrow(FIX);
});
