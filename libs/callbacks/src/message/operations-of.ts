import type { CallbackClass } from '../metadata/callback-metadata.js';
import { isWebhookController } from '../metadata/callback-metadata.js';
import { CallbackContractError } from '../errors/contract.errors.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import type { CallbackOperation, ReceiverOperation } from '../contract/callback-contract.js';
import { readCallbackContract, readContract } from '../contract/read-contract.js';

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
