import type { JsonValue } from '../callback-delivery.js';

/**
 * The state of a delivery. `queued` waits for its first or next attempt, `inFlight` is being attempted, and the other
 * three have ended.
 */
export type DeliveryState = 'queued' | 'inFlight' | 'delivered' | 'failed' | 'cancelled';

/** How many attempts are kept of a delivery: the latest ones. */
export const MAX_HISTORY = 20;

/** The record of an attempt that has ended. */
export interface DeliveryAttempt {
  /** The number of the attempt, from 1. After `retry()` of a delivery that had ended, the count starts again. */
  readonly attempt: number;
  /** When it began. */
  readonly at: Date;
  /** How long it took, in ms. */
  readonly duration: number;
  /** The HTTP status of the reply, if there was one. */
  readonly statusCode?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The first 1 KiB of the reply. */
  readonly reply?: string;
}

/** What a queue knows about a delivery. */
export interface DeliverySummary {
  /** The id of the delivery, and its `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some. */
  readonly context?: JsonValue;
  readonly url: string;
  readonly state: DeliveryState;
  /** How many attempts have ended. */
  readonly attempts: number;
  readonly enqueuedAt: Date;
  /** When it was enqueued, when its latest attempt ended, or when it was retried or cancelled: the latest of these. */
  readonly updatedAt: Date;
  /** The earliest time of the next attempt, if it is queued. */
  readonly nextAttemptAt?: Date;
  /** Why its latest attempt failed. */
  readonly error?: string;
}

/** A delivery with its attempts. */
export interface DeliveryDetails extends DeliverySummary {
  /** The latest attempts, at most twenty, oldest first. */
  readonly history: readonly DeliveryAttempt[];
  /** The body that every attempt sends, in base64 if it is not text; absent if there is none or it was dropped. */
  readonly body?: string;
}

/** Selects the deliveries that match every given member. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback?: string | undefined;
  /** The host of the URL, with its port unless that is the default one: `www.external.org`, `127.0.0.1:3001`. */
  readonly host?: string | undefined;
  /** The idempotency key. Several deliveries may have the same key, for different handlers and URLs. */
  readonly key?: string | undefined;
  /** Deliveries whose `updatedAt` is at this time or later. */
  readonly since?: Date | undefined;
  /** Deliveries whose `updatedAt` is before this time. */
  readonly until?: Date | undefined;
}

/** Selects a page of a list. */
export interface DeliveryPageRequest {
  /** The most deliveries on the page, from 1 to 500. */
  readonly limit: number;
  /** The `next` of the previous page. */
  readonly cursor?: string;
}

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliverySummary[];
  /** The cursor of the next page; absent on the last page. */
  readonly next?: string;
}

/** How many deliveries a queue holds. */
export interface CallbackStats {
  /** Waiting for their first or their next attempt. */
  readonly queued: number;
  /** Queued deliveries that could be attempted now. */
  readonly due: number;
  /** When the oldest of these became due. */
  readonly oldestDueAt?: Date;
  /** Being attempted, by any process. */
  readonly inFlight: number;
  /** Delivered, and still remembered by the queue. */
  readonly delivered: number;
  /** Failed permanently, and still remembered by the queue. */
  readonly failed: number;
  /** Cancelled, and still remembered by the queue. */
  readonly cancelled: number;
}
