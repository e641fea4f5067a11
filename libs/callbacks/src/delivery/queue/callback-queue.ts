import type { CallbackDelivery } from '../callback-delivery.js';

/**
 * Where deliveries wait, survive and come due. One queue belongs to one app at a time: it is started, stopped and
 * closed with it, and can be started again afterwards.
 *
 * The suite `callbackQueueContract()` of `nestjs-callbacks/testing` checks all that is said here.
 */
export interface CallbackQueue {
  /**
   * Holds a delivery, and resolves once it is as safe as this queue makes it. A delivery whose id the queue holds, or
   * still remembers to be delivered or failed, changes nothing. May be called before `start()` and after `stop()`.
   *
   * @throws CallbackQueueError where the delivery is not held.
   */
  add(delivery: CallbackDelivery): Promise<void>;

  /**
   * Begins to hand deliveries that are due to the worker, never one to two workers at once. Opens what the queue needs,
   * so that a mistake in its options stops the app from starting.
   *
   * @throws CallbackQueueError where the queue cannot work.
   */
  start(worker: QueueWorker): Promise<void>;

  /**
   * Resolves once the attempts in flight have ended, or after `grace` ms; none begins after that. What the queue would
   * lose may still be sent meanwhile. A delivery that is held stays held.
   */
  stop(grace: number): Promise<void>;

  /**
   * Lets go of files, connections and timers, once a start that is under way has ended. Nothing is taken after that until
   * it is started again.
   */
  close(): Promise<void>;

  /** The deliveries that failed for good, the latest first. */
  failed(page: FailedPage): Promise<readonly FailedDelivery[]>;

  /** Makes a delivery that failed for good due again, as if it were new; `false` where no such delivery has failed. */
  retry(id: string): Promise<boolean>;

  /** How many deliveries there are of each kind. */
  stats(): Promise<CallbackStats>;
}

/** What a queue hands its deliveries to. */
export interface QueueWorker {
  /** How many deliveries may be in flight at once. With 0 this process holds deliveries and sends none. */
  readonly concurrency: number;

  /** How many more deliveries may be handed over now that go to this host, as `www.external.org:8443`. */
  room(host: string): number;

  /**
   * Makes one attempt. It never rejects, and ends by itself.
   *
   * @param attempt - which attempt it is: 1 for the first one, and for the first one after `retry()`.
   */
  attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome>;
}

/** What a queue does with a delivery after an attempt. */
export type AttemptOutcome =
  /** It is done. Its id is remembered for a while. */
  | { readonly status: 'delivered' }
  /** It is due again in `delay` ms. */
  | { readonly status: 'retry'; readonly delay: number; readonly error: string }
  /** It is due again in `delay` ms, and the next attempt has the same number: this one says nothing of the receiver. */
  | { readonly status: 'postponed'; readonly delay: number; readonly error: string }
  /** It is kept, and handed out again after `retry()` only. */
  | { readonly status: 'failed'; readonly error: string };

/** Which failed deliveries to list. */
export interface FailedPage {
  readonly limit: number;
  readonly offset: number;
}

/** A delivery that failed for good. */
export interface FailedDelivery {
  readonly id: string;
  /** The callback, as `InvoiceCallbacks.invoiceNotification`. */
  readonly callback: string;
  /** The idempotency key, where one was given. */
  readonly key?: string;
  readonly url: string;
  /** How many attempts were made. */
  readonly attempts: number;
  /** Why the last one failed. */
  readonly error: string;
  readonly failedAt: Date;
}

/** How many deliveries a queue holds. */
export interface CallbackStats {
  /** Due, or waiting for their next attempt. */
  readonly queued: number;
  /** Being attempted, by any process. */
  readonly inFlight: number;
  /** Delivered, of those that the queue still remembers. */
  readonly delivered: number;
  /** Failed for good, and kept. */
  readonly failed: number;
}
