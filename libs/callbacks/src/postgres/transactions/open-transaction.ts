import { CallbackQueueError } from '../../errors/callback.errors.js';
import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';

/** The object of a library, as one of the functions of this folder describes it. */
interface TransactionSource {
  /** The name of the function, such as `fromPg()`. */
  readonly user: string;
  /** Whether it has an open transaction, as far as is known. */
  isOpen(): boolean;
  /** How to get an open transaction, as the end of a sentence. */
  readonly fix: string;
  readonly query: QueueTransaction['query'];
}

/**
 * Returns an open transaction that is checked again before each statement. A callback that is enqueued after the end of
 * a transaction would be sent even after a rollback.
 *
 * @throws TypeError if it is not open.
 */
export function openTransaction({ user, isOpen, fix, query }: TransactionSource): QueueTransaction {
  if (!isOpen()) throw new TypeError(`${user} needs an open transaction. Fix: ${fix}.`);
  return {
    async query(sql, values) {
      if (isOpen()) return query(sql, values);
      throw new CallbackQueueError(`The transaction of ${user} has ended. Fix: await enqueue() before it commits.`);
    },
  };
}
