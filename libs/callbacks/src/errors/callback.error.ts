const BRAND = Symbol.for('nestjs-callbacks: CallbackError');

/**
 * The base class of every error of this package.
 *
 * @example
 * try {
 *   withCallbacks(app, document);
 * } catch (error) {
 *   if (error instanceof CallbackError) console.error(error.code, error.message);
 * }
 */
export abstract class CallbackError extends Error {
  /** Marks the errors of every copy of this package: `instanceof` works within one copy only. */
  get [BRAND](): true {
    return true;
  }

  /** What went wrong, as one stable word for programs: `CALLBACK_DOCUMENT`, … */
  abstract readonly code: string;
}

/**
 * Returns whether an error is one of this package. Its `code` says which one.
 *
 * @example
 * const isWorthTrying = (error: unknown) => isCallbackError(error) && error.code === 'CALLBACK_DELIVERY';
 */
export function isCallbackError(error: unknown): error is CallbackError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
