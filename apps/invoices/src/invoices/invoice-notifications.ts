import { Injectable } from '@nestjs/common';
import { OnCallback } from 'nestjs-callbacks';
import type { CallbackAttemptFailed, CallbackDelivered, CallbackFailed } from 'nestjs-callbacks';
import type { InvoiceEventReceived } from './invoice-event.dto.js';
import { InvoicesRepository } from './invoices.repository.js';

/** Stores the outcome of the notification with each invoice. The key of the callback is the id of the invoice. */
@Injectable()
export class InvoiceNotifications {
  constructor(private readonly repository: InvoicesRepository) {}

  @OnCallback('delivered')
  delivered({ key, body, replyError }: CallbackDelivered): void {
    this.repository.storeNotification(key!, {
      status: 'delivered',
      // The library has validated the reply.
      ...(replyError ? { error: replyError.message } : { reply: body as InvoiceEventReceived }),
    });
  }

  @OnCallback('attemptFailed')
  attemptFailed({ key, error }: CallbackAttemptFailed): void {
    this.repository.storeNotification(key!, { status: 'queued', error: error.message });
  }

  @OnCallback('failed')
  failed({ key, error }: CallbackFailed): void {
    this.repository.storeNotification(key!, { status: 'failed', error: error.message });
  }
}
