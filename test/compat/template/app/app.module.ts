import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';
import { Deliveries } from './deliveries.js';
import { InvoicesController } from './invoices.controller.js';

@Module({ controllers: [InvoicesController], providers: [Deliveries] })
export class AppModule {
  /** The app, for a receiver on this machine. */
  static for(receiver: { port: number }): DynamicModule {
    const egress = { allow: ['127.0.0.1'], ports: [receiver.port], http: true };
    return { module: AppModule, imports: [CallbacksModule.forRoot({ egress })] };
  }
}
