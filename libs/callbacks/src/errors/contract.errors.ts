import { types } from 'node:util';
import { CallbackError } from './callback.errors.js';

/** One part of a value that does not match its model. */
export interface ContractIssue {
  /** The path of the part: `items[0].price`; empty for the value as a whole. */
  readonly path: string;
  /** What is expected there. It never contains the value itself. */
  readonly message: string;
}

const BODY = 'the body';

/** Issues of a body: an issue of the body as a whole gets "the body" as its subject. */
export function issuesOfBody(issues: readonly ContractIssue[]): ContractIssue[] {
  return issues.map(({ path, message }) => {
    const verb = /^(?:must|is|has|cannot) /.test(message) ? ' ' : ': ';
    return { path, message: path === '' ? `${BODY}${verb}${message}` : message };
  });
}

/** The longest description of issues, in characters. A reply can cause thousands of issues, and the error is logged. */
const MAX_TEXT_LENGTH = 2_000;

/** Describes issues in one line. A key in a reply can contain line breaks, so control characters are escaped. */
export function describeIssues(issues: readonly ContractIssue[]): string {
  const text = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  const shown = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)} … (${issues.length} in all)` : text;
  return shown.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * What your API was about to send does not match what the callback class documents. Nothing was sent.
 *
 * @example
 * try {
 *   await callbacks.send(InvoiceCallbacks, urls).invoiceNotification(event);
 * } catch (error) {
 *   if (error instanceof CallbackContractError) console.error(error.issues);
 * }
 */
export class CallbackContractError extends CallbackError {
  override readonly name = 'CallbackContractError';
  /** `CALLBACK_KEY_REUSED`: the same `key` was enqueued with another body. */
  readonly code: 'CALLBACK_CONTRACT' | 'CALLBACK_KEY_REUSED';

  constructor(
    /** The callback, as `InvoiceCallbacks.invoiceNotification`. */
    readonly callback: string,
    /** Every part that does not match. */
    readonly issues: readonly ContractIssue[],
    code: CallbackContractError['code'] = 'CALLBACK_CONTRACT',
  ) {
    super(describeContract(callback, issues));
    this.code = code;
  }
}

function describeContract(callback: string, issues: readonly ContractIssue[]): string {
  const text = describeIssues(issues);
  return issues.length === 1 && text.startsWith(BODY)
    ? `The body of ${callback}${text.slice(BODY.length)}. Nothing was sent.`
    : `${callback} was not sent: ${text}.`;
}

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

/** Returns the name of an error of other code. Its message may contain values, so it must not be shown. */
export function errorName(error: unknown): string {
  return error instanceof Error || types.isNativeError(error) ? error.name : typeof error;
}
