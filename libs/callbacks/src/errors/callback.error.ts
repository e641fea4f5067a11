const BRAND = Symbol.for('nestjs-callbacks: CallbackError');

/**
 * The error that every error of this package extends.
 *
 * @example
 * try {
 *   withCallbacks(app, document);
 * } catch (error) {
 *   if (error instanceof CallbackError) console.error(error.code, error.message);
 * }
 */
export abstract class CallbackError extends Error {
  /** Known by its name in every copy of this package, where `instanceof` knows its own copy only. */
  get [BRAND](): true {
    return true;
  }

  /** What went wrong, in one stable word for programs: `CALLBACK_DOCUMENT`, … */
  abstract readonly code: string;
}

/**
 * Tells whether an error is one of this package's. Its `code` says which.
 *
 * @example
 * const isWorthTrying = (error: unknown) => isCallbackError(error) && error.code === 'CALLBACK_DELIVERY';
 */
export function isCallbackError(error: unknown): error is CallbackError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
