import type { CallbackDelivery, JsonValue, EnqueuedCallback } from '../callback-delivery.js';
import type {
  CallbackStats,
  DeliveryAttempt,
  DeliveryDetails,
  DeliveryFilter,
  DeliveryPage,
  DeliveryPageRequest,
  DeliveryState,
  DeliverySummary,
} from './deliveries.js';
import { CallbackContractError } from '../../errors/contract.errors.js';

/**
 * Stores deliveries until they are due. A queue belongs to one app at a time: the app starts, stops and closes it, and
 * can start it again afterwards. A queue need not check the order of calls: it is never started twice, and nothing is
 * called between `close()` and the next `start()`.
 *
 * `callbackQueueTests()` of `nestjs-callbacks/testing` checks everything described here.
 */
export interface CallbackQueue {
  /** The name of the queue in errors and in the log, such as `The queue in callbacks.db`. */
  readonly title: string;

  /** Whether `add()` takes a transaction. */
  readonly isTransactional?: boolean;

  /**
   * Adds a delivery, and resolves once it is stored as safely as this queue can. A delivery whose id the queue holds or
   * remembers changes nothing. May be called before `start()` and after `stop()`.
   *
   * @param transaction - the app's open transaction, if the queue `isTransactional`. The delivery is stored if it
   *   commits, and not if it rolls back. No statement of the queue may fail in it.
   * @throws CallbackQueueError if the delivery is not stored.
   */
  add(delivery: CallbackDelivery, transaction?: QueueTransaction): Promise<AddedDelivery>;

  /**
   * Begins to pass due deliveries to the worker, each to one worker at a time. Opens files and connections, so that a
   * mistake in the options stops the app from starting.
   *
   * @throws CallbackQueueError if the queue cannot work.
   */
  start(worker: QueueWorker): Promise<void>;

  /**
   * Resolves once the attempts in flight have ended, or after `grace` ms. No attempt begins after that. Until then, a
   * queue may still send deliveries that it would lose. All other deliveries stay in the queue.
   */
  stop(grace: number): Promise<void>;

  /** Releases files, connections and timers. */
  close(): Promise<void>;

  /** Returns one delivery with its attempts, or `undefined` if the queue does not know the id. */
  delivery(id: string): Promise<DeliveryDetails | undefined>;

  /**
   * Returns the matching deliveries, the last enqueued first. Cursors stay valid while deliveries change their state:
   * an unchanged delivery is on exactly one page.
   *
   * @throws TypeError if the cursor cannot be the `next` of a page, since clients can send anything.
   */
  deliveries(filter: DeliveryFilter, page: DeliveryPageRequest): Promise<DeliveryPage>;

  /**
   * Makes deliveries due now. A queued delivery keeps its count of attempts; one that has ended starts again, as if it
   * had just been enqueued. Deliveries in flight, deliveries without their body and unknown ids are ignored.
   *
   * @param ids - at most 500.
   * @returns the ids of the deliveries that are due now.
   */
  retry(ids: readonly string[]): Promise<readonly string[]>;

  /**
   * Prevents further attempts. A queued delivery is `cancelled` at once. One in flight becomes `delivered` if its
   * attempt succeeds and `cancelled` otherwise; in that case `QueueWorker.cancelled()` is called. Others are ignored.
   *
   * @param ids - at most 500.
   */
  cancel(ids: readonly string[]): Promise<CancelledDeliveries>;

  /**
   * Removes deliveries that have ended, with everything known about them. Others are ignored.
   *
   * @param ids - at most 500.
   * @returns the ids of the removed deliveries.
   */
  forget(ids: readonly string[]): Promise<readonly string[]>;

  /** Returns the number of deliveries of each kind, without counting them one by one. */
  stats(): Promise<CallbackStats>;
}

/**
 * An open transaction of the app, for queues that can join it: the result of `fromPg()` or a similar function of
 * `nestjs-callbacks/postgres`. For other libraries, write an object with this method.
 */
