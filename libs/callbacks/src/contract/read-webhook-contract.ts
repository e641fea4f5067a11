import type { CallbackClass } from './callback-class.js';
import type { WebhookContract } from './callback-contract.js';
import type { CallbackProblem } from './callback-problem.js';
import { isWebhookController } from './metadata.js';
import { readReceiverOperations } from './read-receiver-operations.js';
import { isExcludedFromDocuments, webhookNameOf } from './route-metadata.js';

/** Reads a webhook class. Every mistake is one of its `problems`; nothing is thrown. */
export function readWebhookContract(callbacks: CallbackClass): WebhookContract {
  if (!isWebhookController(callbacks)) {
    return {
      callbacks,
      excluded: false,
      methodNames: [],
      operations: [],
      problems: [notAWebhookController(callbacks)],
    };
  }
  const operations = readReceiverOperations(callbacks, (operation, path) => ({
    ...operation,
    webhook: webhookNameOf(operation.method) ?? (path.replace(/^\/+|\/+$/g, '') || operation.methodName),
  }));
  return { callbacks, excluded: isExcludedFromDocuments(callbacks), ...operations };
}

function notAWebhookController({ name }: CallbackClass): CallbackProblem {
  const message = `${name} is listed in the webhooks of CallbacksModule and is not marked as a webhook controller.`;
  return { code: 'not-a-webhook-controller', place: name, message, fix: `Put @WebhookController() on ${name}.` };
}
