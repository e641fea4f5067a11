import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { memoryQueue } from 'nestjs-callbacks';
import { sqliteQueue } from 'nestjs-callbacks/sqlite';
import { closeAll } from '../support/closing.js';
import { event, ok, receiving, replying, start } from '../support/enqueueing.js';
import { eventually } from '../support/eventually.js';
import { InvoiceCallbacks } from '../support/invoices.js';
import type { Receiver } from '../support/start-receiver.js';

const spans = new InMemorySpanExporter();
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });
const meters = new MeterProvider({ readers: [reader] });
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracers);
  metrics.setGlobalMeterProvider(meters);
});
beforeEach(() => spans.reset());
afterEach(closeAll);
afterAll(async () => {
  await meters.shutdown();
  await tracers.shutdown();
});

const callback = 'InvoiceCallbacks.invoiceNotification';
const urlsAt = ({ url }: Receiver) => ({ invoiceNotification: `${url}/s3cret/invoices/2expen51ve?token=s3cret` });
const messaging = { 'messaging.system': 'nestjs_callbacks', 'messaging.destination.name': callback };

const named = (name: string) => spans.getFinishedSpans().filter((span) => span.name === name);
const idOf = (span: ReadableSpan) => span.spanContext().spanId;

/** The last values of an instrument, with their attributes. */
async function pointsOf(name: string) {
  measured.reset();
  await reader.forceFlush();
  const all = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return all
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ attributes, value: value as unknown })));
}

describe('the spans of a delivery', () => {
  it('are a producer span in the trace of the request, and one of each attempt that is linked to it', async () => {
    const receiver = await receiving(replying(503), ok);
    const { callbacks } = await start(receiver.port);
    const request = tracers.getTracer('test').startSpan('POST /payments');
    const enqueued = await context.with(trace.setSpan(context.active(), request), () =>
      callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver), { context: 's3cret' }).invoiceNotification(event),
    );
    request.end();
    await eventually(() => expect(named(`process ${callback}`)).toHaveLength(2));
    const [producer] = named(`enqueue ${callback}`);
    expect(producer).toMatchObject({
      kind: SpanKind.PRODUCER,
      parentSpanContext: { spanId: request.spanContext().spanId },
      attributes: {
        ...messaging,
        'messaging.operation.name': 'enqueue',
        'messaging.operation.type': 'send',
        'messaging.message.id': enqueued.status === 'queued' && enqueued.id,
        'messaging.message.body.size': JSON.stringify(event).length,
        'nestjs_callbacks.enqueued': 'queued',
      },
    });
    for (const [index, attempt] of named(`process ${callback}`).entries()) {
      expect(attempt.kind).toBe(SpanKind.CONSUMER);
      expect(attempt.parentSpanContext).toBeUndefined();
      expect(attempt.links.map((link) => link.context.spanId)).toEqual([idOf(producer!)]);
      expect(attempt.attributes).toMatchObject({ ...messaging, 'nestjs_callbacks.attempt': index + 1 });
    }
    const [failed, delivered] = named('POST');
    expect(failed).toMatchObject({
      kind: SpanKind.CLIENT,
      parentSpanContext: { spanId: idOf(named(`process ${callback}`)[0]!) },
      status: { code: SpanStatusCode.ERROR },
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 503,
        'error.type': '503',
        'server.address': '127.0.0.1',
        'server.port': receiver.port,
        'url.full': `${receiver.url}/REDACTED`,
      },
    });
    expect(delivered).toMatchObject({ attributes: { 'http.response.status_code': 200 }, status: { code: 0 } });
    const told = spans
      .getFinishedSpans()
      .map(({ name, attributes, status, events }) => [name, attributes, status, events]);
    expect(JSON.stringify(told)).not.toMatch(/s3cret|celebration/);
    expect(receiver.requests.map(({ headers }) => headers['traceparent'])).toEqual([undefined, undefined]);
  });

  it('are linked through what a queue stores, from one app to the next', async () => {
    const receiver = await receiving(ok);
    const file = join(await mkdtemp(join(tmpdir(), 'traced-')), 'callbacks.db');
    const first = await start(receiver.port, { queue: sqliteQueue({ file }), concurrency: { total: 0 } });
    await first.callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await first.app.close();
    await start(receiver.port, { queue: sqliteQueue({ file }) });
    await eventually(() => expect(named(`process ${callback}`)).toHaveLength(1));
    const [attempt] = named(`process ${callback}`);
    expect(attempt!.links.map((link) => link.context.spanId)).toEqual([idOf(named(`enqueue ${callback}`)[0]!)]);
  });

  it('join the trace in which the callback was prepared', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port);
    const request = tracers.getTracer('test').startSpan('POST /payments');
    const prepared = await context.with(trace.setSpan(context.active(), request), () =>
      callbacks.prepare(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event),
    );
    await callbacks.submit(JSON.parse(JSON.stringify(prepared)));
    await eventually(() => expect(named(`process ${callback}`)).toHaveLength(1));
    const [producer] = named(`enqueue ${callback}`);
    expect(producer!.parentSpanContext?.spanId).toBe(request.spanContext().spanId);
    expect(named(`process ${callback}`)[0]!.links.map((link) => link.context.spanId)).toEqual([idOf(producer!)]);
  });

  it('a receiver that does not answer is an error of its attempt, and one of send() belongs to the request', async () => {
    const receiver = await receiving((request) => request.socket.destroy());
    const { callbacks } = await start(receiver.port, { queue: memoryQueue() });
    const request = tracers.getTracer('test').startSpan('POST /payments');
    const sent = context.with(trace.setSpan(context.active(), request), () =>
      callbacks.send(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event),
    );
    await expect(sent).rejects.toThrow('127.0.0.1');
    expect(named('POST')).toMatchObject([
      {
        parentSpanContext: { spanId: request.spanContext().spanId },
        attributes: { 'error.type': 'connection' },
        status: { code: SpanStatusCode.ERROR },
      },
    ]);
  });

  it('are told to receivers if the app says so', async () => {
    const receiver = await receiving(ok);
    const { callbacks } = await start(receiver.port, { telemetry: { propagate: true } });
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(() => expect(named('POST')).toHaveLength(1));
    const { traceId, spanId } = named('POST')[0]!.spanContext();
    expect(receiver.requests[0]!.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
  });
});

