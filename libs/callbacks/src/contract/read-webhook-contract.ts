import type { CallbackClass } from '../metadata/callback-class.js';
import { qualifiedNameOf } from './callback-contract.js';
import type { ReceiverOperation, WebhookContract, WebhookOperation } from './callback-contract.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { callbackControllerOf, isWebhookController } from '../metadata/callback-metadata.js';
import { nestParametersOf } from '../metadata/nest-path.js';
import { readReceiverOperations } from './read-receiver-operations.js';
import { isExcludedFromDocuments, webhookNameOf } from '../metadata/route-metadata.js';

const webhookContracts = new WeakMap<CallbackClass, WebhookContract>();

/** Reads a webhook class, once. Mistakes become its `problems`; it never throws. */
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
  const contract = webhookContracts.get(callbacks) ?? readWebhookClass(callbacks);
  webhookContracts.set(callbacks, contract);
  return contract;
}

function readWebhookClass(callbacks: CallbackClass): WebhookContract {
  const operations = readReceiverOperations(callbacks, nameWebhook);
  return { callbacks, excluded: isExcludedFromDocuments(callbacks), ...operations };
}

function nameWebhook(operation: ReceiverOperation, path: string): WebhookOperation | CallbackProblem {
  const named = webhookNameOf(operation.method);
  if (named !== undefined) return { ...operation, webhook: named };
  const webhook = path.replace(/^\/+|\/+$/g, '') || operation.methodName;
  const [parameter] = nestParametersOf(path);
  if (!parameter) return { ...operation, webhook };
  const name = webhook.split('/').find((segment) => !/^[:*]/.test(segment)) ?? operation.methodName;
  return {
    code: 'path-parameter',
    place: qualifiedNameOf(operation),
    message: `Its path is the name of the webhook, but contains ${parameter.text}. A name has no parameters.`,
    fix: `Name the webhook '${name}', and send the value of ${parameter.text} in the body.`,
  };
}

function notAWebhookController(webhooks: unknown): CallbackProblem {
  const code = 'not-a-webhook-controller';
  const { constructor } = (webhooks ?? {}) as { constructor?: CallbackClass };
  if (typeof webhooks !== 'function' && constructor && isWebhookController(constructor)) {
    const { name } = constructor;
    const message = `An instance of ${name} is listed in the webhooks of CallbacksModule instead of the class.`;
    return { code, place: name, message, fix: `Write ${name} instead of new ${name}().` };
  }
  const name = typeof webhooks === 'function' ? webhooks.name : String(webhooks);
  const message = `${name} is listed in the webhooks of CallbacksModule but is not a webhook class.`;
  const fix = callbackControllerOf(webhooks)
    ? `Link the callback class to an operation, @ApiCallback(${name}), or list it in \`callbacks\` instead.`
    : `Put @WebhookController() on ${name}.`;
  return { code, place: name, message, fix };
}
