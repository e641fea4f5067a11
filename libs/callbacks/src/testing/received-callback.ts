import type { ContractIssue } from '../errors/contract.errors.js';
import type { OperationName } from '../metadata/callback-metadata.js';

/** A valid callback that a `CallbackReceiver` received. */
export interface ReceivedCallback<Arguments extends readonly unknown[] = readonly unknown[]> {
  /** The arguments of the sender, as the receiver reads them: instances of the declared classes. */
  readonly args: Arguments;
  /** The header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The whole called URL, with path and query. */
  readonly url: string;
  /** The `webhook-id`, if there is one. It is the same for every attempt of a delivery. */
  readonly id: string | undefined;
  /** The bytes of the body. */
  readonly rawBody: Buffer;
  /** The status of the answer; `undefined` after `hang()` or `reset()`. */
  readonly statusCode: number | undefined;
}

/** A rejected request, and how it was answered. */
export interface RefusedRequest {
  /** The HTTP method. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** The status of the answer: 404, 401, 400, or 413 for more than a megabyte. */
  readonly statusCode: number;
  /** Why, in complete sentences. */
  readonly message: string;
  /** Every part that does not match. */
  readonly issues: readonly ContractIssue[];
}

/** The arguments of a handler. */
export type ArgumentsOf<T extends object, Name extends OperationName<T>> = T[Name] extends (
  ...args: infer Arguments
) => unknown
  ? Arguments
  : never;

/** The declared return type of a handler; anything if it has none. */
export type ReplyOf<T extends object, Name extends OperationName<T>> = T[Name] extends (...args: never[]) => infer Reply
  ? [Awaited<Reply>] extends [void]
    ? unknown
    : Awaited<Reply>
  : never;