describe('the metrics', () => {
  it('count attempts by what followed, and what waits', async () => {
    const receiver = await receiving(replying(503), ok, replying(503));
    const { callbacks } = await start(receiver.port, { retry: { schedule: [20, 3_600_000], jitter: 0 } });
    const before = await pointsOf('nestjs_callbacks.attempts');
    const counted = async (outcome: string) => {
      const of = (points: typeof before) =>
        Number(points.find(({ attributes }) => attributes['nestjs_callbacks.outcome'] === outcome)?.value ?? 0);
      return of(await pointsOf('nestjs_callbacks.attempts')) - of(before);
    };
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await callbacks.stats()).toMatchObject({ delivered: 1 }));
    await callbacks.enqueue(InvoiceCallbacks, urlsAt(receiver)).invoiceNotification(event);
    await eventually(async () => expect(await counted('retry')).toBe(3));
    expect(await counted('delivered')).toBe(1);
    expect(await pointsOf('nestjs_callbacks.queued')).toEqual([{ attributes: {}, value: 1 }]);
    expect(await pointsOf('nestjs_callbacks.oldest_due.age')).toEqual([{ attributes: {}, value: 0 }]);
    const durations = await pointsOf('messaging.process.duration');
    const process = { ...messaging, 'messaging.operation.name': 'process' };
    expect(durations.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([process, { ...process, 'error.type': '503' }]),
    );
    expect(JSON.stringify(await pointsOf('messaging.client.sent.messages'))).not.toContain('127.0.0.1');
  });

  it('say how old the oldest delivery is that is due', async () => {
    const { callbacks } = await start(1, { concurrency: { total: 0 } });
    await callbacks
      .enqueue(InvoiceCallbacks, { invoiceNotification: 'http://127.0.0.1:1/x' })
      .invoiceNotification(event);
    await eventually(async () => {
      const [age] = await pointsOf('nestjs_callbacks.oldest_due.age');
      expect(Number(age?.value)).toBeGreaterThan(0.1);
    });
  });
});
