import type { JsonValue } from '../callback-delivery.js';

/**
 * What has become of a delivery. `queued` waits for its first or its next attempt, `inFlight` is being attempted; the
 * other three have ended.
 */
export type DeliveryState = 'queued' | 'inFlight' | 'delivered' | 'failed' | 'cancelled';

/** How many attempts of a delivery are kept: the latest. */
export const MAX_HISTORY = 20;

/** One attempt that has ended, as it is kept with its delivery. */
export interface DeliveryAttempt {
  /** Which attempt it was, from 1. After `retry()` of a delivery that had ended the count begins again. */
  readonly attempt: number;
  /** When it began. */
  readonly at: Date;
  /** How long it took, in ms. */
  readonly duration: number;
  /** The HTTP status of the reply, if one came. */
  readonly statusCode?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The first 1 KiB of the reply. */
  readonly reply?: string;
}

/** What a queue knows of a delivery. */
export interface DeliverySummary {
  /** The id of the delivery, and its `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON that it was enqueued with. */
  readonly context?: JsonValue;
  readonly url: string;
  readonly state: DeliveryState;
  /** How many attempts have ended. */
  readonly attempts: number;
  readonly enqueuedAt: Date;
  /** When it was enqueued, when its latest attempt ended, or when it was retried or cancelled: the latest of these. */
  readonly updatedAt: Date;
  /** When it is attempted next, at the earliest, if it is queued. */
  readonly nextAttemptAt?: Date;
  /** Why its latest attempt failed. */
  readonly error?: string;
}

/** A delivery with its attempts. */
export interface DeliveryDetails extends DeliverySummary {
  /** Its latest attempts, at most twenty, in the order in which they were made. */
  readonly history: readonly DeliveryAttempt[];
  /** What every attempt sends, in base64 if it is not text; absent without a body, or once that was dropped. */
  readonly body?: string;
}

/** Which deliveries are meant: those that match every member which is given. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  /** The qualified name of the handler, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback?: string | undefined;
  /** The host of the URL, with its port unless that is the default one: `www.external.org`, `127.0.0.1:3001`. */
  readonly host?: string | undefined;
  /** The idempotency key. Several deliveries may have one key: it counts per handler and URL. */
  readonly key?: string | undefined;
  /** Those whose `updatedAt` is this or later. */
  readonly since?: Date | undefined;
  /** Those whose `updatedAt` is before this. */
  readonly until?: Date | undefined;
}

/** Which part of a list is asked for. */
export interface DeliveryPageRequest {
  /** How many deliveries at the most, 1 to 500. */
  readonly limit: number;
  /** The `next` of the page before this one. */
  readonly cursor?: string;
}

/** One page of deliveries. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliverySummary[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/** How many deliveries a queue holds. */
export interface CallbackStats {
  /** Waiting for their first or their next attempt. */
  readonly queued: number;
  /** Those of them that could be attempted now. */
  readonly due: number;
  /** Since when the oldest of those is due. */
  readonly oldestDueAt?: Date;
  /** Being attempted, by any process. */
  readonly inFlight: number;
  /** Delivered, of those that the queue still remembers. */
  readonly delivered: number;
  /** Failed for good, of those that the queue still remembers. */
  readonly failed: number;
  /** Cancelled, of those that the queue still remembers. */
  readonly cancelled: number;
}
