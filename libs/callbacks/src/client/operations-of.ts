import type { CallbackClass } from '../contract/callback-class.js';
import { CallbackContractError } from '../contract/callback-contract.error.js';
import type { CallbackOperation } from '../contract/callback-contract.js';
import { readCallbackContract } from '../contract/read-callback-contract.js';

/**
 * The operations of a class, to be sent.
 *
 * @throws CallbackContractError where the class has a mistake.
 */
export function operationsOf(callbacks: CallbackClass): readonly CallbackOperation[] {
  const { operations, problems } = readCallbackContract(callbacks);
  const [problem] = problems;
  if (!problem) return operations;
  const message = `${problem.message} Fix: ${problem.fix.replace(/\.$/, '')}`;
  throw new CallbackContractError(problem.place, [{ path: '', message }]);
}
