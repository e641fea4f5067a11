import type { CallbackRequest } from '../client/render-request.js';

/*
 * Type aliases: an interface has no index signature, and the JSON columns of Prisma and others refuse it.
 */

/** A callback that is validated and rendered, and not sent yet: plain JSON, to be stored anywhere. */
export type CallbackDelivery = {
  readonly status: 'prepared';
  /** The id of the delivery, and its `webhook-id`: the same on every attempt. Without a dot. */
  readonly id: string;
  /** The callback, as `InvoiceCallbacks.invoiceNotification`, with the `id` of its class instead of its name if it has one. */
  readonly callback: string;
  /** The idempotency key, where one was given. */
  readonly key?: string;
  /** What every attempt sends. */
  readonly request: CallbackRequest;
};

/** The request gave no URL to be called back at: nothing was asked for, and there is nothing to send. */
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
      /** The id of the delivery: the `webhook-id` where signing is on. */
      readonly id: string;
    }
  | SkippedCallback;

/** The host that a delivery goes to, with its port. */
export function hostOf({ request }: CallbackDelivery): string {
  return new URL(request.url).host;
}
