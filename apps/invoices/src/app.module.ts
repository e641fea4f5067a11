import { Module } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';
import { InvoicesController } from './invoices/invoices.controller.js';
import { InvoicesRepository } from './invoices/invoices.repository.js';
import { InvoicesService } from './invoices/invoices.service.js';

@Module({
  imports: [CallbacksModule.forRoot()],
  controllers: [InvoicesController],
  providers: [InvoicesService, InvoicesRepository],
})
export class AppModule {}
