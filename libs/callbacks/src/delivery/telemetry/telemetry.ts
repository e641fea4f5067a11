import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { AddedDelivery, AttemptOutcome } from '../queue/callback-queue.js';
import type { CallbackStats } from '../queue/deliveries.js';

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
