import { describeIssues } from './callback-contract.error.js';
import type { ContractIssue } from './callback-contract.error.js';
import { CallbackError } from './callback.error.js';

/**
 * The receiver accepted the callback (2xx), but its reply does not match what the callback class documents, or the body
 * could not be read: it was too large, incomplete at the deadline, cut off, or not in its content encoding. The
 * callback counts as delivered and is not sent again.
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
    /** Every part that does not match, in the first object of the reply that does not match. */
    readonly issues: readonly ContractIssue[],
  ) {
    super(`The reply to ${callback} (${statusCode}) does not match its documentation: ${describeIssues(issues)}.`);
  }
}
