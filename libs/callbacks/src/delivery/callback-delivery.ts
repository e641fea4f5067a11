import type { CallbackRequest } from '../client/render-request.js';

/** A callback that is validated and rendered, and not sent yet: plain JSON, to be stored anywhere. */
export interface CallbackDelivery {
  readonly status: 'prepared';
  /** The id of the delivery, and its `webhook-id`: the same on every attempt. Without a dot. */
  readonly id: string;
  /** The callback, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, where one was given. */
  readonly key?: string;
  /** What every attempt sends. */
  readonly request: CallbackRequest;
}

/** The request gave no URL to be called back at: nothing was asked for, and there is nothing to send. */
export interface SkippedCallback {
  readonly status: 'skipped';
}

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