export interface QueueTransaction {
  /**
   * Runs one statement in the transaction.
   *
   * @param sql - the statement, with `$1`, `$2`, ... for the values.
   * @param values - strings and nulls, which every driver passes unchanged.
   * @returns the rows.
   */
  query(sql: string, values: readonly (string | null)[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** The result of `add()`. */
export type AddedDelivery =
  | { readonly status: 'queued' }
  | {
      /** The queue already knows the id. */
      readonly status: 'duplicate';
      readonly state: DeliveryState;
      /** The digest of the delivery that the queue knows. */
      readonly digest: string;
    };

/**
 * Returns the result of `enqueue()` for a delivery that was added.
 *
 * @throws CallbackContractError if its key was used before for another body.
 */
export function enqueuedCallback(
  { id, callback, key, digest }: Pick<CallbackDelivery, 'id' | 'callback' | 'key' | 'digest'>,
  added: AddedDelivery,
): EnqueuedCallback {
  if (added.status === 'queued') return { status: 'queued', id };
  if (added.digest !== digest) {
    const message = `its key '${key}' was used before for another body. Fix: give each callback its own key, and the same body whenever you enqueue it again`;
    throw new CallbackContractError(callback, [{ path: '', message }], 'CALLBACK_KEY_REUSED');
  }
  return { status: 'duplicate', id, state: added.state === 'inFlight' ? 'queued' : added.state };
}

/** The result of `cancel()`. */
export interface CancelledDeliveries {
  /** The ids of the deliveries that are cancelled now. */
  readonly cancelled: readonly string[];
  /** The ids of the deliveries whose attempt in flight decides. */
  readonly inFlight: readonly string[];
}

/** Makes the attempts for a queue. */
export interface QueueWorker {
  /** How many deliveries may be in flight at once. With 0 this process enqueues but does not send. */
  readonly concurrency: number;

  /**
   * Reserves slots for deliveries to one receiver. A queue asks for each receiver in turn and passes as many deliveries
   * as it got slots. A receiver without slots must not delay the next one.
   *
   * @param receiver - the `receiver` of the deliveries.
   * @param most - the number of slots that the queue could use.
   * @returns the number of reserved slots, from 0 to `most`. Each one is used by an `attempt()` or returned by
   *   `release()`.
   */
  acquire(receiver: string, most: number): number;

  /** Returns slots without attempts. */
  release(receiver: string, slots: number): void;

  /**
   * Makes one attempt with an acquired slot. It never rejects, and always ends.
   *
   * @param attempt - the number of the attempt: 1 for the first one, and for the first one after the `retry()` of a
   *   delivery that had ended. An attempt that was interrupted by a crash is repeated under the same number.
   */
  attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome>;

  /** Called for a delivery that was cancelled while this worker attempted it. It never rejects. */
  cancelled(delivery: DeliverySummary): Promise<void>;

  /**
   * Calls the listeners with an event that they missed when their process ended. It never rejects.
   *
   * @returns whether the listeners took the event, so that it can be dropped.
   */
  announce(event: UntoldEvent): Promise<boolean>;
}

/** An event that the listeners have not taken yet. It is opaque to the queue that stores it. */
export type UntoldEvent = JsonValue;

/** What a queue must do with a delivery after an attempt. */
export type AttemptOutcome = EndedAttempt | PostponedAttempt;

/** An attempt that counts. */
export type EndedAttempt = {
  /** The record of the attempt, to be stored with the delivery. */
  readonly record: DeliveryAttempt;
  /** Events to store with the delivery, for the `announce()` of the next worker. */
  readonly untold?: readonly UntoldEvent[];
} & (
  | { readonly status: 'delivered' }
  /** It is due again in `delay` ms. */
  | { readonly status: 'retry'; readonly delay: number }
  /** It is kept, and attempted again only after `retry()`. */
  | { readonly status: 'failed' }
);

/** A fault of this machine, such as a lack of file descriptors: the same attempt is repeated in `delay` ms. */
export interface PostponedAttempt {
  readonly status: 'postponed';
  /** In ms. */
  readonly delay: number;
  /** The fault. */
  readonly error: string;
}
