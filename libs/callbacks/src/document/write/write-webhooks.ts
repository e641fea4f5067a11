import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { WebhookOperation } from '../../contract/callback-contract.js';
import type { CallbackProblem } from '../../errors/callback-problem.js';
import { operationIn } from '../../openapi/document-operations.js';
import type { OpenAPIDocument, OperationObject, PathItemObject } from '../../openapi/openapi-types.js';
import type { CallbackWriter } from './write-callbacks.js';

/**
 * A copy of a document with these webhooks beside those that it has: under `webhooks`, and under `x-webhooks` in
 * OpenAPI 3.0, which knows no other place for them.
 */
export function writeWebhooks(
  document: OpenAPIDocument,
  operations: readonly WebhookOperation[],
  writer: CallbackWriter,
  report: (problem: CallbackProblem) => void,
): OpenAPIDocument {
  const field = document.openapi.startsWith('3.0') ? 'x-webhooks' : 'webhooks';
  const webhooks: Record<string, PathItemObject> = { ...document[field] };
  for (const operation of operations) {
    const { webhook, httpMethod } = operation;
    const item = Object.hasOwn(webhooks, webhook) ? webhooks[webhook]! : {};
    const twin = operationIn(item, httpMethod);
    if (twin && writer.hasWritten(operation, twin)) continue;
    const written: OperationObject | undefined = writer.writeOperation(operation);
    if (!written) continue;
    if (twin) report(duplicateWebhook(operation));
    else webhooks[webhook] = { ...item, [httpMethod]: written };
  }
  return Object.keys(webhooks).length === 0 ? document : { ...document, [field]: webhooks };
}

/** Two webhooks that no document can hold beside each other. */
export function duplicateWebhook(operation: WebhookOperation): CallbackProblem {
  const name = `${operation.httpMethod.toUpperCase()} ${operation.webhook}`;
  const message = `The webhook ${name} already exists.`;
  return {
    code: 'duplicate-operation',
    place: qualifiedNameOf(operation),
    message,
    fix: 'Give one of them another name: the path of the method.',
  };
}
