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
  /** What went wrong, in one stable word for programs: `CALLBACK_DOCUMENT`, … */
  abstract readonly code: string;
}
