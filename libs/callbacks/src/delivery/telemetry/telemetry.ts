import type { HttpReply, HttpRequest } from '../../message/http-message.js';
import type { CallbackDelivery } from '../callback-delivery.js';
import type { AddedDelivery, AttemptOutcome } from '../queue/callback-queue.js';
import type { CallbackStats } from '../queue/deliveries.js';

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
