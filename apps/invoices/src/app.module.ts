import { Module } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';
import { configuration } from './configuration.js';
import { InvoicesController } from './invoices/invoices.controller.js';
import { InvoicesRepository } from './invoices/invoices.repository.js';
import { InvoicesService } from './invoices/invoices.service.js';

@Module({
  imports: [
    CallbacksModule.forRoot({
      signing: { secret: configuration.webhookSecret },
      // A development setting: the receiver runs on this machine, without TLS. Leave it away in production, where only
      // public addresses are called back, by https:.
      egress: { allow: ['127.0.0.1', '::1'], ports: [configuration.receiverPort], http: true },
    }),
  ],
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository],
})
export class AppModule {}
