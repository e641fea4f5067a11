import type { CallbackDelivery, JsonValue } from '../callback-delivery.js';
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

/**
 * Where deliveries wait, survive and come due. One queue belongs to one app at a time: the app starts, stops and closes
 * it, and can start it again afterwards. What calls a queue sees to it that `start()` is called once at a time, and
 * nothing after `close()` until it is started again: a queue need not check that.
 *
 * `callbackQueueTests()` of `nestjs-callbacks/testing` checks all that is said here.
 */
export interface CallbackQueue {
  /** What the queue is called in errors and in the log, as `The queue in callbacks.db`. */
  readonly title: string;

  /** Whether `add()` takes a transaction. */
  readonly isTransactional?: boolean;

  /**
   * Holds a delivery, and resolves once it is as safe as this queue makes it. A delivery whose id the queue holds, or
   * still remembers, changes nothing. May be called before `start()` and after `stop()`.
   *
   * @param transaction - the app's open transaction, for a queue that `isTransactional`: the delivery is held once that
   *   commits, and never if it rolls back. No statement of the queue may fail in it.
   * @throws CallbackQueueError if the delivery is not held.
   */
  add(delivery: CallbackDelivery, transaction?: QueueTransaction): Promise<AddedDelivery>;

  /**
   * Begins to hand deliveries that are due to the worker, never one to two workers at once. Opens what the queue needs,
   * so that a mistake in its options stops the app from starting.
   *
   * @throws CallbackQueueError if the queue cannot work.
   */
  start(worker: QueueWorker): Promise<void>;

  /**
   * Resolves once the attempts in flight have ended, or after `grace` ms; none begins after that. What the queue would
   * lose may still be sent meanwhile. A delivery that is held stays held.
   */
  stop(grace: number): Promise<void>;

  /** Lets go of files, connections and timers. */
  close(): Promise<void>;

  /** One delivery with its attempts; `undefined` if the queue does not know the id. */
  delivery(id: string): Promise<DeliveryDetails | undefined>;

  /**
   * The deliveries that match, the one that was enqueued last first. A cursor stays right while deliveries change their
   * state: what is not changed is on exactly one page.
   *
   * @throws TypeError if the cursor cannot be the `next` of a page: clients send what they like.
   */
  deliveries(filter: DeliveryFilter, page: DeliveryPageRequest): Promise<DeliveryPage>;

  /**
   * Makes deliveries due now: a queued one keeps its count of attempts, one that has ended begins anew, as if it had just
   * been enqueued. One in flight, one whose body was dropped, and an unknown id are left alone.
   *
   * @param ids - at most 500.
   * @returns the ids of those that are due now.
   */
  retry(ids: readonly string[]): Promise<readonly string[]>;

  /**
   * Sees to it that no further attempt is begun. A queued delivery is `cancelled` at once. One in flight is `delivered`
   * if its attempt succeeds and `cancelled` otherwise; `QueueWorker.cancelled()` is called then. Others are left alone.
   *
   * @param ids - at most 500.
   */
  cancel(ids: readonly string[]): Promise<CancelledDeliveries>;

  /**
   * Removes deliveries that have ended, and all that is known of them. Others are left alone.
   *
   * @param ids - at most 500.
   * @returns the ids of those that were removed.
   */
  forget(ids: readonly string[]): Promise<readonly string[]>;

  /** How many deliveries there are of each kind, without counting them one by one. */
  stats(): Promise<CallbackStats>;
}

/**
 * An open transaction of the app, for queues that join it: what `fromPg()` and the like of `nestjs-callbacks/postgres`
 * give. For a library that has none of them, write an object with this method.
 */
export interface QueueTransaction {
  /**
   * Runs one statement in the transaction, and nowhere else.
   *
   * @param sql - with `$1`, `$2`, ... for the values.
   * @param values - strings and nulls, which every driver passes on as they are.
   * @returns the rows.
   */
  query(sql: string, values: readonly (string | null)[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What became of `add()`. */
export type AddedDelivery =
  | { readonly status: 'queued' }
  | {
      /** The queue knows the id. */
      readonly status: 'duplicate';
      readonly state: DeliveryState;
      /** The digest of the delivery that the queue knows. */
      readonly digest: string;
    };

/** What became of `cancel()`. */
export interface CancelledDeliveries {
  /** Those that are cancelled now. */
  readonly cancelled: readonly string[];
  /** Those whose attempt in flight decides. */
  readonly inFlight: readonly string[];
}

/** What a queue hands its deliveries to. */
export interface QueueWorker {
  /** How many deliveries may be in flight at once. With 0 this process enqueues but does not send. */
  readonly concurrency: number;

  /**
   * Reserves slots for deliveries to one receiver. A queue goes from receiver to receiver, hands over as many deliveries
   * as it was given slots, and does not let a receiver without slots hold up the next.
   *
   * @param receiver - `receiver` of the deliveries.
   * @param most - how many slots the queue could use.
   * @returns how many it has now: 0 to `most`. Each is used up by an `attempt()`, or given back by `release()`.
   */
  acquire(receiver: string, most: number): number;

  /** Gives back slots that no attempt was made with. */
  release(receiver: string, slots: number): void;

  /**
   * Makes one attempt, with a slot that was acquired for it. It never rejects, and ends by itself.
   *
   * @param attempt - which attempt it is: 1 for the first one, and for the first one after the `retry()` of a delivery
   *   that had ended. An attempt that ended with its process is made again under the same number.
   */
  attempt(delivery: CallbackDelivery, attempt: number): Promise<AttemptOutcome>;

  /** Is told that a delivery which this worker attempted was cancelled meanwhile. It never rejects. */
  cancelled(delivery: DeliverySummary): Promise<void>;

  /**
   * Tells the listeners an event that they could not be told when their process ended. It never rejects.
   *
   * @returns whether the event is told, and can be dropped.
   */
  announce(event: UntoldEvent): Promise<boolean>;
}

/** An event that no listener could be told yet. A queue stores it, and understands nothing of it. */
export type UntoldEvent = JsonValue;

/** What a queue does with a delivery after an attempt. */
export type AttemptOutcome = EndedAttempt | PostponedAttempt;

/** An attempt that counts. */
export type EndedAttempt = {
  /** What is kept of the attempt. */
  readonly record: DeliveryAttempt;
  /** Events to keep with the delivery, which are given to `announce()` of the next worker. */
  readonly untold?: readonly UntoldEvent[];
} & (
  | { readonly status: 'delivered' }
  /** It is due again in `delay` ms. */
  | { readonly status: 'retry'; readonly delay: number }
  /** It is kept, and handed over again after `retry()` only. */
  | { readonly status: 'failed' }
);

/** A fault of this machine, such as no free file descriptor: the same attempt is made again in `delay` ms. */
export interface PostponedAttempt {
  readonly status: 'postponed';
  /** In ms. */
  readonly delay: number;
  /** What was wrong. */
  readonly error: string;
}
