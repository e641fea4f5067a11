import { CallbackError } from './callback.error.js';

type CallbackQueueErrorCode = 'CALLBACK_QUEUE' | 'CALLBACK_UNKNOWN_DELIVERY';

interface CallbackQueueErrorOptions extends ErrorOptions {
  readonly code?: CallbackQueueErrorCode;
}

/**
 * The queue did not take a delivery, or could not be asked: it is full, closed or out of reach. A delivery that was
 * refused is not stored, as far as the queue can tell: enqueue it again, with a `key` where it must not come twice.
 *
 * @example
 * const isQueueDown = (error: unknown) => error instanceof CallbackError && error.code === 'CALLBACK_QUEUE';
 */
export class CallbackQueueError extends CallbackError {
  override readonly name = 'CallbackQueueError';
  /** `CALLBACK_UNKNOWN_DELIVERY`: the queue was asked about an id that it does not know. */
  readonly code: CallbackQueueErrorCode;

  constructor(message: string, { code = 'CALLBACK_QUEUE', ...options }: CallbackQueueErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
