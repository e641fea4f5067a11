import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { AddedDelivery, AttemptOutcome } from '../queue/callback-queue.js';
import type { CallbackStats } from '../queue/deliveries.js';

/** What the traces of an app do. */
export interface TelemetryOptions {
  /**
   * Sends receivers the `traceparent` of the attempt. They learn the ids of your traces, and whether you sample them.
   *
   * @default false
   */
  propagate?: boolean;
}

/** The end of "The option `telemetry` must be …", or `undefined` if the value is that. */
export function telemetryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue<TelemetryOptions>(value, {
    propagate: (propagate) => (typeof propagate === 'boolean' ? undefined : 'is true or false'),
  });
}

/** Traces and measures what becomes of deliveries. Its functions give what the functions that they are given give. */
export interface Telemetry {
  /** Notes the span that is active with a delivery: it may be enqueued later, elsewhere. */
  noteTrace(delivery: CallbackDelivery): CallbackDelivery;

  /** Adds a delivery to the queue. */
  enqueue(
    delivery: CallbackDelivery,
    add: (delivery: CallbackDelivery) => Promise<AddedDelivery>,
  ): Promise<AddedDelivery>;

  /** Makes an attempt of a delivery that was enqueued. */
  process<Result>(delivery: CallbackDelivery, attempt: number, deliver: () => Promise<Result>): Promise<Result>;

  /** Sends the request of an attempt. */
  request(request: HttpRequest, send: (request: HttpRequest) => Promise<HttpReply>): Promise<HttpReply>;

  /** Counts an attempt. */
  count(callback: string, outcome: AttemptOutcome['status']): void;

  /** Observes the queue, until what it returns is called. */
  observe(stats: () => Promise<CallbackStats>): () => void;
}

/** What an app has that does not use OpenTelemetry. */
const NO_TELEMETRY: Telemetry = {
  noteTrace: (delivery) => delivery,
  enqueue: (delivery, add) => add(delivery),
  process: (_delivery, _attempt, deliver) => deliver(),
  request: (request, send) => send(request),
  count: () => undefined,
  observe: () => () => undefined,
};

/** OpenTelemetry, if its API is installed. Without an SDK that API does nothing. */
export async function loadTelemetry({ propagate = false }: TelemetryOptions = {}): Promise<Telemetry> {
  if (!(await hasMetrics())) return NO_TELEMETRY;
  const { OpenTelemetry } = await import('./open-telemetry.js');
  return new OpenTelemetry(propagate);
}

/** Some packages bring the API along without being asked: a version before 1.3, without metrics, is left alone. */
async function hasMetrics(): Promise<boolean> {
  try {
    const api: { metrics?: unknown } = await import('@opentelemetry/api');
    return api.metrics !== undefined;
  } catch (error) {
    if (NOT_FOUND.has(Object(error).code)) return false;
    throw error;
  }
}

/** Of ES modules, and of CommonJS. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);
