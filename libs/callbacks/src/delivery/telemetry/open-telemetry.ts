import {
  context,
  createContextKey,
  isSpanContextValid,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Attributes, Context, Link, Span, SpanContext, BatchObservableResult, Meter } from '@opentelemetry/api';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { AddedDelivery, AttemptOutcome } from '../queue/callback-queue.js';
import type { CallbackStats } from '../queue/deliveries.js';
import { errorType, httpAttributes, messagingAttributes, metricAttributes } from './attributes.js';
import type { Telemetry } from './telemetry.js';

const NAME = 'nestjs-callbacks';

/**
 * The key that turns off tracing in the SDK and its instrumentations. The instrumentation of undici would trace the
 * same request a second time, and send the trace to receivers.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

interface SpanPlan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly links?: Link[];
  /** The parent span or its context. */
  readonly parent?: Context;
  readonly root?: boolean;
}

/** Traces and measures with the SDK that the app has registered at OpenTelemetry's API. */
export class OpenTelemetry implements Telemetry {
  readonly #tracer = trace.getTracer(NAME);
  readonly #instruments = createInstruments(metrics.getMeter(NAME));

  /** @param propagate - whether receivers get the `traceparent`. */
  constructor(private readonly propagate: boolean) {}

  noteTrace(delivery: CallbackDelivery): CallbackDelivery {
    return withTrace(delivery, trace.getActiveSpan());
  }

  async enqueue(delivery: CallbackDelivery, add: (delivery: CallbackDelivery) => Promise<AddedDelivery>) {
    const { callback } = delivery;
    const prepared = readTraceParent(delivery.trace);
    const plan = {
      name: `enqueue ${callback}`,
      kind: SpanKind.PRODUCER,
      attributes: messagingAttributes('enqueue', delivery),
      ...(prepared && { parent: trace.setSpanContext(context.active(), prepared) }),
    };
    return this.#trace(plan, async (span) => {
      const added = await add(withTrace(delivery, span));
      span.setAttribute('nestjs_callbacks.enqueued', added.status);
      this.#instruments.sent.add(1, metricAttributes('enqueue', callback));
      return added;
    });
  }

  async process<Result>(delivery: CallbackDelivery, attempt: number, deliver: () => Promise<Result>): Promise<Result> {
    const { callback } = delivery;
    const producer = readTraceParent(delivery.trace);
    const begin = performance.now();
    let failure: unknown;
    const plan = {
      name: `process ${callback}`,
      kind: SpanKind.CONSUMER,
      attributes: { ...messagingAttributes('process', delivery), 'nestjs_callbacks.attempt': attempt },
      root: true,
      ...(producer && { links: [{ context: producer }] }),
    };
    try {
      return await this.#trace(plan, deliver);
    } catch (error) {
      failure = error ?? new Error('Nothing was thrown');
      throw error;
    } finally {
      const seconds = (performance.now() - begin) / 1_000;
      this.#instruments.duration.record(seconds, metricAttributes('process', callback, failure));
    }
  }

  request(request: HttpRequest, send: (request: HttpRequest) => Promise<HttpReply>): Promise<HttpReply> {
    const plan = { name: request.method, kind: SpanKind.CLIENT, attributes: httpAttributes(request) };
    return this.#trace(plan, async (span) => {
      const suppressed = context.active().setValue(SUPPRESS_TRACING, true);
      const headers = { ...this.#headersOf(span), ...request.headers };
      const reply = await context.with(suppressed, () => send({ ...request, headers }));
      const { statusCode } = reply;
      span.setAttribute('http.response.status_code', statusCode);
      if (statusCode >= 300) {
        span.setAttribute('error.type', `${statusCode}`);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      return reply;
    });
  }

  count(callback: string, outcome: AttemptOutcome['status']): void {
    this.#instruments.attempts.add(1, {
      'messaging.destination.name': callback,
      'nestjs_callbacks.outcome': outcome,
    });
  }

  observe(stats: () => Promise<CallbackStats>): () => void {
    return this.#instruments.observe(stats);
  }

  #headersOf(span: Span): Record<string, string> {
    const spanContext = span.spanContext();
    return this.propagate && isSpanContextValid(spanContext) ? { traceparent: writeTraceParent(spanContext) } : {};
  }

  async #trace<Result>(
    { name, parent = context.active(), ...options }: SpanPlan,
    run: (span: Span) => Promise<Result>,
  ): Promise<Result> {
    const span = this.#tracer.startSpan(name, options, parent);
    try {
      return await context.with(trace.setSpan(parent, span), () => run(span));
    } catch (error) {
      span.setAttribute('error.type', errorType(error));
      // Our messages contain no secrets, but those of other errors may.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Adds a span to a delivery, which later spans are linked to. */
function withTrace(delivery: CallbackDelivery, span: Span | undefined): CallbackDelivery {
  const spanContext = span?.spanContext();
  if (!spanContext || !isSpanContextValid(spanContext)) return delivery;
  return { ...delivery, trace: writeTraceParent(spanContext) };
}

const TRACE_PARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Parses a W3C `traceparent`. */
function readTraceParent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Writes a span as a W3C `traceparent`. */
function writeTraceParent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The buckets that the semantic conventions recommend for durations in seconds. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The instruments of an app. Those of the queue have the same values in every process that shares it. */
function createInstruments(meter: Meter) {
  const queued = meter.createObservableGauge('nestjs_callbacks.queued', {
    description: 'Deliveries that wait for their first or next attempt',
    unit: '{delivery}',
  });
  const oldestDueAge = meter.createObservableGauge('nestjs_callbacks.oldest_due.age', {
    description: 'How long the oldest due delivery has waited',
    unit: 's',
  });
  return {
    sent: meter.createCounter('messaging.client.sent.messages', {
      description: 'Callbacks that were added to the queue',
      unit: '{message}',
    }),
    attempts: meter.createCounter('nestjs_callbacks.attempts', {
      description: 'Attempts, by outcome',
      unit: '{attempt}',
    }),
    duration: meter.createHistogram('messaging.process.duration', {
      description: 'How long an attempt took',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
    /** @returns a function that stops it. */
    observe(stats: () => Promise<CallbackStats>): () => void {
      const observe = async (result: BatchObservableResult) => {
        try {
          const { queued: count, oldestDueAt } = await stats();
          result.observe(queued, count);
          result.observe(oldestDueAge, oldestDueAt ? Math.max(0, Date.now() - oldestDueAt.getTime()) / 1_000 : 0);
        } catch {
          // The queue is unreachable, and its log says so. A missing value is better than a wrong one.
        }
      };
      meter.addBatchObservableCallback(observe, [queued, oldestDueAge]);
      return () => meter.removeBatchObservableCallback(observe, [queued, oldestDueAge]);
    },
  };
}
