import type { CallbackRequest } from '../message/render-request.js';

/** A value that JSON can hold: what a JSON column of a database takes and gives back. */
export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[];

/** An object that JSON can hold. */
export type JsonObject = { readonly [name: string]: JsonValue };

/*
 * Type aliases: an interface has no index signature, and the JSON columns of Prisma and others refuse it.
 */

/** The version of the format in which deliveries are stored. */
export const FORMAT_VERSION = 1;

/**
 * A callback that is validated and rendered, and not sent yet: plain JSON, to be stored anywhere. Its members do not
 * change before it has ended, so that every attempt sends the same bytes.
 */
export type CallbackDelivery = {
  readonly status: 'prepared';
  /** The version of this format. A process leaves a delivery of a newer version to those who know it. */
  readonly version: typeof FORMAT_VERSION;
  /** The id of the delivery, and its `webhook-id`: the same on every attempt. Without a dot. */
  readonly id: string;
  /** The qualified name of the handler, as `InvoiceCallbacks.invoiceNotification`, with the `id` of its class if it has one. */
  readonly callback: string;
  /** The idempotency key, if one was given. */
  readonly key?: string;
  /** The app's own JSON, as a string, if it was given some: a type that holds itself is too deep for TypeORM. Never sent. */
  readonly context?: string;
  /** The base URL that the client gave: deliveries to one receiver wait for one another, and for no others. */
  readonly receiver: string;
  /** SHA-256 of what every attempt sends, in base64url: tells a second delivery of the same `key` from another one. */
  readonly digest: string;
  /** How long one attempt may take, in ms, if its class says so. */
  readonly timeout?: number;
  /** When it is attempted again, if its class says so. */
  readonly retry?: { readonly schedule: readonly number[]; readonly jitter: number };
  /** From when on it fails instead of being attempted, in ms since 1970, if its class says so. */
  readonly expiresAt?: number;
  /** The span that enqueued it, as a W3C `traceparent`: those of its attempts are linked to it. */
  readonly trace?: string;
  /** What every attempt sends. */
  readonly request: CallbackRequest;
};

/** The request gave no URL for the callback: nothing was asked for, and there is nothing to send. */
export type SkippedCallback = {
  readonly status: 'skipped';
};

/** What `prepare()` gives. */
export type PreparedCallback = CallbackDelivery | SkippedCallback;

/** What `enqueue()` and `submit()` give. */
export type EnqueuedCallback =
  | {
      /** The queue holds it. */
      readonly status: 'queued';
      /** The id of the delivery: the `webhook-id` if it is signed. */
      readonly id: string;
    }
  | {
      /** The queue holds or remembers a delivery of the same key, handler and URL, and of the same body. */
      readonly status: 'duplicate';
      readonly id: string;
      /** What has become of that delivery. */
      readonly state: 'queued' | 'delivered' | 'failed' | 'cancelled';
    }
  | SkippedCallback;

/** The host that a delivery goes to, with its port unless that is the default one. */
export function hostOf({ request }: Pick<CallbackDelivery, 'request'>): string {
  return new URL(request.url).host;
}

/** The app's own JSON, to be spread into what bears it. */
export function contextOf({ context }: Pick<CallbackDelivery, 'context'>): { context?: JsonValue } {
  // Checked when it was read, or written by JSON.stringify().
  return context === undefined ? {} : { context: JSON.parse(context) as JsonValue };
}
