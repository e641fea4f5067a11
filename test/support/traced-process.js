/**
 * A process of its own that enqueues one callback, or works on the queue, of a SQLite file, with the built library and the
 * SDK of OpenTelemetry, which sends its spans to a collector: `node traced-process.js FILE COLLECTOR RECEIVER enqueue | work`.
 * It ends after SIGTERM, when its spans are sent.
 */
import { Body, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { CallbackController, Callbacks, CallbacksModule, receiverReplies } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';

const [, , file, collector, receiver, task] = process.argv;
const exporter = new OTLPTraceExporter({ url: `${collector}/v1/traces` });
const tracers = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(tracers);

class InvoiceCallbacks {
  invoicePaid(event) {
    return receiverReplies(event);
  }
}
const invoicePaid = Object.getOwnPropertyDescriptor(InvoiceCallbacks.prototype, 'invoicePaid');
Body()(InvoiceCallbacks.prototype, 'invoicePaid', 0);
Post()(InvoiceCallbacks.prototype, 'invoicePaid', invoicePaid);
CallbackController('{$request.body#/url}')(InvoiceCallbacks);

class AppModule {}
Module({
  imports: [
    CallbacksModule.forRoot({
      queue: sqliteQueue({ file }),
      egress: { allow: ['127.0.0.1'], ports: [Number(new URL(receiver).port)], http: true },
      retry: { schedule: [50] },
      concurrency: { total: task === 'work' ? 10 : 0 },
    }),
  ],
})(AppModule);
const app = await NestFactory.create(AppModule, { logger: false });
await app.init();

if (task === 'enqueue') {
  await tracers.getTracer('test').startActiveSpan('POST /payments', async (span) => {
    const urls = { invoicePaid: receiver };
    await app.get(Callbacks).enqueue(InvoiceCallbacks, urls, { key: 'invoice-7-paid' }).invoicePaid({ paid: true });
    span.end();
  });
} else await new Promise((resolve) => process.once('SIGTERM', resolve));

await app.close();
await tracers.shutdown();
