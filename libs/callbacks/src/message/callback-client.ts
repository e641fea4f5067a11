import { isWebhookController } from '../metadata/callback-metadata.js';
import type { CallbackClass } from '../metadata/callback-metadata.js';
import { CallbackContractError } from '../errors/contract.errors.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import type { CallbackOperation, ReceiverOperation } from '../contract/callback-contract.js';
import { readCallbackContract, readContract } from '../contract/read-contract.js';

/** The result of sending a callback. */
export type CallbackResult<Reply = unknown> =
  | {
      readonly status: 'delivered';
      /** The id of the delivery, which is the `webhook-id` if signing is on. */
      readonly id: string;
      /** Where it was sent. */
      readonly url: string;
      /** The HTTP status of the reply: 2xx. */
      readonly statusCode: number;
      /** The header fields of the reply, names in lower case. */
      readonly headers: Readonly<Record<string, string | string[]>>;
      /** The body of the reply, as an instance of the documented model. */
      readonly body: Reply;
      /** How often it was sent. */
      readonly attempts: number;
    }
  /** The client gave no URL: it did not ask for a callback, and nothing was sent. */
  | { readonly status: 'skipped' };

/** The type of every handler. */
type AnyMethod = (...args: never[]) => unknown;

/* One conditional type infers the arguments and the reply: two cost the type checker a fifth more in total. */

/** A handler without a return type returns `never`, as `receiverReplies()` does: its reply can be anything. */
type HandlerReply<Returned> = [Returned] extends [never] ? unknown : Awaited<Returned>;

/** The handlers of a callback class as methods that send their callbacks. */
export type CallbackClient<T extends object> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => infer Returned
    ? (...args: Given) => Promise<CallbackResult<HandlerReply<Returned>>>
    : never;
};

/** The handlers of a callback class as methods that do something with their callbacks other than sending them. */
export type CallbackMethods<T extends object, Result> = {
  readonly [Name in keyof T as T[Name] extends AnyMethod ? Name : never]: T[Name] extends (
    ...args: infer Given
  ) => unknown
    ? (...args: Given) => Promise<Result>
    : never;
};

/**
 * Returns the operations of a callback or webhook class.
 *
 * @throws CallbackContractError if the class has a mistake.
 */
export function sentOperationsOf(callbacks: CallbackClass): readonly ReceiverOperation[] {
  const { operations, problems } = readContract(callbacks);
  refuseProblems(problems);
  return operations;
}

/**
 * Returns the operations of a callback class.
 *
 * @throws CallbackContractError if the class has a mistake.
 */
export function operationsOf(callbacks: CallbackClass): readonly CallbackOperation[] {
  if (isWebhookController(callbacks)) throw noUrlsError(callbacks);
  const { operations, problems } = readCallbackContract(callbacks);
  refuseProblems(problems);
  return operations;
}

function refuseProblems([problem]: readonly CallbackProblem[]): void {
  if (!problem) return;
  const { place, message, fix } = problem;
  throw new CallbackContractError(place, [{ path: '', message: `${message} Fix: ${fix.replace(/\.$/, '')}` }]);
}

function noUrlsError({ name }: CallbackClass): CallbackContractError {
  const message =
    `${name} is a webhook class, and its URL is not in a request. ` +
    `Fix: pass the URL that you have stored, callbacks.enqueue(${name}, url)`;
  return new CallbackContractError(name, [{ path: '', message }]);
}
