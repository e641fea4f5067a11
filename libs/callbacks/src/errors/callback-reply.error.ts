import { describeIssues } from './callback-contract.error.js';
import type { ContractIssue } from './callback-contract.error.js';
import { CallbackError } from './callback.error.js';

/**
 * The receiver took the callback (2xx) and replied with something else than the callback class documents, or with a body
 * that could not be read: too large, not complete in time, broken off, or not in its content encoding. The callback counts
 * as delivered and is not sent again.
 *
 * @example
 * try {
 *   await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
 * } catch (error) {
 *   if (error instanceof CallbackReplyError) console.error(error.statusCode, error.issues);
 * }
 */
export class CallbackReplyError extends CallbackError {
  override readonly name = 'CallbackReplyError';
  readonly code = 'CALLBACK_REPLY';

  constructor(
    /** The callback, as `InvoiceCallbacks.invoiceNotification`. */
    readonly callback: string,
    /** The HTTP status of the reply. */
    readonly statusCode: number,
    /** Every part that does not fit of the first object in the reply that does not. */
    readonly issues: readonly ContractIssue[],
  ) {
    super(`The reply to ${callback} (${statusCode}) is not what it documents: ${describeIssues(issues)}.`);
  }
}
