import type { CallbackReplyError } from '../../errors/callback-reply.error.js';
import type { JsonValue } from '../callback-delivery.js';

/** What every event says of its delivery. */
export interface CallbackEvent {
  /** The id of the delivery: what `enqueue()` resolved to, and the `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some. */
  readonly context?: JsonValue;
  /** Where it was sent. */
  readonly url: string;
  /** Which attempt this is, from 1; 0 if it was cancelled before the first one. */
  readonly attempt: number;
}

/** What every event of an attempt says. */
export interface CallbackAttempted extends CallbackEvent {
  /** How long the attempt took, in ms. */
  readonly duration: number;
}

/** The receiver took a callback. */
export interface CallbackDelivered extends CallbackAttempted {
  /** The HTTP status of the reply: 2xx. */
  readonly statusCode: number;
  /** The header fields of the reply, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The reply, as the model that the callback documents for it; `undefined` if it is not what is documented. */
  readonly body: unknown;
  /** Why the reply is not what the callback documents. The callback counts as delivered all the same. */
  readonly replyError?: CallbackReplyError;
}

/** One attempt to send a callback failed. */
export interface CallbackAttemptFailed extends CallbackAttempted {
  readonly error: Error;
  /** When it is attempted again, at the earliest; `undefined` if it was the last attempt. */
  readonly nextAttemptAt?: Date;
}

/** A callback failed for good. It is kept: `callbacks.deliveries()` lists it, `callbacks.retry(id)` sends it again. */
export interface CallbackFailed extends CallbackAttempted {
  /** Why the last attempt failed. */
  readonly error: Error;
}

/** A callback was cancelled by `callbacks.cancel()`, and was not delivered. */
export type CallbackCancelled = CallbackEvent;

/** What an event of a receiver says. */
export interface CallbackReceiverEvent {
  /** The base URL that the client gave, or the URL of the webhook. */
  readonly receiver: string;
  /** Its host, with its port unless that is the default one. */
  readonly host: string;
  /** How many other deliveries wait for this host: at most 500 are counted. Absent if the queue could not say. */
  readonly waiting?: number;
}

/** A receiver no longer answers: an attempt of this process got no reply at all. */
export interface CallbackReceiverDown extends CallbackReceiverEvent {
  /** Why that attempt failed. */
  readonly error: Error;
}

/** A receiver that was down has answered an attempt of this process, with anything at all. */
export type CallbackReceiverUp = CallbackReceiverEvent;

/** What becomes of the callbacks that were enqueued, and of their receivers, by the name of the event. */
export interface CallbackEvents {
  delivered: CallbackDelivered;
  attemptFailed: CallbackAttemptFailed;
  failed: CallbackFailed;
  cancelled: CallbackCancelled;
  receiverDown: CallbackReceiverDown;
  receiverUp: CallbackReceiverUp;
}

/** The events of a delivery. */
export type DeliveryEventName = Exclude<keyof CallbackEvents, 'receiverDown' | 'receiverUp'>;
