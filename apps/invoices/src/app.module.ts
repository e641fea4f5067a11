import { Module } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';
import { configuration } from './configuration.js';
import { InvoiceNotifications } from './invoices/invoice-notifications.js';
import { InvoicesController } from './invoices/invoices.controller.js';
import { InvoicesRepository } from './invoices/invoices.repository.js';
import { InvoicesService } from './invoices/invoices.service.js';
import { OutboxModule, queue } from './outbox/outbox.module.js';

@Module({
  imports: [
    CallbacksModule.forRoot({
      queue,
      signing: { secret: configuration.webhookSecret },
      // For development: the receiver runs on this machine, without TLS. Remove it in production, so that only https:
      // URLs at public addresses are called.
      egress: { allow: ['127.0.0.1', '::1'], ports: [configuration.receiverPort], http: true },
    }),
    OutboxModule,
  ],
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository, InvoiceNotifications],
})
export class AppModule {}
