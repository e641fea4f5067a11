import { CallbackQueueError } from '../../errors/callback-queue.error.js';
import type { QueueTransaction } from '../../delivery/queue/callback-queue.js';

/** What one of the functions of this folder knows of the object that it was given. */
interface TransactionSource {
  /** The function, as `fromPg()`. */
  readonly user: string;
  /** Whether a transaction is open on it, as far as can be told. */
  isOpen(): boolean;
  /** How an open transaction is had, as the end of a sentence. */
  readonly fix: string;
  readonly query: QueueTransaction['query'];
}

/**
 * A transaction that is open now, and is asked again before each statement: what is enqueued after its end would be sent
 * even if it was rolled back.
 *
 * @throws TypeError if it is not open.
 */
export function openTransaction({ user, isOpen, fix, query }: TransactionSource): QueueTransaction {
  if (!isOpen()) throw new TypeError(`${user} was not given an open transaction. Fix: ${fix}.`);
  return {
    async query(sql, values) {
      if (isOpen()) return query(sql, values);
      throw new CallbackQueueError(
        `The transaction that ${user} was given has ended. Fix: await enqueue() before it commits.`,
      );
    },
  };
}
