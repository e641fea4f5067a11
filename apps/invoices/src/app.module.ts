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
      // A development setting: the receiver runs on this machine, without TLS. Leave it away in production, where only
      // public addresses are called back, by https:.
      egress: { allow: ['127.0.0.1', '::1'], ports: [configuration.receiverPort], http: true },
    }),
    OutboxModule,
  ],
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository, InvoiceNotifications],
})
export class AppModule {}
