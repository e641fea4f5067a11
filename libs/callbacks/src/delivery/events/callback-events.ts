import type { JsonValue } from '../callback-delivery.js';
import { CallbackReplyError } from '../../errors/contract.errors.js';

/** The members of every event of a delivery. */
export interface CallbackEvent {
  /** The id of the delivery, which `enqueue()` returned: its `webhook-id`. */
  readonly id: string;
  /** The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, if it was enqueued with one. */
  readonly key?: string;
  /** The app's own JSON, if it was enqueued with some. */
  readonly context?: JsonValue;
  /** The URL that was called. */
  readonly url: string;
  /** The number of the attempt, from 1; 0 if it was cancelled before the first one. */
  readonly attempt: number;
}

/** The members of every event of an attempt. */
export interface CallbackAttempted extends CallbackEvent {
  /** How long the attempt took, in ms. */
  readonly duration: number;
}

/** The receiver accepted a callback. */
export interface CallbackDelivered extends CallbackAttempted {
  /** The HTTP status of the reply: 2xx. */
  readonly statusCode: number;
  /** The header fields of the reply, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The body of the reply, as an instance of the documented model; `undefined` if it does not match. */
  readonly body: unknown;
  /** Why the reply does not match what the callback documents. The callback counts as delivered nevertheless. */
  readonly replyError?: CallbackReplyError;
}

/** An attempt to send a callback failed. */
export interface CallbackAttemptFailed extends CallbackAttempted {
  readonly error: Error;
  /** The earliest time of the next attempt; `undefined` if it was the last one. */
  readonly nextAttemptAt?: Date;
}

/**
 * A callback failed permanently. The queue keeps it: `callbacks.deliveries()` lists it, `callbacks.retry(id)` sends it
 * again.
 */
export interface CallbackFailed extends CallbackAttempted {
  /** Why the last attempt failed. */
  readonly error: Error;
}

/** A callback was cancelled by `callbacks.cancel()` and not delivered. */
export type CallbackCancelled = CallbackEvent;

/** The members of every event of a receiver. */
export interface CallbackReceiverEvent {
  /** The base URL that the client gave, or the URL of the webhook. */
  readonly receiver: string;
  /** The host, with its port unless that is the default one. */
  readonly host: string;
  /** How many other deliveries wait for this host, counted up to 500. Absent if the queue did not answer. */
  readonly waiting?: number;
}

/** A receiver does not answer any more: an attempt of this process got no reply at all. */
export interface CallbackReceiverDown extends CallbackReceiverEvent {
  /** Why that attempt failed. */
  readonly error: Error;
}

/** A receiver that was down has replied to an attempt of this process, with any status. */
export type CallbackReceiverUp = CallbackReceiverEvent;

/** The events of enqueued callbacks and their receivers, by name. */
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

type Name = DeliveryEventName;

/** The names of the events that queues can store. */
const DELIVERY_EVENTS: Readonly<Record<Name, true>> = {
  delivered: true,
  attemptFailed: true,
  failed: true,
  cancelled: true,
};

/** The names of all events. */
export const EVENTS: Readonly<Record<keyof CallbackEvents, true>> = {
  ...DELIVERY_EVENTS,
  receiverDown: true,
  receiverUp: true,
};

/** Converts an event to plain JSON, for a queue to store. */
export function storeEvent<N extends Name>(name: N, event: CallbackEvents[N]): JsonValue {
  const members = Object.entries(event).flatMap(([member, value]): [string, JsonValue][] => {
    const json = toJson(value);
    return json === undefined ? [] : [[member, json]];
  });
  return { name, event: Object.fromEntries(members) };
}

/** Returns plain JSON. Code of the app can throw errors that JSON cannot express: their messages must do. */
function toJson(value: unknown): JsonValue | undefined {
  try {
    const text: string | undefined = JSON.stringify(value, (_, inner: unknown) => {
      if (inner instanceof Error) return errorMembersOf(inner);
      return typeof inner === 'bigint' ? String(inner) : inner;
    });
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  } catch {
    return value instanceof Error ? { name: value.name, message: value.message } : undefined;
  }
}

/** Restores an event, or returns `undefined` if it is damaged or of a version with other events. */
export function restoreEvent(stored: JsonValue): { name: Name; event: CallbackEvents[Name] } | undefined {
  const { name, event } = Object(stored) as { name?: unknown; event?: Record<string, unknown> };
  if (typeof event !== 'object' || event === null || !isDeliveryEvent(name)) return undefined;
  const { error, replyError, nextAttemptAt, callback, statusCode } = event;
  const restored = {
    ...event,
    ...(error !== undefined && { error: Object.assign(new Error(), error) }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: new Date(String(nextAttemptAt)) }),
    ...(replyError !== undefined && {
      replyError: new CallbackReplyError(
        String(callback),
        Number(statusCode),
        (replyError as CallbackReplyError).issues,
      ),
    }),
  };
  // storeEvent() wrote an event of this name.
  return { name, event: restored as unknown as CallbackEvents[Name] };
}

/** Returns the members of an error to store. `name` and `message` are not enumerable. */
function errorMembersOf(error: Error): Record<string, unknown> {
  return { ...error, name: error.name, message: error.message };
}

function isDeliveryEvent(name: unknown): name is Name {
  return typeof name === 'string' && Object.hasOwn(DELIVERY_EVENTS, name);
}
