import type { ReportProblem } from '../../errors/callback-problem.js';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackOperation, WebhookOperation } from '../../contract/callback-contract.js';
import { duplicateOperation } from '../link/callback-graph.js';
import type { CallbackNode } from '../link/callback-graph.js';
import { duplicateWebhook } from '../link/link-operations.js';
import { operationIn } from '../../openapi/document-operations.js';
import type {
  CallbackObject,
  CallbacksObject,
  PathItemObject,
  Referable,
  OpenAPIDocument,
  OperationObject,
} from '../../openapi/openapi-types.js';
import { referenceIn } from '../../openapi/resolve-reference.js';
import type { Resolver } from '../../openapi/resolve-reference.js';
import type { CallbackWriter } from './write-callbacks.js';

/** What merging the callbacks of an operation needs. */
export interface MergeContext {
  readonly writer: CallbackWriter;
  /** Follows the references of the document that contains the operation. */
  readonly resolver: Resolver;
  readonly report: ReportProblem;
}

/**
 * Returns the `callbacks` of an operation: those that it already has (from `@ApiCallbacks()` of `@nestjs/swagger`, or
 * from an earlier `withCallbacks()`), and the linked ones. Two callbacks with one name are merged if they differ in URL
 * or HTTP method.
 */
export function mergeCallbacks(
  existing: CallbacksObject | undefined,
  nodes: readonly CallbackNode[],
  context: MergeContext,
): CallbacksObject {
  if (!existing) return context.writer.write(nodes);
  const isTaken = ({ name }: CallbackNode) => Object.hasOwn(existing, name);
  const merged: CallbacksObject = { ...existing, ...context.writer.write(nodes.filter((node) => !isTaken(node))) };
  for (const node of nodes.filter(isTaken)) {
    merged[node.name] = mergeCallback(existing[node.name]!, node, context);
  }
  return merged;
}

function mergeCallback(
  given: Referable<CallbackObject>,
  node: CallbackNode,
  context: MergeContext,
): Referable<CallbackObject> {
  const { writer, report } = context;
  const existing = resolve(given, node, context) ?? {};
  const isNew = (operation: CallbackOperation) => {
    const { urlText, httpMethod } = operation;
    const twin = existing[urlText] && operationIn(resolve(existing[urlText], node, context), httpMethod);
    if (!twin) return true;
    if (!writer.hasWritten(operation, twin)) report(duplicateOperation(node.name, operation, '@ApiCallbacks()'));
    return false;
  };
  const operations = node.operations.filter(isNew);
  if (operations.length === 0) return given;
  const linked = writer.writeInline({ ...node, operations });
  const urls = new Set([...Object.keys(existing), ...Object.keys(linked)]);
  return Object.fromEntries(
    [...urls].map((url): [string, PathItemObject] => {
      const item = existing[url];
      if (!item || !linked[url]) return [url, (item ?? linked[url])!];
      return [url, { ...linked[url], ...resolve(item, node, context) }];
    }),
  );
}

/** Resolves a reference. A dangling one is reported. */
function resolve<T extends object>(
  value: Referable<T>,
  node: CallbackNode,
  { resolver, report }: MergeContext,
): T | undefined {
  const resolved = resolver.resolve<T>(value);
  if (resolved) return resolved;
  report({
    code: 'unknown-reference',
    place: qualifiedNameOf(node.operations[0]!),
    message: `The callback ${node.name} of the operation is a reference to ${referenceIn(value)}, which is not in the document.`,
    fix: 'Correct the reference, or give the linked callback another name: @ApiCallback(Class, { name }).',
  });
  return undefined;
}

/**
 * Returns a copy of a document with these webhooks added: under `webhooks`, or under `x-webhooks` in OpenAPI 3.0, which
 * has no field for them.
 */
export function writeWebhooks(
  document: OpenAPIDocument,
  operations: readonly WebhookOperation[],
  writer: CallbackWriter,
  report: ReportProblem,
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
