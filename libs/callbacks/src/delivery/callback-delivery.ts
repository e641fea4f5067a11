import { createHash } from 'node:crypto';
import type { CallbackRequest } from '../message/render-request.js';

/** A JSON value, as a JSON column of a database stores it. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | { readonly [name: string]: JsonValue }
  | readonly JsonValue[];

/* Type aliases, since an interface has no index signature, and the JSON columns of Prisma and others reject it. */

/** The version of the format in which deliveries are stored. */
export const FORMAT_VERSION = 1;

/**
 * A callback that is validated and rendered, but not sent yet. It is plain JSON, to be stored anywhere. It does not
 * change until it has ended, so every attempt sends the same bytes.
 */
export type CallbackDelivery = {
  readonly status: 'prepared';
  /** The version of this format. A process leaves deliveries of a newer version to processes that know it. */
  readonly version: typeof FORMAT_VERSION;
  /** The id of the delivery and its `webhook-id`, the same on every attempt. It contains no dot. */
  readonly id: string;
  /**
   * The qualified name of the handler, such as `InvoiceCallbacks.invoiceNotification`, with the `id` of the class if it
   * has one.
   */
  readonly callback: string;
  /** The idempotency key, if there is one. */
  readonly key?: string;
  /**
   * The app's own JSON, if there is some. It is never sent. It is a string, since TypeORM cannot handle a recursive
   * type.
   */
  readonly context?: string;
  /** The base URL that the client gave. Deliveries wait only for other deliveries to the same receiver. */
  readonly receiver: string;
  /**
   * SHA-256 of what every attempt sends, in base64url. It shows whether two deliveries with the same `key` are equal.
   */
  readonly digest: string;
  /** How long one attempt may take, in ms, if the class sets it. */
  readonly timeout?: number;
  /** When it is attempted again, if the class sets it. */
  readonly retry?: { readonly schedule: readonly number[]; readonly jitter: number };
  /** When it expires, in ms since 1970, if the class sets that. After that it fails instead of being attempted. */
  readonly expiresAt?: number;
  /** The span that enqueued it, as a W3C `traceparent`. The spans of its attempts are linked to it. */
  readonly trace?: string;
  /** What every attempt sends. */
  readonly request: CallbackRequest;
};

/** The client gave no URL for the callback, so there is nothing to send. */
export type SkippedCallback = {
  readonly status: 'skipped';
};

/** The result of `prepare()`. */
export type PreparedCallback = CallbackDelivery | SkippedCallback;

/** The result of `enqueue()` and `submit()`. */
export type EnqueuedCallback =
  | {
      /** The queue holds it. */
      readonly status: 'queued';
      /** The id of the delivery, which is its `webhook-id` if it is signed. */
      readonly id: string;
    }
  | {
      /** The queue holds or remembers a delivery with the same key, handler, URL and body. */
      readonly status: 'duplicate';
      readonly id: string;
      /** The state of that delivery. */
      readonly state: 'queued' | 'delivered' | 'failed' | 'cancelled';
    }
  | SkippedCallback;

/** With a dot in the id, a part of the id could be passed off as the timestamp of a signature. */
const DELIVERY_ID = /^[\x21-\x2d\x2f-\x7e]{1,255}$/;

/** Whether a value is a valid id of a delivery: printable ASCII without a dot. */
export function isDeliveryId(id: unknown): id is string {
  return typeof id === 'string' && DELIVERY_ID.test(id);
}

/** Returns the host of a delivery, with its port unless that is the default one. */
export function hostOf({ request }: Pick<CallbackDelivery, 'request'>): string {
  return new URL(request.url).host;
}

/** Returns the app's own JSON as a `context` member, to be spread into another object. */
export function contextOf({ context }: Pick<CallbackDelivery, 'context'>): { context?: JsonValue } {
  // The JSON was checked when it was read, or comes from JSON.stringify().
  return context === undefined ? {} : { context: JSON.parse(context) as JsonValue };
}

/**
 * Returns the digest of a request. Two deliveries with one key are the same delivery only if their digests are equal.
 */
export function digestOf({ method, url, body }: CallbackRequest): string {
  // JSON separates the parts unambiguously.
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('base64url');
}
