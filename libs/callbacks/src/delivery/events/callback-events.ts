import type { CallbackReplyError } from '../../contract/callback-reply.error.js';

/** What every event says of its delivery. */
export interface CallbackEvent {
  /** The id of the delivery: what `enqueue()` resolved to, and the `webhook-id`. */
  readonly id: string;
  /** The callback, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key that it was enqueued with, where there is one. */
  readonly key?: string;
  /** Where it was sent. */
  readonly url: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
}

/** The receiver took a callback. */
export interface CallbackDelivered extends CallbackEvent {
  /** The HTTP status of the reply: 2xx. */
  readonly statusCode: number;
  /** The header fields of the reply, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The reply, as the model that the callback documents for it; `undefined` where it is not what is documented. */
  readonly body: unknown;
  /** Why the reply is not what the callback documents. The callback counts as delivered all the same. */
  readonly replyError?: CallbackReplyError;
}

/** One attempt to send a callback failed. */
export interface CallbackAttemptFailed extends CallbackEvent {
  readonly error: Error;
  /** When it is attempted again, at the earliest; `undefined` where it was the last attempt. */
  readonly nextAttemptAt?: Date;
}

/** A callback failed for good. It is kept: `callbacks.failed()` lists it, `callbacks.retry(id)` sends it again. */
export interface CallbackFailed extends CallbackEvent {
  /** Why the last attempt failed. */
  readonly error: Error;
}

/** What becomes of the callbacks that were enqueued, by the name of the event. */
export interface CallbackEvents {
  delivered: CallbackDelivered;
  attemptFailed: CallbackAttemptFailed;
  failed: CallbackFailed;
}
