import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';
import type { CallbacksModuleOptions } from 'nestjs-callbacks';
import { Deliveries } from './deliveries.js';
import { InvoicesController } from './invoices.controller.js';

@Module({ controllers: [InvoicesController], providers: [Deliveries] })
export class AppModule {
  static with(options: CallbacksModuleOptions): DynamicModule {
    return { module: AppModule, imports: [CallbacksModule.forRoot(options)] };
  }
}
