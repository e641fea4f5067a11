import type { CallbackClass } from '../metadata/callback-class.js';
import { CallbackContractError } from '../errors/callback-contract.error.js';
import type { CallbackOperation } from '../contract/callback-contract.js';
import { isWebhookController } from '../metadata/callback-metadata.js';
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
  const { message: reason, fix } = isWebhookController(callbacks) ? webhookProblem(callbacks) : problem;
  const message = `${reason} Fix: ${fix.replace(/\.$/, '')}`;
  throw new CallbackContractError(problem.place, [{ path: '', message }]);
}

/** A webhook goes to URLs that the app knows, and not the request: nothing sends it from its class. */
function webhookProblem({ name }: CallbackClass): { message: string; fix: string } {
  return {
    message: `${name} is a webhook class. Webhooks are documented, and cannot be sent with Callbacks.`,
    fix: `Send it with an HTTP client of your own, or move its handlers to a class with @CallbackController('{$request.query.callback_url}').`,
  };
}
