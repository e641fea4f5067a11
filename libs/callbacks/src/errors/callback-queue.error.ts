import { CallbackError } from './callback.error.js';

type CallbackQueueErrorCode = 'CALLBACK_QUEUE' | 'CALLBACK_UNKNOWN_DELIVERY';

interface CallbackQueueErrorOptions extends ErrorOptions {
  readonly code?: CallbackQueueErrorCode;
}

/**
 * The queue did not accept a delivery, or did not answer: it is full, closed or unreachable. As far as the queue can
 * tell, the delivery is not stored. Enqueue it again, with a `key` if the receiver must not get it twice.
 *
 * @example
 * const isQueueDown = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_QUEUE';
 */
export class CallbackQueueError extends CallbackError {
  override readonly name = 'CallbackQueueError';
  /** `CALLBACK_UNKNOWN_DELIVERY`: the queue does not know the id of the delivery. */
  readonly code: CallbackQueueErrorCode;

  constructor(message: string, { code = 'CALLBACK_QUEUE', ...options }: CallbackQueueErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
