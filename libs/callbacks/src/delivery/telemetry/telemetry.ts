import { nestedOptionsIssue } from '../../errors/option-issues.js';
import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { AddedDelivery, AttemptOutcome } from '../queue/callback-queue.js';
import type { CallbackStats } from '../queue/deliveries.js';

/** The options of traces. */
export interface TelemetryOptions {
  /**
   * Sends receivers the `traceparent` of the attempt. They learn the ids of your traces, and whether you sample them.
   *
   * @default false
   */
  propagate?: boolean;
}

/** Returns what `telemetry` must be, as the end of "must be …", or `undefined` if it is valid. */
export function telemetryIssue(value: unknown): string | undefined {
  return nestedOptionsIssue<TelemetryOptions>(value, {
    propagate: (propagate) => (typeof propagate === 'boolean' ? undefined : 'is true or false'),
  });
}

/** Traces and measures deliveries. Each method that takes a function returns the result of that function. */
export interface Telemetry {
  /** Stores the active span with a delivery, which may be enqueued later by another process. */
  noteTrace(delivery: CallbackDelivery): CallbackDelivery;

  /** Adds a delivery to the queue. */
  enqueue(
    delivery: CallbackDelivery,
    add: (delivery: CallbackDelivery) => Promise<AddedDelivery>,
  ): Promise<AddedDelivery>;

  /** Makes an attempt of an enqueued delivery. */
  process<Result>(delivery: CallbackDelivery, attempt: number, deliver: () => Promise<Result>): Promise<Result>;

  /** Sends the request of an attempt. */
  request(request: HttpRequest, send: (request: HttpRequest) => Promise<HttpReply>): Promise<HttpReply>;

  /** Counts an attempt. */
  count(callback: string, outcome: AttemptOutcome['status']): void;

  /** Observes the queue until the returned function is called. */
  observe(stats: () => Promise<CallbackStats>): () => void;
}
